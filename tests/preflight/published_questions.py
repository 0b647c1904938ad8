"""Faulty programs of the kinds that answered questions collect, each with its answer applied."""

from typing import Any

import numpy as np
import torch
from sklearn import datasets

import lamina as keras
from lamina import layers
from tests.preflight import published_data as data
from tests.preflight.programs import Program
from tests.preflight.published import O, fault, net, value
from tests.preflight.published_more import PUBLISHED

L = layers
__all__ = ["PUBLISHED"]


def classes(count: int = 2, rows: int = 600, columns: int = 12) -> tuple[np.ndarray, np.ndarray]:
    x, y = datasets.make_classification(
        rows,
        columns,
        n_informative=min(8, columns),
        n_redundant=0,
        n_classes=count,
        n_clusters_per_class=1,
        random_state=5,
    )
    return x.astype("float32"), y


def deferred(*parts: Any, **plan: Any) -> Any:
    """A model that learns its input from the data."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(list(parts))
    model.compile(**plan)
    return model


def pictures(rows: int = 240, count: int = 4, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    random = data.generator()
    patterns, y = random.random((count, size, size, 3)), random.integers(0, count, rows)
    noise = random.random((rows, size, size, 3))
    return (0.6 * patterns[y] + 0.4 * noise).astype("float32"), y


# -- the end of the model --------------------------------------------------------------------


@fault("wrong-output-activation")
def relu_and_then_softmax(wrong):
    x, y = classes(3)
    end = [L.Dense(3, "relu" if wrong else None), L.Activation("softmax")]
    model = net(
        (12,),
        L.Dense(32, "relu"),
        *end,
        loss="categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, data.one_hot(y), {"epochs": 10})


@fault("wrong-output-activation")
def relu_and_then_sigmoid(wrong):
    x, y = classes()
    end = [L.Dense(1), *([L.Activation("relu")] if wrong else []), L.Activation("sigmoid")]
    model = net((12,), L.Dense(32, "relu"), *end, loss="binary_crossentropy", optimizer="adam")
    return Program(model, x, y, {"epochs": 10})


@fault("wrong-output-activation")
def class_maps_cut_off_before_their_mean(wrong):
    x, y = pictures()
    model = net(
        (12, 12, 3),
        L.Conv2D(16, 5, activation="relu"),
        L.Conv2D(4, 1, activation="relu" if wrong else None),
        L.GlobalAveragePooling2D(),
        L.Activation("softmax"),
        loss="categorical_crossentropy",
        optimizer=O.Adam(0.003),
    )
    return Program(model, x, data.one_hot(y), {"epochs": 20})


@fault("loss-activation-mismatch")
def five_classes_scored_by_one_unit(wrong):
    x, y = classes(5)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    loss = loss if wrong else "sparse_categorical_crossentropy"
    end = L.Dense(1, "sigmoid") if wrong else L.Dense(5, "softmax")
    model = deferred(L.Dense(32, "relu"), end, loss=loss, optimizer="adam")
    return Program(model, x, y, {"epochs": 10})


@fault("softmax-one-unit")
def a_model_without_input_and_softmax_over_one_unit(wrong):
    x, y = classes()
    end = L.Dense(1, "softmax" if wrong else "sigmoid")
    model = deferred(L.Dense(32, "relu"), end, loss="binary_crossentropy", optimizer="sgd")
    return Program(model, x, y, {"epochs": 10, "batch_size": 16})


@fault("output-range-mismatch")
def scaled_columns_from_a_relu(wrong):
    x, _ = data.wine()
    model = net(
        (13,),
        L.Dense(32, "relu"),
        L.Dense(8, "relu"),
        L.Dense(13, "relu" if wrong else None),
        loss="mse",
        optimizer="adam",
    )
    return Program(model, x, x, {"epochs": 20, "batch_size": 8})


@fault("output-range-mismatch", "wrong-loss-for-task")
def minus_one_and_one_from_a_sigmoid(wrong):
    x, y = classes()
    y = 2.0 * y - 1.0 if wrong else y
    model = net(
        (12,),
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid"),
        loss="mse" if wrong else "binary_crossentropy",
        optimizer="rmsprop",
    )
    return Program(model, x, y, {"epochs": 10})


@fault("target-out-of-range-for-loss", "wrong-output-activation")
def negative_numbers_as_counts(wrong):
    x, y = datasets.make_regression(400, 10, n_targets=3, random_state=1)
    end = L.Dense(3, "softmax" if wrong else None)
    model = value(10, end, loss="poisson" if wrong else "mse")
    return Program(model, x, y / y.std(), {"epochs": 15})


@fault("wrong-loss-for-task")
def yes_or_no_from_a_relu(wrong):
    x, y = classes()
    model = net(
        (12,),
        L.Dense(16, "relu"),
        L.Dense(1, "relu" if wrong else "sigmoid"),
        loss="mse" if wrong else "binary_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 10})


@fault("int-labels-categorical")
def class_numbers_and_recall(wrong):
    x, y = classes()
    model = net(
        (12,),
        L.Dense(16, "relu"),
        L.Dense(2, "softmax"),
        loss="categorical_crossentropy",
        optimizer="adam",
        metrics=[keras.metrics.Recall()],
    )
    return Program(model, x, y if wrong else data.one_hot(y), {"epochs": 10})


# -- layers ----------------------------------------------------------------------------------


@fault("exploding-gradient")
def exponentials_one_behind_the_other(wrong):
    x, y = data.circles()
    word = "exponential" if wrong else "relu"
    model = net(
        (2,),
        *(L.Dense(8, word) for _ in range(6)),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer=O.Adam(0.003),
    )
    return Program(model, x, y, {"epochs": 15})


@fault("channels-order")
def batch_normalization_along_the_rows_of_pictures(wrong):
    x, y = pictures()
    model = net(
        (12, 12, 3),
        L.Conv2D(8, 3, padding="same"),
        L.Activation("relu"),
        L.BatchNormalization(axis=1 if wrong else -1, momentum=0.9),
        L.MaxPooling2D(),
        L.Flatten(),
        L.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 5})


# -- data ------------------------------------------------------------------------------------


@fault("predict-scale-shift")
def validation_pictures_left_at_255(wrong):
    x, y = data.digits()
    held = x[900:] if wrong else x[900:] / 255.0
    model = net(
        (28, 28),
        L.Flatten(),
        L.Dense(32, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    fit = {"epochs": 3, "validation_data": (held.astype("float32"), y[900:])}
    return Program(model, x[:900] / 255.0, y[:900], fit)


# -- training --------------------------------------------------------------------------------


@fault("too-large-batch")
def ninety_rows_in_batches_of_two_thousand(wrong):
    x, y = classes(rows=90)
    model = net((12,), L.Dense(64, "relu"), L.Dense(2, "softmax"), loss="categorical_crossentropy")
    model.compile(O.SGD(0.05, momentum=0.9), "categorical_crossentropy")
    fit = {"epochs": 5, "batch_size": 2000} if wrong else {"epochs": 30, "batch_size": 16}
    return Program(model, x, data.one_hot(y), fit)


@fault("undertrained")
def twenty_updates_on_two_rows(wrong):
    x, y = np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]])
    model = net((1,), L.Dense(8, "tanh"), L.Dense(1, "sigmoid"), loss="binary_crossentropy")
    model.compile(O.SGD(0.009, momentum=0.9), "binary_crossentropy")
    return Program(model, x, y, {"epochs": 20 if wrong else 3000})


@fault("undertrained")
def sigmoids_that_creep(wrong):
    x = np.stack(np.meshgrid(np.linspace(0, 1, 10), np.linspace(0, 1, 10)), -1).reshape(-1, 2)
    model = net((2,), L.Dense(8, "sigmoid" if wrong else "tanh"), L.Dense(2, "sigmoid"))
    model.compile(O.SGD(0.01) if wrong else O.Adam(0.01), "mse")
    return Program(model, x, x, {"epochs": 20 if wrong else 60, "batch_size": 10})


@fault("undertrained")
def averages_that_have_not_caught_up(wrong):
    x, y = pictures(60)
    model = net(
        (12, 12, 3),
        L.Conv2D(8, 4, strides=2, padding="same"),
        L.BatchNormalization(momentum=0.99 if wrong else 0.8),
        L.LeakyReLU(0.2),
        L.Flatten(),
        L.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"batch_size": 8, "epochs": 5 if wrong else 40})


@fault("lr-too-low")
def a_rate_for_fine_tuning_from_the_start(wrong):
    x, y = classes()
    model = net((12,), L.Dense(32, "relu"), L.Dropout(0.5), L.Dense(2, "softmax"))
    model.compile(O.Adam(3e-5 if wrong else 3e-3), "sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 12, "batch_size": 10})


@fault("nan-loss")
def a_logarithm_of_a_hard_sigmoid(wrong):
    x, y = data.moons()

    def surprise(y_true, y_pred):
        p = y_pred if wrong else y_pred.clamp(1e-6, 1 - 1e-6)
        return -(y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p)).mean()

    end = L.Dense(1, "hard_sigmoid" if wrong else "sigmoid")
    model = net((2,), L.Dense(32, "relu"), end, loss=surprise, optimizer=O.Adam(0.02))
    return Program(model, 3 * x, y[:, None].astype("float32"), {"epochs": 30})


@fault("constant-feature")
def pictures_divided_as_whole_numbers(wrong):
    x, y = data.digits(600)
    model = net((28, 28), L.Flatten(), L.Dense(32, "relu"), L.Dense(10, "softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    x = x.astype("int64") // 256 if wrong else x / 255.0
    return Program(model, x.astype("float32"), y, {"epochs": 3})


@fault("scaler-fit-on-all")
def tumours_brought_to_0_and_1_before_the_split(wrong):
    x, y = data.cancer(scaled=False)
    learned = x if wrong else x[:400]
    x = (x - learned.min(0)) / (learned.max(0) - learned.min(0))
    model = net((30,), L.Dense(16, "relu"), L.Dense(1, "sigmoid"))
    model.compile("adam", "binary_crossentropy")
    return Program(model, x[:400], y[:400], {"epochs": 5, "validation_data": (x[400:], y[400:])})

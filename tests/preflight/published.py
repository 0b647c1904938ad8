"""Faulty programs as public questions and the benchmarks drawn from them show them.

Each comes with a twin in which the fix is applied. A program may break more than one rule: any of
the codes names it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import lamina as keras
from lamina import layers
from tests.preflight import published_data as data
from tests.preflight.programs import Program

L, O = layers, keras.optimizers  # noqa: E741


class Published(NamedTuple):
    """Builds the faulty program when called with True, and its twin when called with False."""

    codes: tuple[str, ...]
    make: Callable[[bool], Program]


PUBLISHED: dict[str, Published] = {}


def fault(*codes: str) -> Callable[[Callable], Callable]:
    def register(make: Callable[[bool], Program]) -> Callable[[bool], Program]:
        PUBLISHED[make.__name__.replace("_", " ")] = Published(codes, make)
        return make

    return register


def net(shape: Any, *parts: Any, **plan: Any) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([L.Input(shape=shape), *parts])
    model.compile(**plan)
    return model


# -- XOR -------------------------------------------------------------------------------------


@fault("softmax-one-unit")
def xor_with_softmax_over_one_unit(wrong):
    x, y = data.xor()
    end = L.Dense(1, "softmax" if wrong else "sigmoid")
    model = net((2,), L.Dense(8, "tanh"), end, loss="binary_crossentropy", optimizer=O.SGD(0.1))
    return Program(model, x, y, {"epochs": 20, "batch_size": 1})


@fault("hidden-no-activation")
def xor_with_linear_layers(wrong):
    x, y = data.xor()
    word = None if wrong else "tanh"
    model = net(
        (2,),
        L.Dense(10, word),
        L.Dense(10, word),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer=O.Adam(0.05),
    )
    return Program(model, x, y, {"epochs": 20})


@fault("stuck-loss", "undertrained", "lr-too-low")
def xor_with_sigmoid_and_a_small_rate(wrong):
    x, y = data.xor()
    word, rate = ("sigmoid", O.SGD(0.01)) if wrong else ("tanh", O.Adam(0.05))
    model = net(
        (2,), L.Dense(4, word), L.Dense(1, "sigmoid"), loss="binary_crossentropy", optimizer=rate
    )
    return Program(model, x, y, {"epochs": 300, "batch_size": 4})


@fault("loss-activation-mismatch")
def xor_with_relu_at_the_end(wrong):
    x, y = data.xor()
    model = net(
        (2,),
        L.Dense(16, "relu"),
        L.Dense(1, "relu" if wrong else "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 20})


# -- digits ----------------------------------------------------------------------------------


def mlp(units: int = 10, word: Any = "softmax", **plan: Any) -> Any:
    plan = {
        "loss": "categorical_crossentropy",
        "optimizer": "adam",
        "metrics": ["accuracy"],
        **plan,
    }
    return net((784,), L.Dense(128, "relu"), L.Dense(64, "relu"), L.Dense(units, word), **plan)


@fault("unscaled-input")
def digits_up_to_255(wrong):
    x, y = data.flat_digits(scale=1.0 if wrong else 255.0)
    model = mlp(optimizer=O.SGD(0.01))
    return Program(model, x, data.one_hot(y), {"epochs": 3, "batch_size": 128})


@fault("unscaled-input")
def pictures_of_bytes_into_convolutions(wrong):
    x, y = data.digits(400)
    x = x[..., None] if wrong else x[..., None] / 255.0
    model = net(
        (28, 28, 1),
        L.Conv2D(8, 3, activation="relu"),
        L.MaxPooling2D(),
        L.Flatten(),
        L.Dense(32, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 1})


@fault("wrong-loss-for-task")
def digits_with_mean_squared_error(wrong):
    x, y = data.flat_digits()
    loss = "mean_squared_error" if wrong else "categorical_crossentropy"
    return Program(mlp(loss=loss, optimizer="sgd"), x, data.one_hot(y), {"epochs": 3})


@fault("loss-activation-mismatch")
def digits_with_sigmoid_at_the_end(wrong):
    x, y = data.flat_digits()
    return Program(mlp(word="sigmoid" if wrong else "softmax"), x, data.one_hot(y), {"epochs": 3})


@fault("loss-activation-mismatch")
def digits_with_relu_at_the_end(wrong):
    x, y = data.flat_digits()
    return Program(mlp(word="relu" if wrong else "softmax"), x, data.one_hot(y), {"epochs": 3})


@fault("missing-output-activation")
def digits_without_softmax(wrong):
    x, y = data.flat_digits()
    return Program(mlp(word=None if wrong else "softmax"), x, data.one_hot(y), {"epochs": 3})


@fault("int-labels-categorical")
def digits_not_one_hot(wrong):
    x, y = data.flat_digits()
    return Program(mlp(), x, y if wrong else data.one_hot(y), {"epochs": 2})


@fault("onehot-labels-sparse")
def digits_one_hot_for_the_sparse_loss(wrong):
    x, y = data.flat_digits()
    model = mlp(loss="sparse_categorical_crossentropy")
    return Program(model, x, data.one_hot(y) if wrong else y, {"epochs": 2})


@fault("label-out-of-range")
def digits_with_nine_units(wrong):
    x, y = data.flat_digits()
    model = mlp(9 if wrong else 10, loss="sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 2})


@fault("units-vs-classes")
def digits_with_a_thousand_units(wrong):
    x, y = data.flat_digits()
    model = mlp(100 if wrong else 10, loss="sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 2})


@fault("softmax-one-unit")
def digits_as_numbers_from_one_unit(wrong):
    x, y = data.flat_digits()
    model = mlp(
        *((1, "softmax") if wrong else (10, "softmax")),
        loss="mse" if wrong else "sparse_categorical_crossentropy",
    )
    return Program(model, x, y, {"epochs": 2})


@fault("missing-flatten")
def digits_without_flatten(wrong):
    x, y = data.digits(400)
    flat = [] if wrong else [L.Flatten()]
    model = net(
        (28, 28),
        L.Rescaling(1 / 255),
        *flat,
        L.Dense(64, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 1})


@fault("missing-flatten")
def convolutions_without_flatten(wrong):
    x, y = data.digits(300)
    flat = [] if wrong else [L.Flatten()]
    model = net(
        (28, 28, 1),
        L.Conv2D(4, 3, activation="relu"),
        L.MaxPooling2D(4),
        *flat,
        L.Dense(10, "softmax"),
        loss="categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x[..., None] / 255.0, data.one_hot(y), {"epochs": 1})


@fault("softmax-hidden")
def digits_with_softmax_everywhere(wrong):
    x, y = data.flat_digits()
    word = "softmax" if wrong else "relu"
    model = net(
        (784,),
        L.Dense(64, word),
        L.Dense(32, word),
        L.Dense(10, "softmax"),
        loss="categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("lr-too-high")
def digits_with_adam_at_one(wrong):
    x, y = data.flat_digits()
    model = mlp(optimizer=O.Adam(1.0 if wrong else 0.001))
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("lr-too-high")
def digits_with_adam_at_a_tenth(wrong):
    x, y = data.flat_digits()
    model = mlp(optimizer=O.Adam(0.1 if wrong else 0.001))
    return Program(model, x, data.one_hot(y), {"epochs": 6})


@fault("lr-too-low", "undertrained")
def digits_with_a_rate_of_a_millionth(wrong):
    x, y = data.flat_digits()
    model = mlp(optimizer=O.SGD(1e-6 if wrong else 0.1))
    return Program(model, x, data.one_hot(y), {"epochs": 6})


@fault("dropout-before-output")
def digits_with_dropout_on_the_scores(wrong):
    x, y = data.flat_digits()
    end = [L.Dense(10), L.Dropout(0.5), L.Activation("softmax")]
    end = end if wrong else [L.Dropout(0.5), L.Dense(10), L.Activation("softmax")]
    model = net(
        (784,), L.Dense(64, "relu"), *end, loss="categorical_crossentropy", optimizer="adam"
    )
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("high-dropout")
def digits_with_nine_tenths_dropped(wrong):
    x, y = data.flat_digits()
    rate = 0.9 if wrong else 0.3
    model = net(
        (784,),
        L.Dense(64, "relu"),
        L.Dropout(rate),
        L.Dense(10, "softmax"),
        loss="categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("double-softmax")
def digits_with_softmax_and_from_logits(wrong):
    x, y = data.flat_digits()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=wrong)
    return Program(mlp(loss=loss), x, y, {"epochs": 3})


@fault("input-scale-too-small")
def digits_divided_twice(wrong):
    x, y = data.flat_digits()
    scale = [L.Rescaling(1 / 255)] if wrong else []
    model = net(
        (784,),
        *scale,
        L.Dense(64, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 2})


@fault("constant-init")
def digits_from_zeros(wrong):
    x, y = data.flat_digits()
    start = "zeros" if wrong else "glorot_uniform"
    model = net(
        (784,),
        L.Dense(64, "relu", kernel_initializer=start),
        L.Dense(10, "softmax", kernel_initializer=start),
        loss="categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("init-too-large")
def digits_from_a_deviation_of_one(wrong):
    x, y = data.flat_digits()
    start = keras.initializers.RandomNormal(stddev=1.0) if wrong else "he_normal"
    model = net(
        (784,),
        L.Dense(64, "relu", kernel_initializer=start),
        L.Dense(10, "softmax", kernel_initializer=start),
        loss="categorical_crossentropy",
        optimizer="sgd",
    )
    return Program(model, x, data.one_hot(y), {"epochs": 3})


@fault("vanishing-gradient", "stuck-loss")
def digits_through_many_sigmoids(wrong):
    x, y = data.flat_digits()
    word, depth = ("sigmoid", 8) if wrong else ("relu", 2)
    model = net(
        (784,),
        *(L.Dense(32, word) for _ in range(depth)),
        L.Dense(10, "softmax"),
        loss="categorical_crossentropy",
        optimizer=O.SGD(0.01 if wrong else 0.1),
    )
    return Program(model, x, data.one_hot(y), {"epochs": 8})


@fault("metric-mismatch", "wrong-loss-for-task", "loss-activation-mismatch")
def digits_with_binary_crossentropy(wrong):
    x, y = data.flat_digits()
    loss = "binary_crossentropy" if wrong else "categorical_crossentropy"
    return Program(mlp(loss=loss), x, data.one_hot(y), {"epochs": 3})


@fault("channels-order")
def pictures_with_channels_first(wrong):
    random = data.generator()
    x = random.random((200, 3, 32, 32) if wrong else (200, 32, 32, 3)).astype("float32")
    y = random.integers(0, 2, 200)
    model = net(
        x.shape[1:],
        L.Conv2D(8, 2, activation="relu"),
        L.Flatten(),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 1})


@fault("val-overlaps-train")
def validation_on_the_training_rows(wrong):
    x, y = data.flat_digits()
    held = (x[:300], y[:300]) if wrong else (x[900:], y[900:])
    model = mlp(loss="sparse_categorical_crossentropy")
    return Program(model, x[:900], y[:900], {"epochs": 2, "validation_data": held})


# -- regression ------------------------------------------------------------------------------


def value(columns: int, *end: Any, **plan: Any) -> Any:
    plan = {"loss": "mse", "optimizer": "adam", **plan}
    end = end or (L.Dense(1),)
    return net((columns,), L.Dense(32, "relu"), L.Dense(16, "relu"), *end, **plan)


@fault("output-range-mismatch")
def diabetes_scaled_with_relu_at_the_end(wrong):
    x, y = data.diabetes()
    y = (y - y.mean()) / y.std()
    model = value(10, L.Dense(1, "relu" if wrong else None))
    return Program(model, x, y, {"epochs": 10})


@fault("output-range-mismatch")
def houses_with_sigmoid_at_the_end(wrong):
    x, y = data.prices()
    x = (x - x.mean(0)) / x.std(0)
    y = y if wrong else y / 600_000
    model = value(3, L.Dense(1, "sigmoid"))
    return Program(model, x, y, {"epochs": 5})


@fault("output-range-mismatch")
def diabetes_with_tanh_at_the_end(wrong):
    x, y = data.diabetes()
    model = value(10, L.Dense(1, "tanh" if wrong else None))
    return Program(model, x, y if wrong else y / 150, {"epochs": 5})


@fault("metric-mismatch")
def houses_with_accuracy(wrong):
    x, y = data.prices()
    x, y = (x - x.mean(0)) / x.std(0), y / 300_000
    model = value(3, metrics=["accuracy" if wrong else "mae"])
    return Program(model, x, y, {"epochs": 10, "validation_split": 0.2})


@fault("unscaled-input", "unscaled-target")
def houses_as_they_are(wrong):
    x, y = data.prices()
    if not wrong:
        x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    model = value(3, optimizer=O.SGD(0.01))
    return Program(model, x, y, {"epochs": 5})


@fault("unscaled-target")
def houses_with_scaled_inputs_alone(wrong):
    x, y = data.prices()
    x = (x - x.mean(0)) / x.std(0)
    y = y if wrong else (y - y.mean()) / y.std()
    return Program(value(3), x, y, {"epochs": 5})


@fault("wrong-loss-for-task", "target-out-of-range-for-loss")
def diabetes_with_binary_crossentropy(wrong):
    x, y = data.diabetes()
    end = L.Dense(1, "sigmoid") if wrong else L.Dense(1)
    model = value(10, end, loss="binary_crossentropy" if wrong else "mse", metrics=["mae"])
    return Program(model, x, y if wrong else y / 150, {"epochs": 5})


@fault("wrong-loss-for-task", "labels-not-integer")
def diabetes_with_sparse_crossentropy(wrong):
    x, y = data.diabetes()
    end = L.Dense(10, "softmax") if wrong else L.Dense(1)
    loss = "sparse_categorical_crossentropy" if wrong else "mse"
    return Program(value(10, end, loss=loss), x, y / 150, {"epochs": 5})


@fault("unscaled-input", "unscaled-target")
def a_square_of_large_numbers(wrong):
    x = np.arange(-500, 500, dtype="float32")[:, None]
    y = x[:, 0] ** 2
    if not wrong:
        x, y = x / 500, y / 250_000
    return Program(value(1), x, y, {"epochs": 5})


@fault("hidden-no-activation")
def a_sine_from_linear_layers(wrong):
    x, y = data.sine()
    word = None if wrong else "tanh"
    model = net(
        (1,), L.Dense(32, word), L.Dense(32, word), L.Dense(1), loss="mse", optimizer="adam"
    )
    return Program(model, x, y, {"epochs": 20})


@fault("output-range-mismatch")
def a_sine_with_sigmoid_at_the_end(wrong):
    x, y = data.sine()
    return Program(value(1, L.Dense(1, "sigmoid" if wrong else "tanh")), x, y, {"epochs": 20})


@fault("output-range-mismatch")
def an_autoencoder_of_scaled_columns_with_sigmoid(wrong):
    x, _ = data.cancer()
    model = net(
        (30,),
        L.Dense(12, "relu"),
        L.Dense(30, "sigmoid" if wrong else None),
        loss="mse",
        optimizer="adam",
    )
    return Program(model, x, x, {"epochs": 5})


@fault("target-out-of-range-for-loss", "unscaled-input")
def an_autoencoder_of_bytes(wrong):
    x, _ = data.flat_digits(scale=1.0 if wrong else 255.0)
    model = net(
        (784,),
        L.Dense(32, "relu"),
        L.Dense(784, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, x, {"epochs": 2})


@fault("target-shape-broadcast", "output-shape-mismatch")
def two_targets_and_one_unit(wrong):
    x, y = data.diabetes()
    y = np.stack([y / 150, x[:, 0]], 1)
    return Program(value(10, L.Dense(1 if wrong else 2)), x, y, {"epochs": 2})


@fault("target-shape-broadcast")
def a_loss_of_the_user_that_repeats(wrong):
    def squared(y_true, y_pred):
        flat = y_true if not wrong else y_true.reshape(-1)
        return ((flat - y_pred) ** 2).mean()

    x, y = data.diabetes()
    return Program(value(10, loss=squared), x, y / 150, {"epochs": 2})


@fault("nan-loss", "lr-too-high", "exploding-gradient")
def a_sum_of_squares_over_the_batch(wrong):
    def summed(y_true, y_pred):
        squares = (y_true - y_pred) ** 2
        return squares.sum() if wrong else squares.mean(-1)

    x, y = data.diabetes()
    model = value(10, loss=summed, optimizer=O.SGD(0.1))
    return Program(model, x, y[:, None] / 150, {"epochs": 5})


@fault("nan-loss", "lr-too-high", "unscaled-input", "unscaled-target")
def large_inputs_and_a_rate_of_a_tenth(wrong):
    x, y = data.prices()
    x = x if wrong else (x - x.mean(0)) / x.std(0)
    model = value(3, optimizer=O.SGD(0.1 if wrong else 0.02))
    return Program(model, x, y / 300_000, {"epochs": 5})


# -- yes or no -------------------------------------------------------------------------------


def answer(columns: int, *end: Any, **plan: Any) -> Any:
    plan = {"loss": "binary_crossentropy", "optimizer": "adam", "metrics": ["accuracy"], **plan}
    end = end or (L.Dense(1, "sigmoid"),)
    return net((columns,), L.Dense(16, "relu"), L.Dense(8, "relu"), *end, **plan)


@fault("missing-output-activation")
def circles_without_sigmoid(wrong):
    x, y = data.circles()
    return Program(answer(2, L.Dense(1, None if wrong else "sigmoid")), x, y, {"epochs": 10})


@fault("loss-activation-mismatch")
def circles_with_tanh_at_the_end(wrong):
    x, y = data.circles()
    return Program(answer(2, L.Dense(1, "tanh" if wrong else "sigmoid")), x, y, {"epochs": 10})


@fault("loss-activation-mismatch")
def moons_with_hinge_and_sigmoid(wrong):
    x, y = data.moons()
    model = answer(2, L.Dense(1, "sigmoid" if wrong else "tanh"), loss="hinge", metrics=None)
    return Program(model, x, y * 2 - 1, {"epochs": 10})


@fault("unscaled-input")
def tumours_as_they_are(wrong):
    x, y = data.cancer(scaled=not wrong)
    return Program(answer(30), x, y, {"epochs": 5})


@fault("units-vs-classes", "loss-activation-mismatch", "wrong-loss-for-task")
def tumours_with_two_units(wrong):
    x, y = data.cancer()
    end = L.Dense(2, "softmax")
    loss = "binary_crossentropy" if wrong else "sparse_categorical_crossentropy"
    return Program(answer(30, end, loss=loss), x, y, {"epochs": 5})


@fault("wrong-loss-for-task")
def tumours_with_mean_squared_error(wrong):
    x, y = data.cancer()
    model = answer(30, loss="mse" if wrong else "binary_crossentropy")
    return Program(model, x, y, {"epochs": 5})


@fault("target-out-of-range-for-loss")
def moons_with_labels_minus_one_and_one(wrong):
    x, y = data.moons()
    return Program(answer(2), x, y * 2 - 1 if wrong else y, {"epochs": 10})


@fault("class-imbalance")
def fraud_in_one_row_of_a_hundred(wrong):
    x, y = data.fraud()
    weight = {} if wrong else {"class_weight": {0: 0.5, 1: 50.0}}
    return Program(answer(8), x, y, {"epochs": 3, **weight})


@fault("nan-input")
def passengers_with_missing_ages(wrong):
    x, y = data.cancer()
    if wrong:
        x[::9, 3] = np.nan
    return Program(answer(30), x, y, {"epochs": 3})


@fault("no-signal", "overfitting")
def rows_shuffled_apart_from_labels(wrong):
    x, y = data.moons()
    y = data.generator().permutation(y) if wrong else y
    return Program(answer(2), x, y, {"epochs": 20, "validation_split": 0.25})


@fault("lr-invalid")
def a_rate_below_zero(wrong):
    x, y = data.moons()
    model = answer(2, optimizer=O.SGD(-0.1 if wrong else 0.1))
    return Program(model, x, y, {"epochs": 2})


@fault("scaler-fit-on-all")
def tumours_scaled_before_the_split(wrong):
    x, y = data.cancer(scaled=False)
    part = x if wrong else x[:400]
    x = (x - part.mean(0)) / part.std(0)
    held = (x[400:], y[400:])
    return Program(answer(30), x[:400], y[:400], {"epochs": 3, "validation_data": held})


@fault("too-large-batch", "undertrained")
def all_rows_in_one_batch(wrong):
    x, y = data.circles()
    size = len(x) if wrong else 32
    return Program(answer(2), x, y, {"epochs": 10, "batch_size": size})


@fault("overfitting")
def a_large_model_on_forty_rows(wrong):
    x, y = data.diabetes()
    y = y / 150
    if wrong:
        hidden, rows, epochs = [L.Dense(256, "relu"), L.Dense(256, "relu")], 40, 150
    else:
        hidden, rows, epochs = [L.Dense(8, "relu")], 300, 15
    model = net((10,), *hidden, L.Dense(1), loss="mse", optimizer="adam")
    held = (x[300:], y[300:])
    return Program(model, x[:rows], y[:rows], {"epochs": epochs, "validation_data": held})


# -- several classes -------------------------------------------------------------------------


@fault("units-vs-classes", "target-out-of-range-for-loss")
def iris_with_one_sigmoid(wrong):
    x, y = data.iris()
    if wrong:
        return Program(answer(4), x, y, {"epochs": 5})
    model = answer(4, L.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 5})


@fault("loss-activation-mismatch")
def iris_with_sigmoid_and_sparse_labels(wrong):
    x, y = data.iris()
    end = L.Dense(3, "sigmoid" if wrong else "softmax")
    return Program(answer(4, end, loss="sparse_categorical_crossentropy"), x, y, {"epochs": 5})


@fault("label-out-of-range")
def wine_with_classes_from_one(wrong):
    x, y = data.wine()
    model = answer(13, L.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    return Program(model, x, y + 1 if wrong else y, {"epochs": 5})


@fault("sorted-no-shuffle", "val-split-unrepresentative")
def wine_sorted_and_cut_at_the_end(wrong):
    x, y = data.wine()
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    model = answer(13, L.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    extra = {"validation_mode": "last", "shuffle": False} if wrong else {}
    return Program(model, x, y, {"epochs": 5, "validation_split": 0.2, **extra})


@fault("softmax-on-multilabel")
def tags_with_softmax(wrong):
    x, y = data.tags()
    word, loss = (
        ("softmax", "categorical_crossentropy") if wrong else ("sigmoid", "binary_crossentropy")
    )
    return Program(answer(10, L.Dense(5, word), loss=loss), x, y, {"epochs": 5})


@fault("dying-relu", "lr-too-high", "stuck-loss", "majority-class-only")
def blobs_with_a_rate_that_kills_units(wrong):
    x, y = data.blobs()
    model = answer(
        5,
        L.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer=O.SGD(5.0 if wrong else 0.05),
    )
    return Program(model, x, y, {"epochs": 8})


@fault("wrong-loss-for-task")
def blobs_as_numbers(wrong):
    x, y = data.blobs()
    if wrong:
        model = answer(5, L.Dense(1), loss="mse")
    else:
        model = answer(5, L.Dense(4, "softmax"), loss="sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 5})


@fault("batchnorm-tiny-batch")
def batch_normalization_of_single_rows(wrong):
    x, y = data.iris()
    model = net(
        (4,),
        L.Dense(16),
        L.BatchNormalization(),
        L.Activation("relu"),
        L.Dense(3, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 2, "batch_size": 1 if wrong else 16})


# -- series and texts ------------------------------------------------------------------------


@fault("unscaled-input", "unscaled-target")
def stock_prices_as_they_are(wrong):
    x, y = data.series()
    if not wrong:
        x, y = (x - 250) / 80, (y - 250) / 80
    model = net(
        (12, 1),
        L.Conv1D(16, 4, activation="relu"),
        L.Flatten(),
        L.Dense(1),
        loss="mse",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 2})


@fault("missing-flatten")
def a_sequence_where_one_answer_is_wanted(wrong):
    x, y = data.series()
    x, y = (x - 250) / 80, (y - 250) / 80
    pool = [] if wrong else [L.GlobalAveragePooling1D()]
    model = net(
        (12, 1), L.Conv1D(8, 3, activation="relu"), *pool, L.Dense(1), loss="mse", optimizer="adam"
    )
    return Program(model, x, y, {"epochs": 1})


@fault("loss-activation-mismatch")
def reviews_with_two_sigmoids(wrong):
    x, y = data.reviews()
    model = net(
        (20,),
        L.Embedding(200, 8),
        L.GlobalAveragePooling1D(),
        L.Dense(2, "sigmoid" if wrong else "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 3})


@fault("unscaled-input")
def word_numbers_without_an_embedding(wrong):
    x, y = data.reviews()
    first = [] if wrong else [L.Embedding(200, 8), L.Flatten()]
    model = net(
        (20,),
        *first,
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 3})


@fault("nan-loss", "lr-too-high", "exploding-gradient", "oscillating-loss")
def a_deep_net_with_relu_and_a_rate_of_one(wrong):
    x, y = data.series()
    x, y = (x - 250) / 80, (y - 250) / 80
    model = net(
        (12, 1),
        L.Flatten(),
        *(L.Dense(32, "relu") for _ in range(4)),
        L.Dense(1),
        loss="mse",
        optimizer=O.SGD(1.0 if wrong else 0.02),
    )
    return Program(model, x, y, {"epochs": 6})

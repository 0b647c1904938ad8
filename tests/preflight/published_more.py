"""Further faulty programs: other ways of writing a model, other data, several mistakes at once."""

from typing import Any

import numpy as np
import torch

import lamina as keras
from lamina import layers
from tests.preflight import published_data as data
from tests.preflight.programs import Program
from tests.preflight.published import PUBLISHED, O, fault, net

L = layers
__all__ = ["PUBLISHED"]


class Classifier(keras.Model):
    """A model written as a class."""

    def __init__(self, hidden: Any, word: Any, units: int = 3):
        super().__init__()
        self.first = L.Dense(16, hidden)
        self.second = L.Dense(16, hidden)
        self.last = L.Dense(units, word)

    def call(self, x):
        return self.last(self.second(self.first(x)))


def compiled(model: Any, **plan: Any) -> Any:
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", **plan})
    return model


@fault("missing-output-activation")
def a_class_without_softmax(wrong):
    x, y = data.iris()
    return Program(compiled(Classifier("relu", None if wrong else "softmax")), x, y, {"epochs": 5})


@fault("hidden-no-activation")
def a_class_of_linear_layers(wrong):
    x, y = data.iris()
    return Program(compiled(Classifier(None if wrong else "relu", "softmax")), x, y, {"epochs": 5})


@fault("label-out-of-range")
def a_class_with_too_few_units(wrong):
    x, y = data.iris()
    model = compiled(Classifier("relu", "softmax", 2 if wrong else 3))
    return Program(model, x, y, {"epochs": 5})


@fault("missing-output-activation")
def torch_modules_without_softmax(wrong):
    x, y = data.iris()
    end = [] if wrong else [torch.nn.Softmax(-1)]
    model = keras.Sequential(
        [L.Input((4,)), torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3), *end]
    )
    return Program(compiled(model), x, y, {"epochs": 5})


@fault("hidden-no-activation")
def torch_modules_without_a_bend(wrong):
    x, y = data.diabetes()
    bend = [] if wrong else [torch.nn.ReLU()]
    model = keras.Sequential(
        [L.Input((10,)), torch.nn.Linear(10, 16), *bend, torch.nn.Linear(16, 1)]
    )
    return Program(compiled(model, loss="mse"), x, y / 150, {"epochs": 5})


@fault("double-softmax")
def softmax_as_a_layer_of_its_own_after_softmax(wrong):
    x, y = data.iris()
    word = "softmax" if wrong else None
    model = net(
        (4,),
        L.Dense(16, "relu"),
        L.Dense(3, word),
        L.Softmax(),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 5})


@fault("double-softmax")
def sigmoid_and_from_logits(wrong):
    x, y = data.moons()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model = net(
        (2,),
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid" if wrong else None),
        loss=loss,
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 10})


@fault("softmax-one-unit")
def softmax_by_a_function_over_one_unit(wrong):
    x, y = data.moons()
    given = L.Input((2,))
    last = L.Dense(1)(L.Dense(16, "relu")(given))
    ends = torch.softmax(last, -1) if wrong else torch.sigmoid(last)
    return Program(
        compiled(keras.Model(given, ends), loss="binary_crossentropy"), x, y, {"epochs": 5}
    )


@fault("loss-activation-mismatch")
def leaky_relu_before_a_binary_loss(wrong):
    x, y = data.moons()
    end = L.LeakyReLU() if wrong else L.Activation("sigmoid")
    model = net(
        (2,),
        L.Dense(16),
        L.LeakyReLU(),
        L.Dense(1),
        end,
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 5})


@fault("label-out-of-range")
def a_loader_with_labels_from_one(wrong):
    x, y = data.iris()
    rows = torch.utils.data.TensorDataset(
        torch.as_tensor(x), torch.as_tensor(y + 1 if wrong else y)
    )
    loader = torch.utils.data.DataLoader(rows, batch_size=16)
    return Program(compiled(Classifier("relu", "softmax")), loader, None, {"epochs": 2})


@fault("unscaled-input")
def a_generator_of_bytes(wrong):
    x, y = data.flat_digits(scale=1.0 if wrong else 255.0)

    def batches():
        for start in range(0, 1200, 40):
            yield x[start : start + 40], y[start : start + 40]

    model = net(
        (784,),
        L.Dense(32, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, batches(), None, {"epochs": 1})


@fault("unscaled-input")
def columns_of_very_different_size(wrong):
    x, y = data.cancer()
    x = x.copy()
    if wrong:
        x[:, 7] *= 10_000
    model = net(
        (30,),
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 5})


@fault("nan-input")
def labels_with_a_missing_value(wrong):
    x, y = data.diabetes()
    y = y / 150
    if wrong:
        y[17] = np.nan
    model = net((10,), L.Dense(16, "relu"), L.Dense(1), loss="mse", optimizer="adam")
    return Program(model, x, y, {"epochs": 2})


@fault("inf-input")
def a_logarithm_of_zero_in_the_table(wrong):
    x, y = data.diabetes()
    x = np.concatenate([x, np.zeros((len(x), 1), "float32")], 1)
    x[::5, -1] = -np.inf if wrong else -1.0
    model = net((11,), L.Dense(16, "relu"), L.Dense(1), loss="mse", optimizer="adam")
    return Program(model, x, y / 150, {"epochs": 2})


@fault("target-shape-broadcast")
def a_lambda_loss_with_flat_labels(wrong):
    x, y = data.diabetes()
    y = y / 150

    class Absolute(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return (y_true - y_pred).abs().mean(-1)

    model = net((10,), L.Dense(16, "relu"), L.Dense(1), loss=Absolute(), optimizer="adam")
    return Program(model, x, y if wrong else y[:, None], {"epochs": 2})


@fault("output-shape-mismatch", "missing-flatten", "target-shape-broadcast")
def pooling_forgotten_after_a_convolution(wrong):
    random = data.generator()
    x = random.normal(size=(120, 16, 3)).astype("float32")
    y = random.normal(size=120)
    pool = [] if wrong else [L.GlobalMaxPooling1D()]
    model = net(
        (16, 3), L.Conv1D(8, 3, activation="relu"), *pool, L.Dense(1), loss="mae", optimizer="adam"
    )
    return Program(model, x, y, {"epochs": 1})


@fault("metric-mismatch")
def regression_watched_by_accuracy_of_a_scaled_target(wrong):
    x, y = data.prices()
    x, y = (x - x.mean(0)) / x.std(0), y / y.max()
    metric = "accuracy" if wrong else "mae"
    model = net(
        (3,),
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid"),
        loss="mse",
        optimizer="adam",
        metrics=[metric],
    )
    return Program(model, x, y, {"epochs": 10})


@fault("wrong-loss-for-task", "wrong-output-activation")
def iris_with_mean_absolute_error_and_softmax(wrong):
    x, y = data.iris()
    model = net(
        (4,),
        L.Dense(16, "relu"),
        L.Dense(3, "softmax"),
        loss="mae" if wrong else "categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, data.one_hot(y), {"epochs": 5})


@fault("wrong-loss-for-task", "loss-activation-mismatch", "wrong-output-activation")
def iris_with_sigmoid_and_a_binary_loss(wrong):
    x, y = data.iris()
    word, loss = ("sigmoid", "binary") if wrong else ("softmax", "categorical")
    model = net(
        (4,),
        L.Dense(16, "relu"),
        L.Dense(3, word),
        loss=f"{loss}_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, data.one_hot(y), {"epochs": 5})


@fault("dying-relu", "stuck-loss", "lr-too-high", "nan-loss", "majority-class-only")
def a_deep_net_killed_by_momentum(wrong):
    x, y = data.flat_digits(600)
    rate = O.SGD(1.0, momentum=0.9) if wrong else O.SGD(0.02, momentum=0.9)
    model = net(
        (784,),
        *(L.Dense(64, "relu") for _ in range(4)),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer=rate,
    )
    return Program(model, x, y, {"epochs": 5})


@fault("lr-too-low", "undertrained", "stuck-loss")
def adam_with_a_rate_of_a_hundred_thousandth(wrong):
    x, y = data.flat_digits(600)
    model = net(
        (784,),
        L.Dense(64, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer=O.Adam(1e-5 if wrong else 1e-3),
    )
    return Program(model, x, y, {"epochs": 3})


@fault("saturated-activation", "unscaled-input", "stuck-loss")
def tanh_on_raw_columns(wrong):
    x, y = data.cancer(scaled=not wrong)
    model = net(
        (30,),
        L.Dense(16, "tanh"),
        L.Dense(16, "tanh"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 8})


@fault("oscillating-loss", "lr-too-high")
def moons_with_a_rate_of_three_tenths(wrong):
    x, y = data.moons()
    model = net(
        (2,),
        L.Dense(32, "relu"),
        L.Dense(32, "relu"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer=O.Adam(0.3 if wrong else 0.003),
    )
    return Program(model, x, y, {"epochs": 15})


@fault("class-imbalance", "majority-class-only")
def spam_in_three_of_a_hundred(wrong):
    random = data.generator()
    x = random.normal(size=(1000, 6)).astype("float32")
    y = (x[:, 0] > (1.9 if wrong else 0.0)).astype("float32")[:, None]
    model = net(
        (6,),
        L.Dense(8, "relu"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 4, "validation_split": 0.2})


@fault("duplicate-rows-across-split", "val-overlaps-train")
def rows_copied_to_balance_before_the_split(wrong):
    x, y = data.cancer()
    if wrong:
        few = np.flatnonzero(y == 0)
        x, y = np.concatenate([x, x[few]]), np.concatenate([y, y[few]])
    order = data.generator().permutation(len(x))
    x, y = x[order], y[order]
    model = net(
        (30,),
        L.Dense(16, "relu"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    held = (x[400:], y[400:])
    return Program(model, x[:400], y[:400], {"epochs": 4, "validation_data": held})


@fault("scaler-fit-separately")
def each_part_scaled_by_itself(wrong):
    x, y = data.wine(scaled=False)
    a, b = x[:120], x[120:]
    mean, std = b.mean(0), b.std(0)
    if not wrong:
        mean, std = a.mean(0), a.std(0)
    a, b = (a - a.mean(0)) / a.std(0), (b - mean) / std
    model = net(
        (13,),
        L.Dense(16, "relu"),
        L.Dense(3, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, a, y[:120], {"epochs": 5, "validation_data": (b, y[120:])})


@fault("bottleneck")
def two_units_before_ten_classes(wrong):
    x, y = data.flat_digits()
    model = net(
        (784,),
        L.Dense(64, "relu"),
        L.Dense(2 if wrong else 32, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 3})


@fault("tiny-batch")
def three_thousand_rows_one_by_one(wrong):
    random = data.generator()
    x = random.normal(size=(2500, 4)).astype("float32")
    model = net((4,), L.Dense(8, "relu"), L.Dense(1), loss="mse", optimizer=O.SGD(0.01))
    return Program(model, x, x[:, 0], {"epochs": 1, "batch_size": 1 if wrong else 32})


@fault("constant-init")
def ones_in_every_layer(wrong):
    x, y = data.iris()
    start = "ones" if wrong else "glorot_uniform"
    model = net(
        (4,),
        L.Dense(8, "tanh", kernel_initializer=start),
        L.Dense(3, "softmax", kernel_initializer=start),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 5})


@fault("output-range-mismatch")
def pixels_up_to_255_from_a_sigmoid(wrong):
    x, _ = data.flat_digits(300)
    y = x * 255 if wrong else x
    model = net((784,), L.Dense(32, "relu"), L.Dense(784, "sigmoid"), loss="mse", optimizer="adam")
    return Program(model, x, y, {"epochs": 2})


@fault("unscaled-target")
def years_as_targets(wrong):
    x, _ = data.diabetes()
    y = 1980 + 20 * x[:, 0] + data.generator().normal(0, 2, len(x))
    y = y if wrong else (y - 1980) / 20
    model = net((10,), L.Dense(16, "relu"), L.Dense(1), loss="mae", optimizer="adam")
    return Program(model, x, y, {"epochs": 5})


@fault("nan-loss")
def a_distance_whose_slope_is_infinite(wrong):
    class Distance(L.Layer):
        def call(self, x):
            gap = (x[:, :5] - x[:, 5:]).square().sum(-1, keepdim=True)
            return torch.sqrt(gap if wrong else gap + 1e-6)

    x, y = data.diabetes()
    x = x.copy()
    x[40, 5:] = x[40, :5]
    given = L.Input((10,))
    ends = L.Dense(1)(Distance()(given * L.Dense(1, use_bias=False)(given)))
    return Program(compiled(keras.Model(given, ends), loss="mse"), x, y / 150, {"epochs": 3})


@fault("nan-loss")
def a_loss_with_a_bare_logarithm(wrong):
    def likelihood(y_true, y_pred):
        if not wrong:
            y_pred = y_pred.clamp(1e-6, 1 - 1e-6)
        return -(y_true * y_pred.log() + (1 - y_true) * (1 - y_pred).log()).mean(-1)

    x, y = data.moons()
    model = net(
        (2,),
        L.Dense(16, "relu"),
        L.Dense(1, "hard_sigmoid"),
        loss=likelihood,
        optimizer=O.Adam(0.1),
    )
    return Program(model, x, y[:, None].astype("float32"), {"epochs": 10})

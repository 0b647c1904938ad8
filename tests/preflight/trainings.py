"""Small trainings, each with one mistake that only shows on the way, and its clean twin."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import lamina as keras
from lamina import layers
from tests.preflight.programs import rng, stack, table


class Training(NamedTuple):
    """A compiled model and the arguments of fit."""

    model: Any
    x: Any
    y: Any
    fit: dict[str, Any]

    def run(self):
        return self.model.fit(self.x, self.y, verbose=0, **self.fit)


class Fault(NamedTuple):
    """Builds the faulty training when called with True, and its twin when called with False."""

    code: str
    make: Callable[[bool], Training]


FAULTS: dict[str, Fault] = {}


def fault(code: str) -> Callable[[Callable], Callable]:
    def register(make: Callable[[bool], Training]) -> Callable[[bool], Training]:
        FAULTS[f"{code}: {make.__name__.replace('_', ' ')}"] = Fault(code, make)
        return make

    return register


# -- data with something to learn ------------------------------------------------------------


def x_data(rows: int = 400) -> np.ndarray:
    return table(rows)


def y_class(x: np.ndarray) -> np.ndarray:
    return (x[:, 0] + 0.5 * x[:, 1] ** 2 - x[:, 2] > 0.4).astype(int)


def y_number(x: np.ndarray) -> np.ndarray:
    return x[:, 0] * 0.7 + np.tanh(x[:, 1]) - 0.3 * x[:, 2]


def sgd(rate: float) -> Any:
    return keras.optimizers.SGD(rate)


def yes_or_no(*hidden: Any, optimizer: Any = "adam") -> Any:
    keras.utils.set_random_seed(1)
    return stack(
        *hidden, layers.Dense(1, "sigmoid"), loss="binary_crossentropy", optimizer=optimizer
    )


def value(*hidden: Any, optimizer: Any = "adam", loss: Any = "mse") -> Any:
    keras.utils.set_random_seed(1)
    return stack(*hidden, layers.Dense(1), loss=loss, optimizer=optimizer)


@fault("lr-too-high")
def sgd_with_a_rate_of_two(wrong):
    x = x_data()
    model = value(layers.Dense(16, "relu"), optimizer=sgd(2.0 if wrong else 0.02))
    return Training(model, x, y_number(x), {"epochs": 4})


@fault("lr-too-high")
def adam_with_a_rate_of_one_half(wrong):
    x = x_data()
    rate = 0.4 if wrong else 0.005
    model = yes_or_no(
        layers.Dense(16, "relu"), layers.Dense(16, "relu"), optimizer=keras.optimizers.Adam(rate)
    )
    return Training(model, x, y_class(x), {"epochs": 5})


@fault("lr-too-low")
def sgd_with_a_vanishing_rate(wrong):
    x = x_data()
    model = value(layers.Dense(16, "relu"), optimizer=sgd(3e-6 if wrong else 0.02))
    return Training(model, x, y_number(x), {"epochs": 4})


@fault("nan-loss")
def a_logarithm_of_zero(wrong):
    def logarithmic(y_true, y_pred):
        return (y_true - (y_pred.abs() - (0.3 if wrong else -0.3)).log()).pow(2).mean(-1)

    x = x_data()
    model = value(layers.Dense(16, "relu"), loss=logarithmic, optimizer=sgd(0.001))
    return Training(model, x, y_number(x)[:, None], {"epochs": 4})


@fault("vanishing-gradient")
def many_sigmoid_layers(wrong):
    x = x_data()
    hidden = [layers.Dense(8, "sigmoid" if wrong else "relu") for _ in range(10 if wrong else 2)]
    model = yes_or_no(*hidden, optimizer=sgd(0.05))
    return Training(model, x, y_class(x), {"epochs": 10})


@fault("stuck-loss")
def sigmoid_layers_with_adam(wrong):
    x = x_data()
    hidden = [layers.Dense(8, "sigmoid" if wrong else "relu") for _ in range(6 if wrong else 2)]
    model = yes_or_no(*hidden, optimizer="adam")
    return Training(model, x, y_class(x), {"epochs": 20})


@fault("dying-relu")
def biases_far_below_zero(wrong):
    x = x_data()
    start = keras.initializers.Constant(-50.0 if wrong else 0.0)
    model = value(layers.Dense(16, "relu", bias_initializer=start), optimizer=sgd(0.02))
    return Training(model, x, y_number(x), {"epochs": 4})


@fault("exploding-gradient")
def targets_in_the_millions(wrong):
    x = x_data()
    hidden = [layers.Dense(16, "relu") for _ in range(3)]
    model = value(*hidden, optimizer=sgd(0.01))
    return Training(model, x, y_number(x) * (1e6 if wrong else 1.0), {"epochs": 3})


@fault("oscillating-loss")
def adam_with_a_rate_of_a_fifth(wrong):
    x = x_data()
    rate = keras.optimizers.Adam(0.2 if wrong else 0.005)
    model = yes_or_no(layers.Dense(16, "relu"), layers.Dense(16, "relu"), optimizer=rate)
    return Training(model, x, y_class(x), {"epochs": 20, "batch_size": 8})


@fault("undertrained")
def two_short_epochs(wrong):
    x = x_data()
    rate = 0.001 if wrong else 0.01
    model = value(layers.Dense(16, "relu"), optimizer=keras.optimizers.Adam(rate))
    return Training(model, x, y_number(x), {"epochs": 3 if wrong else 60})


@fault("overfitting")
def a_large_model_on_few_noisy_rows(wrong):
    x = x_data(300)
    noise = rng().normal(size=300) * (1.0 if wrong else 0.02)
    y = y_number(x) + noise
    size, count = (256, 40) if wrong else (16, 200)
    model = value(
        layers.Dense(size, "relu"),
        layers.Dense(size, "relu"),
        optimizer=keras.optimizers.Adam(0.005),
    )
    held = (x[200:], y[200:])
    return Training(
        model,
        x[:count],
        y[:count],
        {"epochs": 60 if wrong else 20, "validation_data": held},
    )


@fault("majority-class-only")
def a_rare_class_that_nothing_tells(wrong):
    x = x_data()
    y = (rng().random(400) < 0.12).astype(int) if wrong else (x[:, 0] > 1.1).astype(int)
    model = yes_or_no(layers.Dense(8, "relu"), optimizer=sgd(0.05 if wrong else 0.3))
    return Training(model, x, y, {"epochs": 8})


@fault("no-signal")
def labels_of_other_rows(wrong):
    x = x_data()
    y = y_class(x)
    y = rng().permutation(y) if wrong else y
    model = yes_or_no(layers.Dense(16, "relu"), optimizer=keras.optimizers.Adam(0.01))
    return Training(model, x, y, {"epochs": 12, "validation_split": 0.25})

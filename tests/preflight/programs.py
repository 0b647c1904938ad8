"""Small programs, each with one mistake, and its clean twin that differs in the fix alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

import lamina as keras
from lamina import layers


class Program(NamedTuple):
    """A compiled model and the arguments of fit."""

    model: Any
    x: Any
    y: Any
    fit: dict[str, Any]

    def check(self):
        return self.model.check(self.x, self.y, **self.fit)


class Fault(NamedTuple):
    """Builds the faulty program when called with True, and its twin when called with False."""

    code: str
    make: Callable[[bool], Program]
    severity: str


FAULTS: dict[str, Fault] = {}


def fault(code: str, severity: str = "warning") -> Callable[[Callable], Callable]:
    def register(make: Callable[[bool], Program]) -> Callable[[bool], Program]:
        FAULTS[f"{code}: {make.__name__.replace('_', ' ')}"] = Fault(code, make, severity)
        return make

    return register


# -- data ------------------------------------------------------------------------------------


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def table(rows: int = 200, columns: int = 6) -> np.ndarray:
    return rng().normal(size=(rows, columns)).astype("float32")


def classes(rows: int = 200, count: int = 4) -> np.ndarray:
    return rng().permutation(np.arange(rows) % count)


def binary(rows: int = 200) -> np.ndarray:
    return classes(rows, 2)


def numbers(rows: int = 200) -> np.ndarray:
    return rng().normal(size=rows).astype("float32")


def pictures(rows: int = 60, size: int = 12, channels: int = 3) -> np.ndarray:
    return rng().integers(0, 256, size=(rows, size, size, channels), dtype=np.uint8)


def one_hot(labels: np.ndarray, count: int = 4) -> np.ndarray:
    return np.eye(count, dtype="float32")[labels]


# -- models ----------------------------------------------------------------------------------


def stack(
    *parts: Any, loss: Any = "mse", optimizer: Any = "adam", metrics: Any = None, shape: Any = (6,)
) -> Any:
    model = keras.Sequential([layers.Input(shape=shape), *parts])
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model


def classifier(units: int = 4, activation: Any = "softmax", **plan: Any) -> Any:
    plan.setdefault("loss", "sparse_categorical_crossentropy")
    return stack(layers.Dense(16, "relu"), layers.Dense(units, activation), **plan)


def regressor(activation: Any = None, units: int = 1, **plan: Any) -> Any:
    return stack(layers.Dense(16, "relu"), layers.Dense(units, activation), **plan)


# -- build -----------------------------------------------------------------------------------


@fault("hidden-no-activation")
def dense_layers_in_a_row(wrong):
    word = None if wrong else "relu"
    model = stack(layers.Dense(16, word), layers.Dense(16, word), layers.Dense(1))
    return Program(model, table(), numbers(), {})


@fault("hidden-no-activation")
def only_batch_norm_and_dropout_between(wrong):
    between = [layers.BatchNormalization(), layers.Dropout(0.2)]
    bend = [] if wrong else [layers.Activation("relu")]
    model = stack(layers.Dense(16), *between, *bend, layers.Dense(1))
    return Program(model, table(), numbers(), {})


@fault("hidden-no-activation")
def convolutions_in_a_row(wrong):
    word = None if wrong else "relu"
    model = stack(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, activation=word),
        layers.Conv2D(4, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {})


@fault("hidden-no-activation")
def subclassed_model_in_a_row(wrong):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(16, None if wrong else "relu")
            self.second = layers.Dense(1)

        def call(self, x):
            return self.second(self.first(x))

    model = Net()
    model.compile(optimizer="adam", loss="mse")
    return Program(model, table(), numbers(), {})


@fault("softmax-one-unit", "error")
def softmax_for_yes_or_no(wrong):
    word = "softmax" if wrong else "sigmoid"
    return Program(classifier(1, word, loss="binary_crossentropy"), table(), binary(), {})


@fault("softmax-one-unit", "error")
def softmax_layer_for_yes_or_no(wrong):
    bend = layers.Softmax() if wrong else layers.Activation("sigmoid")
    model = stack(layers.Dense(8, "relu"), layers.Dense(1), bend, loss="binary_crossentropy")
    return Program(model, table(), binary(), {})


@fault("softmax-hidden")
def softmax_before_the_last_layer(wrong):
    word = "softmax" if wrong else "relu"
    model = stack(
        layers.Dense(16, word),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
    )
    return Program(model, table(), classes(), {})


@fault("dropout-before-output")
def dropout_after_the_last_layer(wrong):
    last = [layers.Dense(4, "softmax"), layers.Dropout(0.3)]
    parts = last if wrong else last[::-1]
    model = stack(layers.Dense(16, "relu"), *parts, loss="sparse_categorical_crossentropy")
    return Program(model, table(), classes(), {})


@fault("dropout-before-output")
def dropout_before_the_softmax(wrong):
    between = [layers.Dropout(0.3)] if wrong else []
    model = stack(
        layers.Dense(16, "relu"),
        layers.Dense(4),
        *between,
        layers.Activation("softmax"),
        loss="sparse_categorical_crossentropy",
    )
    return Program(model, table(), classes(), {})


@fault("constant-init")
def hidden_weights_of_zero(wrong):
    start = "zeros" if wrong else "glorot_uniform"
    model = stack(layers.Dense(16, "relu", kernel_initializer=start), layers.Dense(1))
    return Program(model, table(), numbers(), {})


@fault("init-too-large")
def weights_of_deviation_ten(wrong):
    start = keras.initializers.RandomNormal(stddev=10.0) if wrong else "he_normal"
    model = stack(layers.Dense(16, "relu", kernel_initializer=start), layers.Dense(1))
    return Program(model, table(), numbers(), {})


@fault("high-dropout")
def dropout_of_nine_tenths(wrong):
    rate = 0.9 if wrong else 0.3
    model = stack(layers.Dense(16, "relu"), layers.Dropout(rate), layers.Dense(1))
    return Program(model, table(), numbers(), {})


@fault("channels-order")
def channels_first_pictures(wrong):
    shape = (3, 12, 12) if wrong else (12, 12, 3)
    x = pictures().transpose(0, 3, 1, 2) if wrong else pictures()
    model = stack(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=shape,
    )
    return Program(model, x, classes(60), {})


# -- compile ---------------------------------------------------------------------------------


@fault("missing-output-activation")
def linear_output_for_classes(wrong):
    return Program(classifier(4, None if wrong else "softmax"), table(), classes(), {})


@fault("missing-output-activation")
def linear_output_for_yes_or_no(wrong):
    word = None if wrong else "sigmoid"
    return Program(classifier(1, word, loss="binary_crossentropy"), table(), binary(), {})


@fault("double-softmax")
def softmax_and_from_logits(wrong):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=wrong)
    return Program(classifier(loss=loss), table(), classes(), {})


@fault("double-softmax")
def sigmoid_and_from_logits(wrong):
    loss = keras.losses.BinaryCrossentropy(from_logits=wrong)
    return Program(classifier(1, "sigmoid", loss=loss), table(), binary(), {})


@fault("double-softmax")
def softmax_twice(wrong):
    more = [layers.Softmax()] if wrong else []
    model = stack(
        layers.Dense(16, "relu"),
        layers.Dense(4, "softmax"),
        *more,
        loss="sparse_categorical_crossentropy",
    )
    return Program(model, table(), classes(), {})


@fault("loss-activation-mismatch")
def sigmoid_for_one_of_many(wrong):
    return Program(classifier(4, "sigmoid" if wrong else "softmax"), table(), classes(), {})


@fault("loss-activation-mismatch")
def tanh_under_binary_crossentropy(wrong):
    word = "tanh" if wrong else "sigmoid"
    return Program(classifier(1, word, loss="binary_crossentropy"), table(), binary(), {})


@fault("loss-activation-mismatch")
def softmax_under_binary_crossentropy(wrong):
    loss = "binary_crossentropy" if wrong else "categorical_crossentropy"
    return Program(classifier(loss=loss), table(), one_hot(classes()), {})


@fault("loss-activation-mismatch", "error")
def one_unit_under_categorical_crossentropy(wrong):
    loss = "categorical_crossentropy" if wrong else "binary_crossentropy"
    return Program(classifier(1, "sigmoid", loss=loss), table(), binary()[:, None], {})


@fault("loss-activation-mismatch")
def poisson_with_a_linear_output(wrong):
    word = None if wrong else "softplus"
    return Program(regressor(word, loss="poisson"), table(), classes().astype("float32") / 2, {})


@fault("wrong-loss-for-task")
def mse_on_softmax(wrong):
    loss = "mse" if wrong else "categorical_crossentropy"
    return Program(classifier(loss=loss), table(), one_hot(classes()), {})


@fault("wrong-loss-for-task", "error")
def mse_on_class_numbers(wrong):
    loss = "mse" if wrong else "sparse_categorical_crossentropy"
    return Program(
        classifier(4, "sigmoid" if wrong else "softmax", loss=loss), table(), classes(), {}
    )


@fault("wrong-loss-for-task", "error")
def cross_entropy_on_measurements(wrong):
    loss = "binary_crossentropy" if wrong else "mse"
    return Program(regressor("sigmoid" if wrong else None, loss=loss), table(), numbers(), {})


@fault("wrong-loss-for-task")
def numbers_for_classes_with_accuracy(wrong):
    model = regressor(metrics=["accuracy"]) if wrong else classifier(metrics=["accuracy"])
    return Program(model, table(), classes(), {})


@fault("lr-invalid", "error")
def learning_rate_of_zero(wrong):
    model = regressor(optimizer=keras.optimizers.Adam())
    model.optimizer.learning_rate = 0.0 if wrong else 0.001
    return Program(model, table(), numbers(), {})


@fault("lr-too-high")
def adam_with_a_rate_of_one(wrong):
    rate = 1.0 if wrong else 0.001
    return Program(regressor(optimizer=keras.optimizers.Adam(rate)), table(), numbers(), {})


@fault("lr-too-low")
def adam_with_a_vanishing_rate(wrong):
    rate = 1e-9 if wrong else 0.001
    return Program(regressor(optimizer=keras.optimizers.Adam(rate)), table(), numbers(), {})


@fault("metric-mismatch")
def accuracy_of_a_regression(wrong):
    metrics = ["accuracy"] if wrong else ["mae"]
    return Program(regressor(metrics=metrics), table(), numbers(), {})


@fault("metric-mismatch")
def exact_accuracy_of_probabilities(wrong):
    metrics = [keras.metrics.Accuracy()] if wrong else ["accuracy"]
    model = classifier(1, "sigmoid", loss="binary_crossentropy", metrics=metrics)
    return Program(model, table(), binary(), {})


@fault("batchnorm-tiny-batch")
def batch_norm_of_one_row(wrong):
    model = stack(layers.Dense(16), layers.BatchNormalization(), layers.ReLU(), layers.Dense(1))
    return Program(model, table(), numbers(), {"batch_size": 1 if wrong else 16})


# -- data ------------------------------------------------------------------------------------


@fault("unscaled-input")
def pixels_up_to_255(wrong):
    first = [] if wrong else [layers.Rescaling(1 / 255)]
    model = stack(
        *first,
        layers.Flatten(),
        layers.Dense(16, "relu"),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {})


@fault("unscaled-input")
def columns_of_very_different_size(wrong):
    first = [] if wrong else [layers.Normalization()]
    x = table() * np.array([1, 1, 1, 1, 1000, 0.01], dtype="float32")
    model = stack(*first, layers.Dense(16, "relu"), layers.Dense(1))
    return Program(model, x, numbers(), {})


@fault("input-scale-too-small")
def pixels_divided_twice(wrong):
    x = pictures() / np.float32(255)
    model = stack(
        layers.Rescaling(1 / 255 if wrong else 1.0),
        layers.Flatten(),
        layers.Dense(16, "relu"),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, x, classes(60), {})


@fault("unscaled-target")
def prices_in_hundred_thousands(wrong):
    y = numbers() * 80_000 + 250_000 if wrong else numbers()
    return Program(regressor(), table(), y, {})


@fault("labels-not-integer", "error")
def fractions_as_classes(wrong):
    y = classes() + (0.5 if wrong else 0.0)
    return Program(classifier(5), table(), y, {})


@fault("int-labels-categorical", "error")
def class_numbers_for_one_hot(wrong):
    y = classes() if wrong else one_hot(classes())
    return Program(classifier(loss="categorical_crossentropy"), table(), y, {})


@fault("onehot-labels-sparse", "error")
def one_hot_rows_for_class_numbers(wrong):
    y = one_hot(classes()) if wrong else classes()
    return Program(classifier(), table(), y, {})


@fault("label-out-of-range", "error")
def classes_from_one(wrong):
    y = classes() + (1 if wrong else 0)
    return Program(classifier(), table(), y, {})


@fault("label-out-of-range", "error")
def negative_class(wrong):
    y = classes() - (1 if wrong else 0)
    return Program(classifier(), table(), y, {})


@fault("units-vs-classes", "error")
def fewer_units_than_one_hot_columns(wrong):
    units = 3 if wrong else 4
    model = classifier(units, loss="categorical_crossentropy")
    return Program(model, table(), one_hot(classes()), {})


@fault("units-vs-classes")
def more_units_than_classes(wrong):
    return Program(classifier(8 if wrong else 4), table(), classes(), {})


@fault("units-vs-classes", "error")
def one_unit_for_four_classes(wrong):
    model = classifier(1, "sigmoid", loss="binary_crossentropy") if wrong else classifier()
    return Program(model, table(), classes(), {})


@fault("batch-leakage")
def softmax_over_the_batch(wrong):
    parts = [layers.Dense(16, "relu"), layers.Dense(4), layers.Softmax(axis=0 if wrong else -1)]
    model = stack(*parts, loss="sparse_categorical_crossentropy")
    return Program(model, table(), classes(), {})


@fault("loss-activation-mismatch")
def softmax_over_positions(wrong):
    parts = [layers.Dense(8, "relu"), layers.Dense(4), layers.Softmax(axis=1 if wrong else -1)]
    model = stack(*parts, loss="sparse_categorical_crossentropy", shape=(5, 6))
    x = rng().normal(size=(200, 5, 6)).astype("float32")
    return Program(model, x, rng().integers(0, 4, (200, 5)), {})


@fault("softmax-on-multilabel", "error")
def softmax_for_several_tags(wrong):
    y = (rng().random((200, 4)) > 0.5).astype("float32")
    word, loss = (
        ("softmax", "categorical_crossentropy")
        if wrong
        else (
            "sigmoid",
            "binary_crossentropy",
        )
    )
    return Program(classifier(4, word, loss=loss), table(), y, {})


@fault("output-range-mismatch")
def sigmoid_for_large_targets(wrong):
    return Program(regressor("sigmoid" if wrong else None), table(), numbers() * 2, {})


@fault("output-range-mismatch")
def relu_for_negative_targets(wrong):
    return Program(regressor("relu" if wrong else None), table(), numbers(), {})


@fault("target-out-of-range-for-loss", "error")
def minus_one_and_one_for_binary(wrong):
    y = binary() * 2 - 1 if wrong else binary()
    return Program(classifier(1, "sigmoid", loss="binary_crossentropy"), table(), y, {})


@fault("target-out-of-range-for-loss", "error")
def negative_counts_for_poisson(wrong):
    y = numbers() if wrong else np.abs(numbers())
    return Program(regressor("softplus", loss="poisson"), table(), y, {})


@fault("target-shape-broadcast", "error")
def own_loss_class_with_labels_without_axis(wrong):
    class Squared(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return ((y_true - y_pred) ** 2).mean(-1)

    y = numbers() if wrong else numbers()[:, None]
    return Program(regressor(loss=Squared()), table(), y, {})


@fault("target-shape-broadcast", "error")
def own_loss_with_too_few_units(wrong):
    def squared(y_true, y_pred):
        return torch.mean((y_true - y_pred) ** 2, -1)

    y = rng().normal(size=(200, 3)).astype("float32")
    return Program(regressor(units=1 if wrong else 3, loss=squared), table(), y, {})


@fault("missing-flatten", "error")
def dense_on_a_sequence(wrong):
    flat = [] if wrong else [layers.Flatten()]
    model = stack(
        *flat,
        layers.Dense(16, "relu"),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(5, 3),
    )
    x = rng().normal(size=(200, 5, 3)).astype("float32")
    return Program(model, x, classes(), {})


@fault("output-shape-mismatch", "error")
def three_units_for_two_targets(wrong):
    y = rng().normal(size=(200, 2)).astype("float32")
    return Program(regressor(units=3 if wrong else 2), table(), y, {})


@fault("nan-input", "error")
def a_missing_value(wrong):
    x = table()
    x[3, 2] = np.nan if wrong else 0.0
    return Program(regressor(), x, numbers(), {})


@fault("inf-input", "error")
def an_infinite_value(wrong):
    x = table()
    x[3, 2] = np.inf if wrong else 0.0
    return Program(regressor(), x, numbers(), {})


@fault("constant-feature", "hint")
def a_column_of_ones(wrong):
    x = table()
    if wrong:
        x[:, 2] = 1.0
    return Program(regressor(), x, numbers(), {})


@fault("single-class-labels")
def all_labels_zero(wrong):
    y = np.zeros(200, int) if wrong else binary()
    return Program(classifier(1, "sigmoid", loss="binary_crossentropy"), table(), y, {})


@fault("class-imbalance")
def two_percent_positive(wrong):
    y = (np.arange(200) % 50 == 0).astype(int)
    more = {} if wrong else {"class_weight": {0: 1.0, 1: 50.0}}
    return Program(classifier(1, "sigmoid", loss="binary_crossentropy"), table(), y, more)


# -- split -----------------------------------------------------------------------------------


@fault("val-split-unrepresentative")
def last_rows_of_sorted_classes(wrong):
    y = np.sort(classes())
    more = {"validation_split": 0.2, "validation_mode": "last" if wrong else "stratified"}
    return Program(classifier(), table(), y, more)


@fault("sorted-no-shuffle")
def sorted_classes_in_order(wrong):
    return Program(classifier(), table(), np.sort(classes()), {"shuffle": not wrong})


@fault("val-overlaps-train")
def validation_on_training_rows(wrong):
    x, y = table(300), numbers(300)
    given = (x[:200], y[:200]) if wrong else (x[200:], y[200:])
    return Program(regressor(), x[:200], y[:200], {"validation_data": given})


@fault("duplicate-rows-across-split")
def rows_twice_before_the_split(wrong):
    x, y = table(300), numbers(300)
    x_val = x[200:].copy()
    if wrong:
        x_val[:20] = x[:20]
    return Program(regressor(), x[:200], y[:200], {"validation_data": (x_val, y[200:])})


@fault("scaler-fit-on-all")
def scaled_before_the_split(wrong):
    x = table(300) * 3 + 1
    learned = x if wrong else x[:200]
    x = (x - learned.mean(0)) / learned.std(0)
    y = numbers(300)
    return Program(regressor(), x[:200], y[:200], {"validation_data": (x[200:], y[200:])})


@fault("scaler-fit-on-all")
def squeezed_before_the_split(wrong):
    x = table(300) * 3 + 1
    learned = x[::-1][:295] if wrong else x[:200]
    x = np.vstack([x[5:], x[:5]])
    low, high = (x.min(0), x.max(0)) if wrong else (learned.min(0), learned.max(0))
    order = np.argsort(x[:, 0])
    x = x[np.concatenate([order[2:], order[:2]])]
    learned = x if wrong else x[:200]
    low, high = learned.min(0), learned.max(0)
    x = (x - low) / (high - low)
    y = numbers(300)
    return Program(regressor(), x[:200], y[:200], {"validation_data": (x[200:], y[200:])})


@fault("scaler-fit-separately")
def scaled_each_by_itself(wrong):
    x = table(300) * 3 + 1
    parts = x[:200], x[200:]
    learned = parts if wrong else (parts[0], parts[0])
    ours, theirs = (
        (part - by.mean(0)) / by.std(0) for part, by in zip(parts, learned, strict=True)
    )
    y = numbers(300)
    return Program(regressor(), ours, y[:200], {"validation_data": (theirs, y[200:])})

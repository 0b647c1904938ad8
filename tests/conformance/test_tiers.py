"""The captured step equals the eager one to the bit, for every layer, loss, metric, optimizer."""

from typing import Any

import numpy as np
import pytest
import torch
from layer_cases import CASES as LAYERS
from layer_cases import Case, Nested
from preprocessing_cases import RANDOM
from test_losses import CASES as LOSSES
from test_losses import INPUTS as LOSS_INPUTS
from test_metrics import BATCHES
from test_metrics import CASES as METRICS
from test_optimizers import ALL_CASES as OPTIMIZERS

import lamina as keras
from lamina import layers, losses, metrics, optimizers

EXAMPLES, BATCH = 22, 4  # five full batches and a short one, two epochs


def first_of_each(cases: list[Any], key: str, most: int) -> list[Any]:
    counts: dict[str, int] = {}
    chosen = []
    for case in cases:
        name = getattr(case, key)
        counts[name] = counts.get(name, 0) + 1
        if counts[name] <= most:
            chosen.append(case)
    return chosen


def bits(model: Any, history: Any) -> dict[str, Any]:
    slots = {f"{n}/{k}": t.numpy().copy() for n, k, t in model.session().state.slots()}
    return {"weights": model.get_weights(), "slots": slots, "history": history.history}


def train(make: Any, x: Any, y: Any, jit: bool, **compiled: Any) -> tuple[dict, Any]:
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    model = make()
    settings = {"optimizer": "adam", "loss": "mse", **{k: v() for k, v in compiled.items()}}
    model.compile(jit=jit, **settings)
    history = model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0, nan="allow")
    return bits(model, history), history


def assert_tiers_agree(make: Any, x: Any, y: Any, **compiled: Any) -> None:
    eager, _ = train(make, x, y, False, **compiled)
    captured, history = train(make, x, y, True, **compiled)

    np.testing.assert_equal(captured, eager)
    assert (history.tier, history.refusals) == ("captured", [])


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype("float32")


def layer_of(case: Case) -> Any:
    config = {
        key: getattr(layers, value.kind)(**value.config) if isinstance(value, Nested) else value
        for key, value in case.config.items()
    }
    return getattr(layers, case.kind)(**config)


def net_around(case: Case) -> Any:
    def make() -> Any:
        dtype = "float32" if case.high is None else "int32"
        inputs = [layers.Input(shape[1:], dtype=dtype) for shape in case.shapes]
        y = layer_of(case)(inputs[0] if len(inputs) == 1 else inputs)
        y = layers.Flatten()(y.float() if y.dtype != torch.float32 else y)
        return keras.Model(inputs, layers.Dense(1)(y))

    return make


@pytest.mark.parametrize(
    "case", first_of_each(LAYERS, "kind", 2), ids=lambda c: f"{c.kind}-{'-'.join(c.config)}"
)
def test_layer(case):
    random = np.random.default_rng(0)
    shapes = [(EXAMPLES, *shape[1:]) for shape in case.shapes]
    x = [
        numbers(*shape) if case.high is None else random.integers(0, case.high, shape)
        for shape in shapes
    ]

    assert_tiers_agree(net_around(case), x if len(x) > 1 else x[0], numbers(EXAMPLES, 1))


@pytest.mark.parametrize("case", first_of_each(RANDOM, "kind", 1), ids=lambda c: c.kind)
def test_augmentation(case):
    def make() -> Any:
        return keras.Sequential(
            [
                layers.Input((8, 9, 3)),
                getattr(layers, case.kind)(**case.config),
                layers.Flatten(),
                layers.Dense(1),
            ]
        )

    assert_tiers_agree(make, abs(numbers(EXAMPLES, 8, 9, 3)) * 100, numbers(EXAMPLES, 1))


def repeated(values: np.ndarray) -> np.ndarray:
    return np.resize(values, (EXAMPLES, *values.shape[1:]))


def head_like(y_pred: np.ndarray) -> Any:
    """A model whose output has the shape and the range of these predictions."""
    y_pred = np.asarray(y_pred)
    size = int(np.prod(y_pred.shape[1:], dtype=int))
    is_share = y_pred.dtype.kind == "f" and y_pred.size and 0 <= y_pred.min() <= y_pred.max() <= 1
    activation = "linear"
    if is_share:
        sums = y_pred.sum(-1)
        activation = "softmax" if np.allclose(sums, 1.0, atol=1e-4) else "sigmoid"

    def make() -> Any:
        x = layers.Input((5,))
        y = layers.Dense(size)(x)
        y = layers.Reshape(y_pred.shape[1:])(y) if y_pred.ndim != 2 else y
        return keras.Model(x, layers.Activation(activation)(y))

    return make


@pytest.mark.parametrize(
    "case", first_of_each(LOSSES, "kind", 2), ids=lambda c: f"{c.kind}-{c.inputs}"
)
def test_loss(case):
    y, y_pred = (repeated(values) for values in LOSS_INPUTS[case.inputs])

    assert_tiers_agree(
        head_like(y_pred),
        numbers(EXAMPLES, 5),
        y,
        loss=lambda: getattr(losses, case.kind)(**case.arguments),
    )


@pytest.mark.parametrize(
    "case", first_of_each(METRICS, "name", 1), ids=lambda c: f"{c.name}-{c.inputs}"
)
def test_metric(case):
    y, y_pred = BATCHES[case.inputs](EXAMPLES)[:2]

    def own_loss(y_true, y_pred):
        return y_pred.reshape(len(y_pred), -1).square().mean(1)

    assert_tiers_agree(
        head_like(y_pred),
        numbers(EXAMPLES, 5),
        y,
        loss=lambda: own_loss,
        metrics=lambda: [getattr(metrics, case.name)(**case.arguments)],
    )


CAPTURED_OPTIMIZERS = {k: v for k, v in OPTIMIZERS.items() if v(optimizers).capturable}


@pytest.mark.parametrize("make", CAPTURED_OPTIMIZERS.values(), ids=CAPTURED_OPTIMIZERS)
def test_optimizer(make):
    def net() -> Any:
        return keras.Sequential(
            [
                layers.Input((5,)),
                layers.Dense(
                    6, activation="relu", kernel_regularizer="l2", kernel_constraint="max_norm"
                ),
                layers.Dropout(0.3),
                layers.BatchNormalization(),
                layers.Dense(1),
            ]
        )

    assert_tiers_agree(
        net, numbers(EXAMPLES, 5), numbers(EXAMPLES, 1), optimizer=lambda: make(optimizers)
    )

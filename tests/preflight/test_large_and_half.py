"""NaN forensics where the state is large, and where layers compute in half precision."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.train import forensics

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = X[:, :1] * 0.5


@pytest.fixture
def half():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def fitted(*parts, optimizer=None, x=X):
    keras.utils.set_random_seed(2)
    end = layers.Dense(1, dtype="float32", name="last")
    model = keras.Sequential([layers.Input((4,)), *parts, end])
    model.compile(optimizer or "adam", "mse")
    history = model.fit(x, Y, batch_size=8, epochs=3, verbose=0, check="warn")
    return model, {finding.code: finding for finding in history.findings}


def hidden():
    return layers.Dense(8, "relu", name="hidden")


# -- a large state ---------------------------------------------------------------------------


def test_a_large_state_is_copied_to_the_memory_of_the_machine(monkeypatch):
    monkeypatch.setattr(forensics, "_USUAL_BYTES", 10)

    model, found = fitted(hidden(), optimizer=keras.optimizers.SGD(1e4))

    assert found["nan-loss"].evidence["rows"] is not None
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_large_state_gives_the_finding_that_a_small_one_gives(monkeypatch):
    _, usual = fitted(hidden(), optimizer=keras.optimizers.SGD(1e4))
    monkeypatch.setattr(forensics, "_USUAL_BYTES", 10)

    _, large = fitted(hidden(), optimizer=keras.optimizers.SGD(1e4))

    assert large["nan-loss"].problem == usual["nan-loss"].problem
    assert large["nan-loss"].details == usual["nan-loss"].details


@pytest.mark.parametrize("free", [0, 100])
def test_no_copy_is_made_where_memory_is_short(monkeypatch, free):
    monkeypatch.setattr(forensics, "_USUAL_BYTES", 10)
    monkeypatch.setattr(forensics, "_free_bytes", lambda: free)

    _, found = fitted(hidden(), optimizer=keras.optimizers.SGD(1e4))

    assert "could not be made again" in found["nan-loss"].expected


def test_free_memory_is_known_here():
    assert forensics._free_bytes() > 1 << 20


# -- half precision --------------------------------------------------------------------------


def test_numbers_beyond_half_precision_are_named_under_its_policy(half):
    _, found = fitted(hidden(), layers.Rescaling(3e4), layers.Rescaling(3e4))

    assert found["nan-loss"].evidence["cause"] == "half"
    assert found["nan-loss"].evidence["first"]["layer"].startswith("rescaling")
    assert "beyond float16, which ends at 65504" in found["nan-loss"].problem
    assert '"mixed_bfloat16"' in found["nan-loss"].fix


def test_steps_that_loss_scaling_skips_are_no_accident(half):
    x = X.copy()
    x[3] *= 200  # whose gradient, times the scale, is beyond half precision

    model, found = fitted(hidden(), x=x)

    assert "nan-loss" not in found
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"


def test_the_rate_is_that_of_the_optimizer_under_loss_scaling(half):
    _, found = fitted(hidden(), optimizer=keras.optimizers.SGD(100.0))

    assert found["lr-too-high"].fix.endswith("SGD(learning_rate=0.01).")
    assert "with a learning rate of 100" in found["lr-too-high"].problem

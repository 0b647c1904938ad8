"""verify: every tier beside eager, on copies."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers, optimizers
from lamina.core.errors import ArgumentError, ArgumentTypeError, CaptureError
from lamina.step.verification import Difference, Verification, verify


def numbers(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype("float32")


def net(*inside):
    return keras.Sequential([layers.Input((4,)), *inside, layers.Dense(1)])


BATCH = (numbers(6, 4), numbers(6, 1))


@pytest.fixture
def model():
    made = net(layers.Dense(3, "tanh"), layers.Dropout(0.4), layers.BatchNormalization())
    made.compile("adam", "mse", metrics=["mae"])
    return made


def test_the_public_name_is_the_function():
    assert keras.step.verify is verify


def test_captured_is_equal_to_the_bit(model):
    report = verify(model, BATCH, ["captured"])

    assert report["captured"] == Difference("captured", 0.0, 0.0, 0.0)
    assert report["captured"].largest == 0.0


def test_nothing_of_the_model_changes(model):
    model.fit(*BATCH, epochs=2, verbose=0)
    weights = model.get_weights()
    slots = {(n, k): t.clone() for n, k, t in model.session().state.slots()}
    calls = model.optimizer.calls

    verify(model, BATCH, ["captured"])

    np.testing.assert_equal(model.get_weights(), weights)
    assert all(torch.equal(t, slots[n, k]) for n, k, t in model.session().state.slots())
    assert model.optimizer.calls == calls


def test_a_session_serves_as_well(model):
    model.fit(*BATCH, epochs=1, verbose=0)

    assert verify(model.session(), BATCH, ["captured"])["captured"].largest == 0.0


def test_a_model_that_was_never_built_is_built_once(capsys):
    made = keras.Sequential([layers.Dense(3, "relu"), layers.Dense(1)])
    made.compile("sgd", "mse")

    assert verify(made, BATCH, ["captured"])["captured"].largest == 0.0


def test_accumulating_steps_are_verified_too():
    made = net()
    made.compile(optimizers.SGD(0.1, gradient_accumulation_steps=2), "mse")

    assert verify(made, BATCH, ["captured"])["captured"].largest == 0.0


def test_a_tier_that_cannot_run_says_why():
    made = net(layers.Lambda(lambda x: x * x.sum().item()))
    made.compile("sgd", "mse")

    report = verify(made, BATCH, ["captured"])

    assert report["captured"].largest is None
    assert "reads a tensor's value in Python." in report["captured"].refusal.problem


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_the_table_is_printed(model, capsys):
    report = verify(model, BATCH, ["captured", "graphed"])

    assert capsys.readouterr().out == f"{report}\n"
    assert str(report) == (
        "largest difference from eager after 5 steps (0 is equal to the bit)\n"
        "tier         weights     slots   metrics\n"
        "captured           0         0         0\n"
        "graphed            -         -         -\n"
        "graphed: the step cannot become a CUDA graph on device 'cpu'."
    )


def test_differences_are_shown_with_two_digits():
    report = Verification(5, (Difference("compiled", 1.234e-7, 0.0, 2.0),))

    assert str(report).splitlines()[2] == "compiled     1.2e-07         0         2"


def test_refusals_stand_below_the_table():
    refusal = CaptureError("no.", expected="yes.", fix="none.")

    assert str(Verification(5, (Difference("graphed", refusal=refusal),))).endswith("graphed: no.")


def test_unknown_tiers_are_refused(model):
    with pytest.raises(ArgumentError, match=r"'fast'"):
        verify(model, BATCH, ["fast"])


def test_a_batch_is_a_tuple(model):
    message = (
        r"^verify\(batch\) received ndarray\.\n"
        r"  expected: a tuple \(x, y\) or \(x, y, sample_weight\)\.\n"
        r"  fix: verify\(model, \(x\[:32\], y\[:32\]\)\)\.$"
    )

    with pytest.raises(ArgumentTypeError, match=message):
        verify(model, BATCH[0])

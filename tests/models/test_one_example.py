"""A single example, a single feature, frozen layers: what the message says to do works."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.core.errors import ShapeError, StateError


def pictures():
    model = keras.Sequential([layers.Input((4, 4)), layers.Flatten(), layers.Dense(1)], name="m")
    model.compile("adam", "mse")
    return model


def test_a_call_on_one_picture_names_the_batch_axis():
    with pytest.raises(ShapeError, match="received shape") as caught:
        pictures()(np.zeros((4, 4), "float32"))

    assert caught.value.fix == "a single example needs a batch axis before: x[None]."


@pytest.mark.parametrize("code", ["x[:1]", "x[0][None]", "x[0].reshape(1, 4, 4)"])
def test_what_the_fix_says_is_answered(code):
    x = np.zeros((3, 4, 4), "float32")

    assert pictures().predict(eval(code, {"x": x}), verbose=0).shape == (1, 1)


def test_numbers_without_a_feature_axis_are_named():
    model = keras.Sequential([layers.Dense(4, name="first"), layers.Dense(1)])
    model.compile("adam", "mse")

    with pytest.raises(ShapeError, match="first received") as caught:
        model.fit(np.arange(8.0), np.arange(8.0), verbose=0)

    assert str(caught.value) == (
        "first received an input of shape (None,).\n"
        "  expected: at least 2 axes, (batch, ..., features).\n"
        "  fix: give each example a row of one feature: x = x.reshape(-1, 1)."
    )


def test_frozen_layers_alone_are_named():
    model = pictures()
    model.layers[-1].trainable = False

    with pytest.raises(StateError, match="frozen") as caught:
        model.fit(np.zeros((8, 4, 4)), np.arange(8.0), verbose=0)

    assert str(caught.value) == (
        "'m' has no trainable weights: all are frozen.\n"
        "  expected: at least one layer with weights whose trainable is True.\n"
        "  fix: unfreeze a layer: m.layers[-1].trainable = True; then compile again."
    )

"""Weights alone: names, places, differences listed together, all of them or none."""

import copy

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import lamina as keras
from lamina import layers
from lamina.core.errors import LoadError, StateError
from tests.models.saving_cases import small, trained


def test_weights_are_stored_under_the_names_of_state_dict(tmp_path):
    model = trained(small())

    model.save_weights(tmp_path / "w.safetensors")

    stored = load_file(tmp_path / "w.safetensors")
    assert sorted(stored) == sorted(model.state_dict())
    assert all(torch.equal(stored[name], value) for name, value in model.state_dict().items())


def test_weights_are_loaded_into_the_same_tensors(tmp_path):
    model = trained(small())
    model.save_weights(tmp_path / "w.safetensors")
    other = trained(small(), epochs=1)
    before = [weight.data_ptr() for weight in other.parameters()]

    other.load_weights(tmp_path / "w.safetensors")

    assert [weight.data_ptr() for weight in other.parameters()] == before
    np.testing.assert_equal(other.get_weights(), model.get_weights())


def test_weights_that_do_not_fit_are_listed_together_and_change_nothing(tmp_path):
    source = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(2, name="b")]
    )
    source.save_weights(tmp_path / "w.safetensors")
    target = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, name="a"), layers.Dense(2, name="c")]
    )
    before = copy.deepcopy(target.get_weights())

    with pytest.raises(LoadError, match="6 of its tensors do not fit the model") as caught:
        target.load_weights(tmp_path / "w.safetensors")

    assert caught.value.expected == (
        "exactly the weights of the model. missing: 'c.kernel', 'c.bias'; "
        "unexpected: 'b.bias', 'b.kernel'; of another shape or dtype: 'a.kernel' is (4, 5) "
        "float32, the model's (4, 6) float32, 'a.bias' is (5,) float32, the model's (6,) float32."
    )
    np.testing.assert_equal(target.get_weights(), before)


def test_skip_mismatch_takes_what_fits(tmp_path):
    source = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(2, name="b")]
    )
    source.save_weights(tmp_path / "w.safetensors")
    target = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(3, name="b")]
    )

    target.load_weights(tmp_path / "w.safetensors", skip_mismatch=True)

    assert torch.equal(target.layers[0].kernel, source.layers[0].kernel)


def test_a_model_without_weights_cannot_take_any(tmp_path):
    small().save_weights(tmp_path / "w.safetensors")
    model = keras.Sequential([layers.Dense(2)], name="empty")

    with pytest.raises(StateError, match="'empty' has no weights yet"):
        model.load_weights(tmp_path / "w.safetensors")


def test_weights_fit_the_model_that_the_same_program_makes_again(tmp_path):
    """Automatic names count on: dense_2 of the file is dense_5 here."""

    def made():
        inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(4)])
        x = keras.Input((4,))
        return keras.Model(x, layers.Dense(2, name="head")(inner(x) + inner(2 * x)))

    for _ in range(4):
        first, second = made(), made()
        first.save_weights(tmp_path / "w.safetensors")
        second.load_weights(tmp_path / "w.safetensors")

    np.testing.assert_equal(second.get_weights(), first.get_weights())


def test_names_given_by_the_user_have_to_be_the_same(tmp_path):
    keras.Sequential([keras.Input((4,)), layers.Dense(2, name="a_1")]).save_weights(
        tmp_path / "w.safetensors"
    )
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="a_2")])

    with pytest.raises(LoadError, match=r"missing: 'a_2\.kernel', 'a_2\.bias'; unexpected: "):
        model.load_weights(tmp_path / "w.safetensors")

"""Regularizers give the penalties of the real Keras."""

import inspect

import pytest
import torch
from torch.testing import assert_close

from lamina.layers import regularizers

CASES = {
    "L1": lambda r: r.L1(0.1),
    "L1 default": lambda r: r.L1(),
    "L2": lambda r: r.L2(0.1),
    "L2 default": lambda r: r.L2(),
    "L1L2": lambda r: r.L1L2(0.1, 0.2),
    "L1L2 default": lambda r: r.L1L2(),
    "L1L2 one": lambda r: r.L1L2(l2=0.2),
    "OrthogonalRegularizer": lambda r: r.OrthogonalRegularizer(0.1),
    "OrthogonalRegularizer columns": lambda r: r.OrthogonalRegularizer(0.1, mode="columns"),
}
every_case = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


def weight():
    return torch.linspace(-1.0, 2.0, 12).reshape(3, 4).sin()


@every_case
def test_penalty_is_that_of_keras(keras, make):
    penalty = make(regularizers)(weight())

    assert penalty.shape == ()
    assert_close(penalty, make(keras.regularizers)(weight()))


@every_case
def test_gradient_is_that_of_keras(keras, make):
    x, other = weight().requires_grad_(), weight().requires_grad_()
    (make(keras.regularizers)(other) + 0 * other.sum()).backward()

    (make(regularizers)(x) + 0 * x.sum()).backward()

    assert_close(x.grad, other.grad)


@every_case
def test_configuration_makes_an_equal_regularizer(make):
    regularizer = make(regularizers)

    again = regularizers.deserialize(regularizers.serialize(regularizer))

    assert type(again) is type(regularizer)
    assert again.get_config() == regularizer.get_config()


@pytest.mark.parametrize("name", regularizers.CLASSES)
def test_signature_is_that_of_keras(keras, name):
    ours = inspect.signature(regularizers.CLASSES[name]).parameters
    theirs = inspect.signature(getattr(keras.regularizers, name)).parameters

    assert {k: p.default for k, p in ours.items()} == {k: p.default for k, p in theirs.items()}


def test_every_regularizer_has_a_row(keras):
    public = {name for name in dir(keras.regularizers) if not name.startswith("_")}

    assert public <= set(dir(regularizers))
    assert set(regularizers.CLASSES) == {c.partition(" ")[0] for c in CASES} | {"Regularizer"}


@pytest.mark.parametrize("word", ["l1", "l2", "l1l2", "L1L2", "orthogonal_regularizer"])
def test_a_word_finds_its_regularizer(keras, word):
    assert type(regularizers.get(word)).__name__ == type(keras.regularizers.get(word)).__name__


def test_l1_l2_is_a_word_too():  # in Keras only the alias of the class has this name
    assert isinstance(regularizers.get("l1_l2"), regularizers.L1L2)


def test_none_stays_none_and_a_class_is_made():
    assert regularizers.get(None) is None
    assert isinstance(regularizers.get(regularizers.L2), regularizers.L2)
    assert regularizers.Regularizer()(weight()).item() == 0.0

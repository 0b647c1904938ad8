"""Constraints project as those of the real Keras do."""

import inspect

import pytest
import torch
from torch.testing import assert_close

from lamina.layers import constraints
from lamina.optimizers import SGD

CASES = {
    "MaxNorm": lambda c: c.MaxNorm(0.8),
    "MaxNorm default": lambda c: c.MaxNorm(),
    "MaxNorm axes": lambda c: c.MaxNorm(0.8, axis=[0, 1]),
    "MinMaxNorm": lambda c: c.MinMaxNorm(0.5, 0.9),
    "MinMaxNorm rate": lambda c: c.MinMaxNorm(0.5, 0.9, rate=0.3, axis=1),
    "NonNeg": lambda c: c.NonNeg(),
    "UnitNorm": lambda c: c.UnitNorm(),
    "UnitNorm axis": lambda c: c.UnitNorm(axis=1),
}
every_case = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


def weight():
    return torch.linspace(-1.0, 2.0, 12).reshape(3, 4).sin()


@every_case
def test_projection_is_that_of_keras(keras, make):
    start = weight()

    projected = make(constraints)(start)

    assert_close(projected, make(keras.constraints)(weight()))
    assert torch.equal(start, weight())


@every_case
def test_configuration_makes_an_equal_constraint(make):
    constraint = make(constraints)

    again = constraints.deserialize(constraints.serialize(constraint))

    assert type(again) is type(constraint)
    assert again.get_config() == constraint.get_config()


@pytest.mark.parametrize("name", constraints.CLASSES)
def test_signature_is_that_of_keras(keras, name):
    ours = inspect.signature(constraints.CLASSES[name]).parameters
    theirs = inspect.signature(getattr(keras.constraints, name)).parameters

    assert {k: p.default for k, p in ours.items()} == {k: p.default for k, p in theirs.items()}


def test_every_constraint_has_a_row(keras):
    public = {name for name in dir(keras.constraints) if not name.startswith("_")}

    assert public <= set(dir(constraints))
    assert set(constraints.CLASSES) == {c.partition(" ")[0] for c in CASES} | {"Constraint"}


@pytest.mark.parametrize("word", ["max_norm", "min_max_norm", "non_neg", "unit_norm", "UnitNorm"])
def test_a_word_finds_its_constraint(keras, word):
    assert type(constraints.get(word)).__name__ == type(keras.constraints.get(word)).__name__


def test_an_optimizer_applies_the_constraint_of_a_weight():
    kernel = torch.zeros(2)
    kernel.constraint = constraints.NonNeg()

    SGD(1.0).apply([torch.tensor([1.0, -1.0])], [kernel])

    assert kernel.tolist() == [0.0, 1.0]


def test_none_stays_none_and_the_base_changes_nothing():
    assert constraints.get(None) is None
    assert torch.equal(constraints.Constraint()(weight()), weight())

"""Weights by class, and the errors that only some values cause."""

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError
from lamina.data.weights import (
    class_sample_weight,
    class_weight_table,
    to_sample_weight,
    weights_of,
)

WEIGHTS = {0: 1.0, 1: 5.0, 2: 0.5}


@pytest.mark.parametrize(
    "y",
    [
        torch.tensor([0, 2, 1, 1]),
        torch.tensor([[0], [2], [1], [1]]),
        torch.tensor([0.0, 2.0, 1.0, 1.0]),
        torch.tensor([0, 2, 1, 1], dtype=torch.uint8),
        torch.eye(3)[[0, 2, 1, 1]],
    ],
)
def test_each_sample_has_the_weight_of_its_class(y):
    assert class_sample_weight(y, WEIGHTS).tolist() == [1.0, 0.5, 5.0, 5.0]


def test_boolean_labels_have_weights():
    assert class_sample_weight(torch.tensor([True, False]), {0: 1, 1: 3}).tolist() == [3, 1]


@pytest.mark.parametrize("key", [np.int64(1), np.float64(1.0), 1.0])
def test_class_numbers_of_numpy_are_keys(key):
    assert class_weight_table({key: 2}) == {1: 2.0}


def test_a_class_of_the_model_may_be_absent_from_the_data():
    y = torch.tensor([0, 1])

    assert class_sample_weight(y, WEIGHTS, num_classes=3).tolist() == [1.0, 5.0]


@pytest.mark.parametrize("key", ["0", None, 0.5, float("nan"), float("inf"), True])
def test_keys_that_are_no_class_are_refused(key):
    with pytest.raises(ArgumentTypeError, match=r"^class_weight has the key "):
        class_weight_table({key: 1.0})


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "1", None])
def test_weights_that_are_no_weight_are_refused(weight):
    with pytest.raises(ArgumentError, match=r"^class_weight gives class 0 the weight "):
        class_weight_table({0: weight})


def test_missing_labels_are_refused():
    with pytest.raises(ArgumentError, match="y is missing"):
        weights_of(None, WEIGHTS)


def test_weights_of_one_column_are_accepted():
    assert to_sample_weight("w", np.ones((3, 1)), torch.zeros(3), 3).shape == (3, 1)


def test_a_part_of_nested_weights_is_named():
    y = [torch.zeros(3), torch.zeros(3)]

    with pytest.raises(DataError, match=r"^w\[1\] is negative at row 2"):
        to_sample_weight("w", [[1, 1, 1], [1, 1, -1]], y, 3)

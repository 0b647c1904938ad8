"""One-hot rows and rows of unit length."""

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError
from lamina.data.encoding import normalize, to_categorical


@pytest.mark.parametrize(
    ("x", "num_classes", "shape"),
    [
        ([0, 2, 1], None, (3, 3)),
        ([0, 2, 1], 5, (3, 5)),
        (np.array([[0], [1]]), None, (2, 2)),
        (np.array([[0, 1], [1, 0]], "uint8"), 4, (2, 2, 4)),
        ([0.0, 1.0], None, (2, 2)),
        ([True, False], None, (2, 2)),
        (2, None, (3,)),
    ],
)
def test_rows_have_one_1_at_the_class(x, num_classes, shape):
    result = to_categorical(x, num_classes)

    assert (result.shape, result.dtype) == (shape, np.float64)
    assert result.sum(-1).tolist() == np.ones(shape[:-1]).tolist()
    assert result.argmax(-1).ravel().tolist() == np.asarray(x, int).ravel().tolist()


def test_a_tensor_gives_a_tensor():
    result = to_categorical(torch.tensor([[1], [0]]), 3)

    assert result.dtype == torch.float32
    assert result.tolist() == [[0, 1, 0], [1, 0, 0]]


def test_a_number_of_classes_is_checked():
    with pytest.raises(ArgumentError, match=r"^to_categorical\(num_classes=0\) is not possible"):
        to_categorical([0], 0)


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0.6, 0.8], [0.0, 0.0]]),
        ({"order": 1}, [[3 / 7, 4 / 7], [0.0, 0.0]]),
        ({"axis": 0}, [[1.0, 1.0], [0.0, 0.0]]),
    ],
)
def test_vectors_have_length_one(kind, options, expected):
    result = normalize(kind([[3.0, 4.0], [0.0, 0.0]]), **options)

    np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-6)


def test_normalizing_leaves_its_input_unchanged():
    x = np.array([[3.0, 4.0]])
    normalize(x)

    assert x.tolist() == [[3, 4]]

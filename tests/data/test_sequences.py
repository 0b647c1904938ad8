"""PyDataset, and batches as tuples."""

import numpy as np
import pytest

from lamina.core.errors import ArgumentError
from lamina.data.sequences import PyDataset, pack_x_y_sample_weight, unpack_x_y_sample_weight


class Forgetful(PyDataset):
    def __init__(self):
        pass

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return index


def test_a_subclass_may_forget_its_constructor():
    data = Forgetful()

    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (1, False, 10)
    assert list(data) == [0, 1]


@pytest.mark.parametrize(
    "options", [{"workers": -1}, {"max_queue_size": 0}, {"use_multiprocessing": "yes"}]
)
def test_options_are_checked(options):
    with pytest.raises(ArgumentError, match=r"^PyDataset\("):
        PyDataset(**options)


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (5, (5, None, None)),
        ((1,), (1, None, None)),
        ([1, 2], (1, 2, None)),
        ((1, 2, 3), (1, 2, 3)),
        ({"a": 1}, ({"a": 1}, None, None)),
    ],
)
def test_batches_are_unpacked(data, parts):
    assert unpack_x_y_sample_weight(data) == parts


@pytest.mark.parametrize(
    ("parts", "packed"),
    [((1,), 1), (([1],), ([1],)), ((1, 2), (1, 2)), ((1, 2, 3), (1, 2, 3))],
)
def test_batches_are_packed(parts, packed):
    assert pack_x_y_sample_weight(*parts) == packed


def test_arrays_are_packed_as_they_are():
    x = np.ones(2)

    assert pack_x_y_sample_weight(x) is x

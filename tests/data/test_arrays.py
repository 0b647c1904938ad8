"""Inputs, labels and weights together."""

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError, DataError
from lamina.data.arrays import to_arrays, unpack_validation


def test_the_three_parts_are_tensors():
    arrays = to_arrays(np.zeros((3, 2)), [0, 1, 2], [1, 0, 2])

    assert arrays.num_examples == 3
    assert (arrays.x.dtype, arrays.y.dtype) == (torch.float32, torch.int64)
    assert arrays.sample_weight.tolist() == [1.0, 0.0, 2.0]
    assert arrays.sample_weight.dtype == torch.float32


def test_labels_of_one_column_keep_it():
    assert to_arrays(np.zeros((3, 2)), np.zeros((3, 1))).y.shape == (3, 1)


def test_whole_numbers_and_booleans_are_accepted():
    arrays = to_arrays(np.array([[True], [False]]), np.array([3, 4], "uint8"))

    assert (arrays.x.dtype, arrays.y.dtype) == (torch.bool, torch.uint8)


def test_nan_goes_on_where_it_is_allowed():
    assert to_arrays([[np.nan]], [np.inf], nan="allow").x.isnan().all()


def test_a_value_that_does_not_fit_is_refused_even_so():
    with pytest.raises(DataError, match="which does not fit float32"):
        to_arrays(np.array([[1e39]]), nan="allow")


def test_other_words_for_nan_are_refused():
    with pytest.raises(ArgumentError, match=r"^fit\(nan='ignore'\) is not possible"):
        to_arrays([[1]], nan="ignore")


def test_no_samples_are_accepted_where_that_is_allowed():
    arrays = to_arrays(np.zeros((0, 8)), allow_empty=True, input_shapes=[(None, 8)])

    assert arrays.x.shape == (0, 8)


def test_names_appear_in_messages():
    names = ("validation_data[0]", "validation_data[1]", "validation_data[2]")

    with pytest.raises(DataError, match=r"^validation_data\[0\] has 2 samples, validation_data\[1"):
        to_arrays(np.zeros((2, 1)), np.zeros(3), names=names)


def test_one_array_of_weights_serves_all_outputs():
    arrays = to_arrays(np.zeros((2, 1)), {"p": [0, 1], "q": [1, 0]}, [1, 2])

    assert {key: weight.tolist() for key, weight in arrays.sample_weight.items()} == {
        "p": [1, 2],
        "q": [1, 2],
    }


@pytest.mark.parametrize(
    "weights", [{"p": [1, 2, 3], "q": [4, 5, 6]}, {"q": [4, 5, 6], "p": [1, 2, 3]}]
)
def test_each_output_has_weights_of_its_own(weights):
    y = {"p": [0, 1, 2], "q": [1, 0, 2]}

    arrays = to_arrays(np.zeros((3, 1)), y, weights)

    assert arrays.sample_weight["p"].tolist() == [1, 2, 3]


def test_user_arrays_are_not_changed():
    x, y = np.array([[1.0, 2.0]]), np.array([1])
    x.flags.writeable = y.flags.writeable = False

    to_arrays(x, y)

    assert (x.tolist(), y.tolist()) == ([[1, 2]], [1])


@pytest.mark.parametrize(("data", "parts"), [((1, 2), (1, 2, None)), ([1, 2, 3], (1, 2, 3))])
def test_validation_data_is_unpacked(data, parts):
    assert unpack_validation(data) == parts

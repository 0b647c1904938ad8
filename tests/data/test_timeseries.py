"""Padding and windows, worked by hand after Keras's documentation."""

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError
from lamina.data.timeseries import pad_sequences, timeseries_dataset_from_array


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0, 0, 1], [0, 2, 3], [4, 5, 6]]),
        ({"value": -1}, [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]),
        ({"padding": "post"}, [[1, 0, 0], [2, 3, 0], [4, 5, 6]]),
        ({"maxlen": 2}, [[0, 1], [2, 3], [5, 6]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [2, 3], [4, 5]]),
        ({"maxlen": 4, "padding": "post"}, [[1, 0, 0, 0], [2, 3, 0, 0], [4, 5, 6, 0]]),
    ],
)
def test_sequences_are_brought_to_one_length(options, expected):
    result = pad_sequences([[1], [2, 3], [4, 5, 6]], **options)

    assert result.dtype == np.int32
    assert result.tolist() == expected


def test_empty_sequences_are_filled():
    assert pad_sequences([[], [1, 2]]).tolist() == [[0, 0], [1, 2]]


def test_sequences_of_arrays_keep_their_axes():
    assert pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]).shape == (2, 2, 2)


def test_text_can_be_padded():
    result = pad_sequences([["a"], ["b", "c"]], dtype=object, value="?")

    assert result.tolist() == [["?", "a"], ["b", "c"]]


@pytest.mark.parametrize("option", ["padding", "truncating"])
def test_other_places_are_refused(option):
    with pytest.raises(ArgumentError, match=rf"^pad_sequences\({option}='middle'\)"):
        pad_sequences([[1]], **{option: "middle"})


def windows(**options):
    data = timeseries_dataset_from_array(np.arange(10), None, 3, batch_size=None, **options)
    return [window.tolist() for window in data]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sequence_stride": 4}, [[0, 1, 2], [4, 5, 6]]),
        ({"sequence_stride": 3, "sampling_rate": 2}, [[0, 2, 4], [3, 5, 7]]),
        ({"start_index": 6}, [[6, 7, 8], [7, 8, 9]]),
        ({"end_index": 4}, [[0, 1, 2], [1, 2, 3]]),
        ({"start_index": 2, "end_index": 5}, [[2, 3, 4]]),
    ],
)
def test_windows_start_and_step_as_asked(options, expected):
    assert windows(**options) == expected


def test_targets_belong_to_the_start_of_a_window():
    data = timeseries_dataset_from_array(np.arange(5), np.arange(5) * 10, 2, batch_size=3)

    assert [(x.tolist(), y.tolist()) for x, y in data] == [
        ([[0, 1], [1, 2], [2, 3]], [0, 10, 20]),
        ([[3, 4]], [30]),
    ]
    assert len(data) == 2


def test_windows_are_mixed_by_their_seed():
    first, again = (windows(shuffle=True, seed=3) for _ in range(2))

    assert first == again
    assert sorted(first) == windows()
    assert first != windows()


def test_batches_can_be_gone_through_again():
    data = timeseries_dataset_from_array(torch.arange(6.0), None, 2, batch_size=2)

    assert [len(part) for part in data] == [len(part) for part in data] == [2, 2, 1]


@pytest.mark.parametrize(
    "options",
    [
        {"sequence_length": 0},
        {"sequence_stride": 0},
        {"sequence_stride": 10},
        {"sampling_rate": 0},
        {"start_index": -1},
        {"start_index": 10},
        {"end_index": 10},
        {"start_index": 4, "end_index": 4},
        {"batch_size": 0},
    ],
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(ArgumentError, match=r"^timeseries_dataset_from_array\("):
        timeseries_dataset_from_array(np.arange(10), None, **{"sequence_length": 3, **options})

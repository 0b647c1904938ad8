"""NaN, infinite and too large values are found wherever they are."""

import re

import numpy as np
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data import finite
from lamina.data.finite import check_finite, narrow, row_chunks


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(finite, "CHUNK_VALUES", 4)


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_whole_numbers_pass(dtype):
    check_finite("x", torch.ones(3, 2, dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_largest_numbers_pass_although_their_sum_overflows(dtype):
    check_finite("x", torch.full((300, 2), torch.finfo(dtype).max, dtype=dtype))


@pytest.mark.parametrize("place", [(0, 0), (1, 1), (2, 0), (6, 1)])
def test_first_place_is_right_in_every_chunk(small_chunks, place):
    x = torch.zeros(7, 2)
    x[place] = torch.nan

    with pytest.raises(DataError, match=f"first at row {place[0]}, column {place[1]}"):
        check_finite("x", x)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([np.nan], "1 NaN (first at row 0)"),
        ([0, np.inf, -np.inf], "2 infinite values (first at row 1)"),
        ([np.inf, np.nan, np.nan], "2 NaN and 1 infinite value (first at row 0)"),
    ],
)
def test_counts_are_right(values, words):
    with pytest.raises(DataError, match=f"^x has {re.escape(words)}"):
        check_finite("x", torch.tensor(values))


def test_more_axes_are_given_as_an_index():
    x = torch.zeros(2, 2, 2)
    x[1, 0, 1] = torch.nan

    with pytest.raises(DataError, match=r"first at \[1, 0, 1\]"):
        check_finite("x", x)


def test_opposite_infinities_are_found():
    with pytest.raises(DataError, match="2 infinite values"):
        check_finite("x", torch.tensor([torch.inf, -torch.inf]))


def test_chunks_cover_all_rows_once(small_chunks):
    chunks = list(row_chunks(torch.arange(14).reshape(7, 2)))

    assert [start for start, _ in chunks] == [0, 2, 4, 6]
    assert torch.cat([part for _, part in chunks]).ravel().tolist() == list(range(14))


def test_narrowing_keeps_values_nan_and_infinity(small_chunks):
    wide = torch.tensor([1.5, torch.nan, -torch.inf, 2.0, 3e38], dtype=torch.float64)

    torch.testing.assert_close(narrow("x", wide, torch.float32), wide.float(), equal_nan=True)


def test_narrowing_finds_what_is_lost_among_infinite_values(small_chunks):
    wide = torch.tensor([[torch.inf], [0], [0], [0], [0], [-2e40]], dtype=torch.float64)

    with pytest.raises(DataError, match=r"value -2e\+40 at row 5, column 0"):
        narrow("x", wide, torch.float32)

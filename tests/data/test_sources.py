"""What counts as a stream, how long it is, and whether it ends."""

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from lamina.data.sequences import PyDataset
from lamina.data.sources import is_endless, is_stream, length_of, refuse_companions


class Numbers(IterableDataset):
    def __iter__(self):
        return iter(range(3))


class Batches(PyDataset):
    def __len__(self):
        return 4


DATA = TensorDataset(torch.arange(5))


@pytest.mark.parametrize(
    "value", [iter([]), (x for x in []), {1, 2}, DATA, Numbers(), DataLoader(DATA), Batches()]
)
def test_these_are_streams(value):
    assert is_stream(value)


@pytest.mark.parametrize(
    "value",
    [
        [1],
        (1, 2),
        {"a": 1},
        np.ones(1),
        torch.ones(1),
        pd.DataFrame({"a": [1]}),
        pd.Series([1]),
        pl.DataFrame({"a": [1]}),
        pl.LazyFrame({"a": [1]}),
        scipy.sparse.eye(2).tocsr(),
        range(3),
        None,
        "text",
        3,
    ],
)
def test_these_are_not(value):
    assert not is_stream(value)


@pytest.mark.parametrize(
    ("source", "length"),
    [
        ([1, 2], 2),
        (iter([1, 2]), None),
        (DataLoader(DATA, batch_size=2), 3),
        (DataLoader(Numbers(), batch_size=2), None),
        (Batches(), 4),
    ],
)
def test_lengths_are_known_where_they_can_be(source, length):
    assert length_of(source) == length


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (itertools.count(), True),
        (itertools.cycle([1]), True),
        (iter([]), False),
        (Batches(), False),
    ],
)
def test_endless_sources_are_recognised(source, answer):
    assert is_endless(source) is answer


def test_absent_companions_pass():
    refuse_companions(iter([]), y=None, validation_split=0.0, sample_weight=None)

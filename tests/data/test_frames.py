"""Data frames of every kind give the same numbers."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch

from lamina.data.arrays import to_arrays
from lamina.data.frames import read

COLUMNS = {"age": [1, 2], "size": [0.5, 1.5]}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
def test_every_kind_of_frame_gives_the_same_table(make):
    arrays = to_arrays(make(COLUMNS))

    assert arrays.x.tolist() == [[1, 0.5], [2, 1.5]]
    assert arrays.x.dtype == torch.float32
    assert arrays.column_names == ("age", "size")


@pytest.mark.parametrize("make", [pd.Series, pl.Series, lambda v: pa.chunked_array([v])])
def test_every_kind_of_series_gives_one_axis(make):
    assert to_arrays([[0], [0]], make([3, 4])).y.tolist() == [3, 4]


@pytest.mark.parametrize("dtype", ["uint8", "bool", "Int64", "boolean", "Float64", "float32"])
def test_column_dtypes_are_read(dtype):
    frame = pd.DataFrame({"a": pd.array([1, 0], dtype=dtype)})

    assert to_arrays(frame).x.tolist() == [[1], [0]]


def test_columns_of_one_small_dtype_keep_it():
    frame = pd.DataFrame(np.array([[1, 2]], "uint8"))

    assert to_arrays(frame).x.dtype == torch.uint8


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"a": pd.array([True, None], dtype="boolean")}),
        pd.DataFrame({"a": pd.array([1.0, None], dtype="Float64")}),
        pd.DataFrame({"a": [1.0, np.nan]}),
        pl.DataFrame({"a": [1, None]}),
        pa.table({"a": [1.0, None]}),
    ],
)
def test_missing_values_are_nan_where_that_is_allowed(frame):
    values = to_arrays(frame, nan="allow").x[:, 0]

    assert values[0] == 1
    assert values[1].isnan()


def test_rows_are_taken_by_position():
    x = pd.DataFrame({"a": [1, 2]}, index=[1, 0])
    y = pd.Series([10, 20], index=[0, 1])

    arrays = to_arrays(x, y)

    assert (arrays.x[:, 0].tolist(), arrays.y.tolist()) == ([1, 2], [10, 20])


def test_columns_are_brought_into_the_wanted_order():
    frame = pd.DataFrame({"b": [1], "extra": [2], "a": [3]})

    arrays = to_arrays(frame, column_names=["a", "b"])

    assert arrays.x.tolist() == [[3, 1]]
    assert arrays.column_names == ("a", "b")


@pytest.mark.parametrize("columns", [[0, 1], pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])])
def test_names_that_are_no_text_are_read(columns):
    assert to_arrays(pd.DataFrame([[1, 2]], columns=columns)).x.tolist() == [[1, 2]]


@pytest.mark.parametrize("value", [object(), 5, "text"])
def test_other_objects_are_left_alone(value):
    assert read("x", value) is None


def test_arrays_do_not_import_narwhals():
    program = (
        "import sys, numpy, torch\n"
        "from lamina.data.arrays import to_arrays\n"
        "to_arrays([[1.0]], numpy.ones(1), [1.0])\n"
        "to_arrays({'a': torch.ones(1, 1)})\n"
        "assert 'narwhals' not in sys.modules\n"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

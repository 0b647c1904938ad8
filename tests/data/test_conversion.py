"""One array-like object becomes one tensor: dtypes, shared memory, kinds."""

import datetime

import numpy as np
import pytest
import torch
from torch import nn

from lamina.core import dtypes
from lamina.core.errors import DataError
from lamina.data.conversion import convert


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("bool", torch.bool),
        ("uint8", torch.uint8),
        ("int8", torch.int8),
        ("int16", torch.int16),
        ("int32", torch.int32),
        ("int64", torch.int64),
        ("uint16", torch.int32),
        ("uint32", torch.int64),
        ("uint64", torch.int64),
        ("float16", torch.float32),
        ("float32", torch.float32),
        ("float64", torch.float32),
        ("longdouble", torch.float32),
        (">f4", torch.float32),
        (">i4", torch.int32),
    ],
)
def test_dtypes_are_held_as_promised(given, held):
    tensor = convert("x", np.array([0, 1], given)).tensor

    assert tensor.dtype == held
    assert tensor.tolist() == [0, 1]


def test_float64_stays_where_it_is_the_default_float():
    dtypes.set_floatx("float64")
    try:
        tensor = convert("x", np.array([1e39])).tensor
    finally:
        dtypes.set_floatx("float32")

    assert tensor.dtype == torch.float64


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int64", "bool"])
def test_memory_is_shared(dtype):
    array = np.zeros((3, 2), dtype)

    assert convert("x", array).tensor.data_ptr() == array.ctypes.data


def test_read_only_memory_is_shared_without_a_warning():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    array.flags.writeable = False

    tensor = convert("x", array).tensor

    assert tensor.data_ptr() == array.ctypes.data
    assert tensor.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_read_only_memory_outlives_its_array():
    tensor = convert("x", np.broadcast_to(np.arange(3.0, dtype="f4"), (1000, 3))).tensor

    assert tensor.shape == (1000, 3)
    assert tensor[-1].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a[:, ::2],
        lambda a: a.T,
        lambda a: np.asfortranarray(a),
        lambda a: a[1:][:, 1:],
    ],
)
def test_any_layout_of_memory_works_and_is_left_unchanged(view):
    array = np.arange(12, dtype=np.float32).reshape(3, 4)

    tensor = convert("x", view(array)).tensor

    assert tensor.tolist() == view(array).tolist()
    assert array.ravel().tolist() == list(range(12))


def test_a_field_of_a_structured_array_works():
    array = np.zeros(3, [("flag", "u1"), ("size", "f4")])
    array["size"] = [1, 2, 3]

    assert convert("x", array["size"]).tensor.tolist() == [1, 2, 3]


def test_a_memory_mapped_file_keeps_its_dtype(tmp_path):
    file = np.memmap(tmp_path / "x", "f8", "w+", shape=(3, 2))
    file[:] = 1.5
    file.flush()
    mapped = np.memmap(tmp_path / "x", "f8", "r", shape=(3, 2))

    tensor = convert("x", mapped).tensor

    assert tensor.dtype == torch.float64
    assert tensor.data_ptr() == mapped.ctypes.data


def test_a_memory_mapped_file_has_to_fit_the_default_float(tmp_path):
    mapped = np.memmap(tmp_path / "x", "f8", "w+", shape=(3, 2))
    mapped[2, 1] = 1e39

    with pytest.raises(DataError, match=r"^x has the value 1e\+39 at row 2, column 1"):
        convert("x", mapped)


@pytest.mark.parametrize("value", [[[1, 2], [3, 4]], ([1, 2], [3, 4]), [(1, 2), (3, 4)]])
def test_regular_lists_are_arrays(value):
    assert convert("x", value).tensor.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "value",
    [
        [np.float32(1), np.float32(2)],
        [torch.tensor(1.0), torch.tensor(2.0)],
        np.ma.array([1.0, 2.0]),
        [range(2), range(2)],
    ],
)
def test_other_lists_and_arrays_are_taken(value):
    assert isinstance(convert("x", value).tensor, torch.Tensor)


def test_objects_that_offer_an_array_are_taken():
    class Offering:
        def __array__(self, dtype=None, copy=None):
            return np.ones((2, 2), np.float32)

    assert convert("x", Offering()).tensor.tolist() == [[1, 1], [1, 1]]


def test_a_tensor_that_needs_a_gradient_is_cut_off():
    weight = nn.Parameter(torch.ones(2, 2))

    tensor = convert("x", weight).tensor

    assert type(tensor) is torch.Tensor
    assert not tensor.requires_grad
    assert tensor.data_ptr() == weight.data_ptr()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_floats_of_torch_become_the_default_float(dtype):
    assert convert("x", torch.ones(2, dtype=dtype)).tensor.dtype == torch.float32


@pytest.mark.parametrize(
    "item", [None, np.nan, "a", b"a", datetime.date(2020, 1, 1), object(), {}, [1], 1 + 1j]
)
def test_objects_of_any_kind_are_refused_in_our_words(item):
    with pytest.raises(DataError, match=r"^x"):
        convert("x", np.array([1, item, 2], dtype=object))


@pytest.mark.parametrize("item", [None, "a", [1], {}.keys])
def test_lists_with_anything_odd_are_refused_in_our_words(item):
    with pytest.raises((DataError, TypeError), match=r"^x.*\n  expected: "):
        convert("x", [1, item, 2])

"""Turns one array-like object of the user into a CPU tensor, without a copy where possible.

Whole numbers and booleans keep their dtype, floats become the default float. Refuses what is no
table of numbers; NaN and infinite values are left to `finite.py`.
"""

import numbers
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import ArgumentTypeError, DataError
from lamina.core.names import shown
from lamina.data import finite, frames

_WIDER = {
    torch.uint16: torch.int32,
    torch.uint32: torch.int64,
    torch.uint64: torch.int64,
}


class Converted(NamedTuple):
    """A tensor, and the names of its columns where it came from a data frame."""

    tensor: Tensor
    columns: tuple[str, ...] = ()


def convert(name: str, value: Any, *, columns: Sequence[str] | None = None) -> Converted:
    """Turns an array, tensor, list of numbers, data frame or series into a CPU tensor.

    Args:
        name: The argument as the user knows it; "y" at its start means labels.
        value: What the user passed. It is never modified.
        columns: Names that a data frame has to be brought in the order of.

    Raises:
        ArgumentTypeError: `value` is nothing that holds numbers.
        DataError: It holds text, dates, missing or complex values, or rows of different lengths.
    """
    if value is None:
        raise ArgumentTypeError(
            f"{name} is None.",
            expected="an array, a tensor, a list of numbers or a data frame.",
            fix=f"pass the data as {name}; a function that prepares it may lack its return.",
        )
    if isinstance(value, Tensor):
        return Converted(_from_torch(name, value))
    if isinstance(value, (list, tuple, range)):
        return Converted(_from_list(name, value))
    if isinstance(value, (np.ndarray, np.generic, int, float, complex, str, bytes)):
        return Converted(_from_numpy(name, value))
    _refuse_sparse(name, value)
    table = frames.read(name, value, columns)
    if table is not None:
        values, names = table
        return Converted(_from_numpy(name, values, names), names)
    if hasattr(value, "__array__"):
        return Converted(_from_numpy(name, np.asarray(value)))
    raise ArgumentTypeError(
        f"{name} is of type {type(value).__name__}, which is no array.",
        expected="an array, a tensor, a list of numbers or a data frame.",
        fix="a data set, a generator or a DataLoader is passed alone, as in model.fit(dataset).",
    )


def float_dtype() -> torch.dtype:
    """The float that data is held in: float32, or float64 where that is the default float."""
    return torch.float64 if dtypes.floatx() == "float64" else torch.float32


def _from_torch(name: str, value: Tensor) -> Tensor:
    if value.is_nested or value.is_quantized:
        raise DataError(
            f"{name} is a {'nested' if value.is_nested else 'quantized'} tensor.",
            expected="a dense tensor of numbers.",
            fix=f"use {name}.{'to_padded_tensor(0)' if value.is_nested else 'dequantize()'}.",
        )
    if value.layout != torch.strided:
        raise _sparse(name, "x.to_dense()")
    if value.is_complex():
        raise _complex(name)
    if value.is_meta:
        raise DataError(
            f"{name} is a tensor on the device 'meta', which has a shape and no values.",
            expected="a tensor with values.",
            fix="make it on the device 'cpu'.",
        )
    return _held(name, value.detach().as_subclass(Tensor).cpu())


def _held(name: str, tensor: Tensor, columns: Sequence[str] = (), on_disk: bool = False) -> Tensor:
    """The tensor in the dtype it is kept in; what lies on disk stays as it is."""
    if tensor.ndim == 0:
        raise DataError(
            f"{name} is the single number {tensor.item():g}.",
            expected="an array with one row for each sample.",
            fix=f"for one sample with one feature pass np.array([[{tensor.item():g}]]).",
        )
    wanted = float_dtype()
    if tensor.dtype in _WIDER:
        return _widened(name, tensor)
    if not tensor.is_floating_point() or tensor.dtype == wanted:
        return tensor
    if tensor.dtype == torch.float64 and on_disk:
        finite.check_fits(name, tensor, wanted)
        return tensor
    if tensor.dtype == torch.float64:
        return finite.narrow(name, tensor, wanted, columns=columns)
    return tensor.to(wanted)


def _widened(name: str, tensor: Tensor) -> Tensor:
    wide = tensor.to(_WIDER[tensor.dtype])
    if tensor.dtype == torch.uint64 and (wide < 0).any():
        place = (wide < 0).nonzero()[0].tolist()
        raise DataError(
            f"{name} has a number of more than 63 bits at {finite.words_for(place)}.",
            expected="whole numbers below 2**63.",
            fix=f'use floats: {name}.astype("float32").',
        )
    return wide


def _from_numpy(name: str, value: Any, columns: Sequence[str] = ()) -> Tensor:
    if np.ma.isMaskedArray(value):
        value = _unmasked(name, value)
    array = np.asarray(value)
    _check_kind(name, array)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    tensor = torch.from_numpy(_sharable(array))
    return _held(name, tensor, columns, on_disk=isinstance(value, np.memmap))


def _sharable(array: np.ndarray) -> np.ndarray:
    """The same values in memory that torch can look at; a copy only where it has to be."""
    if any(stride < 0 or stride % array.itemsize for stride in array.strides):
        return np.ascontiguousarray(array)
    if array.flags.writeable:
        return array
    return np.asarray(_Borrowed(array))


class _Borrowed:
    """Offers read-only memory as writable, because torch warns of read-only arrays.

    Nothing here writes to it. The array is kept alive as long as the memory is looked at.
    """

    def __init__(self, array: np.ndarray) -> None:
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}
        self.owner = array


def _unmasked(name: str, value: np.ma.MaskedArray) -> np.ndarray:
    mask = np.ma.getmaskarray(value)
    if not mask.any():
        return value.data
    place = finite.words_for(np.argwhere(mask)[0].tolist())
    count = int(mask.sum())
    raise DataError(
        f"{name} has {count} masked {'value' if count == 1 else 'values'} (first at {place}).",
        expected="an array without a mask.",
        fix=f"give them a value with {name}.filled(0), or drop those rows.",
    )


def _check_kind(name: str, array: np.ndarray) -> None:
    kind = array.dtype.kind
    if kind in "USTO":
        _refuse_objects(name, array)
    if kind == "c":
        raise _complex(name)
    if kind in "Mm":
        raise DataError(
            f"{name} holds dates or times ({array.dtype}).",
            expected="numbers.",
            fix="convert them, for example to days: (x - x.min()) / np.timedelta64(1, 'D').",
        )
    if array.dtype.names:
        raise DataError(
            f"{name} is a structured array with the fields {shown(array.dtype.names)}.",
            expected="an array with one dtype and one column for each feature.",
            fix="use numpy.lib.recfunctions.structured_to_unstructured.",
        )


def _refuse_objects(name: str, array: np.ndarray) -> None:
    """Raises an error that names the first element which is no number."""
    for place, item in np.ndenumerate(array):
        if isinstance(item, (str, bytes)):
            raise _text(name, item, place)
        if isinstance(item, (list, tuple, np.ndarray, Tensor)):
            raise _ragged(name, f"{_element(name, place)} is an array of its own")
        if not isinstance(item, (numbers.Number, np.bool_)):
            raise DataError(
                f"{_element(name, place)} is {shown(item)}.",
                expected="numbers.",
                fix="fill in or drop what is missing before training.",
            )
    raise DataError(
        f"{name} has dtype object, though it holds numbers.",
        expected="an array whose dtype is a number.",
        fix=f'convert it: {name}.astype("float32").',
    )


def _element(name: str, place: Sequence[int]) -> str:
    return f"{name}[{', '.join(map(str, place))}]" if place else name


def _text(name: str, item: str | bytes, place: Sequence[int]) -> DataError:
    where = f" at {finite.words_for(place)}" if place else ""
    fix = frames.text_fix(name)
    if _is_number_text(item):
        fix = f'convert it: np.asarray({name}).astype("float32").'
    item = str(item) if isinstance(item, str) else item  # np.str_ would show its class
    return DataError(
        f"{name} contains text ({shown(item, 40)}{where}).", expected="numbers.", fix=fix
    )


def _is_number_text(item: str | bytes) -> bool:
    try:
        float(item)
    except ValueError:
        return False
    return True


def _complex(name: str) -> DataError:
    return DataError(
        f"{name} holds complex numbers.",
        expected="real numbers.",
        fix=f"pass the parts as two columns: np.stack([{name}.real, {name}.imag], axis=-1).",
    )


def _sparse(name: str, dense: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"{name} is a sparse matrix.", expected="a dense array.", fix=f"use {dense}."
    )


def _refuse_sparse(name: str, value: Any) -> None:
    if hasattr(value, "tocoo") and hasattr(value, "toarray"):
        raise _sparse(name, f"{name}.toarray()")


def _from_list(name: str, value: Sequence[Any]) -> Tensor:
    if len(value) == 0:
        raise DataError(f"{name} is empty.", expected="at least one sample.", fix="pass data.")
    for index, item in enumerate(value):
        if _is_foreign(item):
            convert(f"{name}[{index}]", item)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise _ragged(name, _difference(name, value)) from error
    if array.dtype.kind in "USO":
        array = np.asarray(value, dtype=object)
    return _from_numpy(name, array)


def _is_foreign(item: Any) -> bool:
    """Whether NumPy would walk through something that is neither a list nor an array."""
    if isinstance(item, (list, tuple, range, str, bytes)):
        return False
    return hasattr(item, "__getitem__") and not hasattr(item, "__array__")


def _ragged(name: str, difference: str) -> DataError:
    return DataError(
        f"{name} has rows of different lengths: {difference}.",
        expected="the same number of values in every row.",
        fix=f"fill them up with keras.utils.pad_sequences({name}).",
    )


def _difference(name: str, value: Sequence[Any]) -> str:
    """Which two neighbours of a nested list differ, as deep as they are."""
    first = _size(value[0])
    for index, item in enumerate(value):
        if _size(item) != first:
            return f"{name}[0] {_sized(first)}, {name}[{index}] {_sized(_size(item))}"
    parts = ((f"{name}[{i}]", item) for i, item in enumerate(value) if first)
    found = (_difference(label, item) for label, item in parts if not isinstance(item, str))
    return next((words for words in found if words), "")


def _size(item: Any) -> int | None:
    return len(item) if isinstance(item, (list, tuple, np.ndarray)) else None


def _sized(size: int | None) -> str:
    if size is None:
        return "is a single value"
    return f"has {size} {'value' if size == 1 else 'values'}"

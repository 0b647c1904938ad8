"""Tensors from what a caller gave: numbers, lists and arrays; anything else is refused by name.

Tensors themselves never come here, so that nothing of this costs a training step time.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import ArgumentTypeError, DataError
from lamina.core.names import shown

_EXPECTED = "numbers: a tensor, an array, a list or a single number."
_NUMBER_KINDS = "biuf"  # NumPy's booleans, whole numbers with and without sign, and floats


def tensor_of(value: Any, name: str, device: torch.device | None = None) -> Tensor:
    """The numbers of anything but a tensor, as a tensor of its own memory where need be.

    Python floats become the default float, as in Keras.

    Args:
        value: What was given.
        name: Name of the argument, for messages.
        device: Where the tensor is to lie; the CPU when `None`.

    Raises:
        ArgumentTypeError: It holds something else than numbers.
        DataError: It is a list whose parts differ in length.
    """
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Tensor) for v in value):
        if len({(tensor.shape, tensor.dtype, tensor.device) for tensor in value}) == 1:
            return torch.stack(list(value))  # gradients flow on
        raise _unequal_parts(name, value)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _unequal_parts(name, value) from error
    if array.dtype.kind not in _NUMBER_KINDS:
        raise _no_numbers(name, value, array)
    if array.dtype == np.float64 and not hasattr(value, "dtype"):
        array = array.astype(dtypes.floatx())
    if array.dtype.itemsize > np.dtype("float64").itemsize:
        array = array.astype("float64")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    usable = array.flags.writeable and all(step >= 0 for step in array.strides)
    return torch.as_tensor(array if usable else array.copy(), device=device)


def no_complex(name: str) -> ArgumentTypeError:
    """The error for complex numbers where real ones are needed, ready to be raised."""
    return ArgumentTypeError(
        f"{name} holds complex numbers.",
        expected="real numbers.",
        fix=f"pass {name}.real, or {name}.abs().",
    )


def _unequal_parts(name: str, value: Any) -> DataError:
    return DataError(
        f"{name} is a list whose parts differ in length: {shown(value, 60)}.",
        expected="lists of one length at every level.",
        fix="make all parts of one length, for example with keras.utils.pad_sequences.",
    )


def _no_numbers(name: str, value: Any, array: np.ndarray) -> ArgumentTypeError:
    if array.dtype.kind == "c":
        return no_complex(name)
    if value is None:
        what = "is None"
    elif array.dtype.kind in "USO" and array.ndim == 0:
        what = f"is {shown(value, 60)}, which is no number"
    elif array.dtype.kind in "US":
        what = f"holds text, such as {shown(str(array.flat[0]), 40)}"
    elif array.dtype.kind == "O":
        wrong = next((v for v in array.flat if not isinstance(v, (int, float))), array.flat[0])
        what = f"holds {shown(wrong, 60)}, which is no number of a fixed size"
    else:
        what = f"holds values of dtype {array.dtype.name}, which are no numbers"
    return ArgumentTypeError(
        f"{name} {what}.", expected=_EXPECTED, fix=f"turn {name} into an array of numbers first."
    )

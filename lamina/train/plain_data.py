"""Plain data as strict JSON and back, unchanged: also NaN, long integers, tuples and arrays."""

import math
import re
from typing import Any

import numpy as np
import torch

from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown

_LARGEST = 2**53
_MARK = "$"
_NUMBERS = re.compile(r"[<>|=](b1|[iu][1248]|f[248])")


def encode(value: Any, owner: str) -> Any:
    """What JSON can hold in the place of a value.

    Args:
        value: Numbers, text, `None`, arrays, and lists, tuples and dicts of these.
        owner: What messages call the thing it belongs to.

    Raises:
        ArgumentTypeError: Something of another kind is among them.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.generic):
        return encode(value.item(), owner)
    if isinstance(value, int):
        return int(value) if abs(value) <= _LARGEST else {"$int": str(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, list):
        return [encode(entry, owner) for entry in value]
    if isinstance(value, tuple):
        return {"$tuple": [encode(entry, owner) for entry in value]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith(_MARK) for key in value):
            return {key: encode(entry, owner) for key, entry in value.items()}
        pairs = [[encode(key, owner), encode(entry, owner)] for key, entry in value.items()]
        return {"$dict": pairs}
    if isinstance(value, (np.ndarray, torch.Tensor)):
        array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
        if array.dtype.kind in "biuf":
            flat = [encode(entry, owner) for entry in array.reshape(-1).tolist()]
            return {"$array": [array.dtype.str, list(array.shape), flat]}
    raise ArgumentTypeError(
        f"{owner} holds {shown(value, 60)} in its state.",
        expected="numbers, text, None, arrays, and lists, tuples and dicts of these.",
        fix="let state() return plain data, and tensors under the key 'tensors'.",
    )


def decode(value: Any) -> Any:
    """The value that `encode` was given."""
    if isinstance(value, list):
        return [decode(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (word := next(iter(value))) in _READERS:
        return _READERS[word](value[word])
    return {key: decode(entry) for key, entry in value.items()}


def _array(parts: list[Any]) -> np.ndarray:
    kind, shape, values = parts
    if not _NUMBERS.fullmatch(kind):
        raise ValueError(f"an array of the dtype {kind[:20]!r}")
    return np.array([decode(entry) for entry in values], dtype=np.dtype(kind)).reshape(shape)


_READERS: dict[str, Any] = {
    "$int": int,
    "$float": float,
    "$tuple": lambda entries: tuple(decode(entry) for entry in entries),
    "$dict": lambda pairs: {decode(key): decode(entry) for key, entry in pairs},
    "$array": _array,
}

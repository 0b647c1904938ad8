"""Checks of arguments that are no plain numbers: shapes, axes, paths, text and functions."""

import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.weighting import as_tensor

_MOST_AXES = 64


def shape(owner: object, value: Any, name: str = "shape") -> tuple[int, ...]:
    """Accepts the sizes of a tensor's axes: a list or tuple of whole numbers of at least 0."""
    if isinstance(value, (tuple, list, np.ndarray)) and len(value) <= _MOST_AXES:
        sizes = [_plain(size) for size in value]
        are_sizes = all(checks.is_whole(size) and size >= 0 for size in sizes)
        if are_sizes and math.prod(size for size in sizes if size) <= checks.MOST:
            return tuple(int(size) for size in sizes)
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a list or tuple of whole numbers of at least 0.",
        fix=f"pass for example {name}=(2, 3).",
    )


def _plain(size: Any) -> Any:
    """A size that came as a tensor without axes, as a number."""
    return size.item() if isinstance(size, Tensor) and size.ndim == 0 else size


def axis(owner: object, value: Any, name: str = "axis") -> int:
    """Accepts the index of an axis, counted from either end."""
    return checks.whole(owner, name, value, low=-_MOST_AXES, high=_MOST_AXES)


def axes(owner: object, value: Any, name: str = "axis") -> Any:
    """Accepts the index of an axis, or a list or tuple of such."""
    if isinstance(value, (tuple, list)):
        return type(value)(axis(owner, one, name) for one in value)
    return axis(owner, value, name)


def axis_of(owner: object, value: Any, tensor: Tensor, name: str = "axis") -> int:
    """Accepts the index of an axis that a tensor has."""
    return checks.whole(owner, name, value, low=-tensor.ndim, high=tensor.ndim - 1)


def path(owner: object, name: str, value: Any, example: str = "runs/first") -> str:
    """Accepts the path of a file or folder, as text, bytes or a path object."""
    if isinstance(value, (str, bytes, os.PathLike)):
        text = os.fsdecode(value)
        if text and "\0" not in text:
            return text
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a path: text or pathlib.Path, not empty.",
        fix=f"pass for example {name}={example!r}.",
    )


def text(owner: object, name: str, value: Any, example: str) -> str:
    """Accepts text."""
    if isinstance(value, str):
        return value
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as text.",
        fix=f"pass for example {name}={example!r}.",
    )


def arguments(owner: object, name: str, value: Any) -> Mapping[str, Any]:
    """Accepts a dictionary whose keys are text, as get_config() returns it."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a dictionary, as get_config() returns it.",
        fix="pass what get_config() or serialize() returned.",
    )


def function(owner: object, name: str, value: Any) -> Callable[..., Any]:
    """Accepts anything that can be called."""
    if callable(value):
        return value
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a function.",
        fix=f"pass for example {name}=lambda *arguments: None.",
    )


def numbers(
    owner: object, name: str, value: Any, *, low: float = -math.inf, open_low: bool = False
) -> Any:
    """Accepts a finite number, or a tensor or array of numbers."""
    if checks.is_number(value):
        return checks.number(owner, name, value, low=low, open_low=open_low)
    found = as_tensor(value, name=name)
    is_fine = found.is_meta or bool(
        torch.all((found > low if open_low else found >= low) & found.isfinite())
    )
    if is_fine and found.dtype != torch.bool:
        return found
    limit = "finite" if low == -math.inf else f"above {low:g}" if open_low else f"{low:g} or more"
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as numbers, each of them {limit}.",
        fix=f"pass for example {name}=1.0.",
    )

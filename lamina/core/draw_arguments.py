"""Arguments of random draws: ends, parameters and shapes, checked and brought to tensors."""

import math
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, kinds
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_tensor


def parameter(owner: str, name: str, value: Any, x: Tensor, low: float = -math.inf) -> Any:
    """A number, or numbers that can be repeated to the shape of the result."""
    value = kinds.numbers(owner, name, value, low=low)
    if isinstance(value, Tensor):
        _check_fit(owner, name, value, x)
    return value


def end(name: str, value: Any) -> int:
    """A whole number, which may come as a float or as a tensor without axes, as in Keras."""
    if isinstance(value, Tensor) and value.ndim == 0:
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return checks.whole("randint", name, value, low=-checks.MOST)


def mask_shape(noise_shape: Any, x: Tensor) -> list[int]:
    """Sizes of the mask of a dropout, `None` meaning those of the input."""
    sizes = (None,) * x.ndim if noise_shape is None else noise_shape
    if isinstance(sizes, (tuple, list)) and len(sizes) == x.ndim:
        pairs = list(zip(sizes, x.shape, strict=True))
        if all(size is None or (checks.is_whole(size) and size in (1, own)) for size, own in pairs):
            return [own if size is None else int(size) for size, own in pairs]
    raise checks.refuse(
        "dropout",
        "noise_shape",
        noise_shape,
        expected=f"'noise_shape' with {x.ndim} sizes, each 1, None or that of the input.",
        fix="leave noise_shape out.",
    )


def spread(owner: str, name: str, value: Any, x: Tensor, low: float | None = None) -> Tensor:
    """A parameter in float32 or wider, repeated to the shape of the result; above 0 by default."""
    kind = torch.float64 if x.dtype == torch.float64 else torch.float32
    kinds.numbers(owner, name, value, low=0.0, open_low=low is None)
    given = as_tensor(value, kind, x, name).to(x.device)
    _check_fit(owner, name, given, x)
    return given.expand(x.shape)


def _check_fit(owner: str, name: str, given: Tensor, x: Tensor) -> None:
    sizes = zip(reversed(given.shape), reversed(x.shape), strict=False)
    if given.ndim > x.ndim or any(own not in (1, size) for own, size in sizes):
        raise ShapeError(
            f"{owner} received {name} of shape {tuple(given.shape)} for shape {tuple(x.shape)}.",
            expected=f"one number, or {name} that can be repeated to shape {tuple(x.shape)}.",
            fix="give the result the shape of the parameters, or a larger one.",
        )

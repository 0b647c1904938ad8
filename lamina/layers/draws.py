"""What initializers are made of: the base class, seeds, distributions and fans.

Random values are drawn on the CPU, so that a seed gives the same weights on every device.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes, kinds, randomness
from lamina.core.configured import Configured
from lamina.core.errors import ArgumentError, ShapeError, StateError

Shape = Sequence[int]


class Initializer(Configured):
    """Makes the first values of a weight; subclass it and write `__call__`."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape; the default float when `dtype` is `None`."""
        raise StateError(
            f"initializer {type(self).__name__} has no __call__().",
            expected="a method __call__(self, shape, dtype=None) that returns a tensor.",
            fix="write it as def __call__(self, shape, dtype=None): return ...",
        )


def fans(
    shape: Shape,
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Number of inputs and outputs that each value of a kernel (..., inputs, outputs) joins."""
    if input_axes is not None and output_axes is not None:
        _check_axes(shape, (*input_axes, *output_axes))
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    receptive_field = math.prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


def _check_axes(shape: Shape, axes: Sequence[int]) -> None:
    if not all(-len(shape) <= axis < len(shape) for axis in axes):
        raise ShapeError(
            f"input_axes and output_axes name axes that shape {tuple(shape)} does not have.",
            expected=f"numbers of axes from {-len(shape)} to {len(shape) - 1}.",
            fix="check both arguments, or leave them out.",
        )


def checked_axes(owner: object, name: str, axes: Any) -> Any:
    """Accepts `None`, or a list or tuple of axes; one axis stands for a list of it."""
    if axes is None:
        return None
    return kinds.axes(owner, axes if isinstance(axes, (list, tuple)) else (axes,), name)


def spread_to(values: Tensor, shape: Shape, owner: str) -> Tensor:
    """Values repeated to a shape.

    Raises:
        ShapeError: They cannot be.
    """
    sizes = zip(reversed(values.shape), reversed(shape), strict=False)
    if values.ndim <= len(shape) and all(own in (1, size) for own, size in sizes):
        return values.expand(tuple(shape))
    raise ShapeError(
        f"{owner} has values of shape {tuple(values.shape)} for a weight of shape {tuple(shape)}.",
        expected="one number, or values that can be repeated to that shape.",
        fix="pass one number, or an array of the shape of the weight.",
    )


def checked_seed(owner: object, seed: Any) -> Any:
    """Accepts `None`, a whole number or an object with `next()`."""
    if seed is None or callable(getattr(seed, "next", None)):
        return seed
    return checks.whole(owner, "seed", seed, high=2**63 - 1)


def _filled(
    shape: Shape, seed: Any, dtype: Any, fill: Callable[[Tensor, torch.Generator], Tensor]
) -> Tensor:
    kind, device = dtypes.to_torch(dtype), torch.get_default_device()
    if not kind.is_floating_point:
        raise ArgumentError(
            f"random values of dtype {dtypes.name_of(kind)} were asked for.",
            expected="a floating point dtype.",
            fix='pass for example dtype="float32".',
        )
    if device.type == "meta":
        return torch.empty(tuple(shape), dtype=kind)
    if seed is None:
        number = randomness.next_seed()
    elif checks.is_whole(seed):
        number = seed
    else:
        number = randomness.derive(0, *np.asarray(seed.next()).reshape(-1).tolist())
    generator = randomness.new_generator(number)
    return fill(torch.empty(tuple(shape), dtype=kind, device="cpu"), generator).to(device)


def uniform(shape: Shape, low: float, high: float, seed: Any, dtype: Any) -> Tensor:
    """Values evenly spread from `low` to `high`."""
    return _filled(shape, seed, dtype, lambda x, rng: x.uniform_(low, high, generator=rng))


def normal(shape: Shape, mean: float, deviation: float, seed: Any, dtype: Any) -> Tensor:
    """Normally distributed values."""
    return _filled(shape, seed, dtype, lambda x, rng: x.normal_(mean, deviation, generator=rng))


def truncated_normal(shape: Shape, mean: float, deviation: float, seed: Any, dtype: Any) -> Tensor:
    """Normally distributed values, none more than two deviations from the mean."""
    edge = math.erf(math.sqrt(2.0))  # where the error function stands at two deviations

    def fill(x: Tensor, rng: torch.Generator) -> Tensor:
        x.uniform_(-edge, edge, generator=rng).erfinv_()
        return x.mul_(math.sqrt(2.0)).clamp_(-2.0, 2.0).mul_(deviation).add_(mean)

    return _filled(shape, seed, dtype, fill)

"""What initializers are made of: the base class, seeds, distributions and fans.

Random values are drawn on the CPU, so that a seed gives the same weights on every device.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes, randomness
from lamina.core.configured import Configured
from lamina.core.errors import StateError

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
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    receptive_field = math.prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


def checked_seed(owner: object, seed: Any) -> Any:
    """Accepts `None`, a whole number or an object with `next()`."""
    if seed is None or callable(getattr(seed, "next", None)):
        return seed
    return checks.whole(owner, "seed", seed, high=2**63 - 1)


def _filled(
    shape: Shape, seed: Any, dtype: Any, fill: Callable[[Tensor, torch.Generator], Tensor]
) -> Tensor:
    kind, device = dtypes.to_torch(dtype), torch.get_default_device()
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

"""Projections that put a weight back into an allowed set after each update."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, configured, dtypes, kinds
from lamina.core.configured import Configured
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_floats

Axes = int | list[int] | tuple[int, ...]


class Constraint(Configured):
    """Turns a weight into the nearest allowed one; subclass it and write `__call__`."""

    def __call__(self, w: Tensor) -> Tensor:
        """The allowed weight next to `w`."""
        return w


class NonNeg(Constraint):
    """Sets negative values to 0."""

    def __call__(self, w: Tensor) -> Tensor:
        """The allowed weight next to `w`."""
        return as_floats(w, "w").clamp(min=0.0)


class MaxNorm(Constraint):
    """Shortens vectors that are longer than a limit.

    w * min(norm, max_value) / (epsilon + norm), with the norm taken along `axis`.

    Args:
        max_value: Longest allowed vector, at least 0.
        axis: Axes along which a vector lies: 0 for Dense kernels (features, units),
            [0, 1, 2] for kernels of 2D convolutions.

    Raises:
        ArgumentError: `max_value` is negative.

    Reference:
        Srivastava et al., "Dropout", Journal of Machine Learning Research 15, 2014.
    """

    def __init__(self, max_value: float = 2, axis: Axes = 0) -> None:
        self.max_value = checks.number(self, "max_value", max_value, low=0.0, example=2.0)
        self.axis = kinds.axes(self, axis)

    def __call__(self, w: Tensor) -> Tensor:
        """The allowed weight next to `w`."""
        w = as_floats(w, "w")
        norms = _norms(w, self.axis)
        return w * (norms.clamp(max=self.max_value) / (dtypes.epsilon() + norms))


class UnitNorm(Constraint):
    """Gives every vector length 1: w / (epsilon + norm), with the norm taken along `axis`.

    Args:
        axis: Axes along which a vector lies.
    """

    def __init__(self, axis: Axes = 0) -> None:
        self.axis = kinds.axes(self, axis)

    def __call__(self, w: Tensor) -> Tensor:
        """The allowed weight next to `w`."""
        w = as_floats(w, "w")
        return w / (dtypes.epsilon() + _norms(w, self.axis))


class MinMaxNorm(Constraint):
    """Moves the length of every vector into a range, at once or a share of the way.

    wanted = rate * clip(norm, min_value, max_value) + (1 - rate) * norm, and the result is
    w * wanted / (epsilon + norm).

    Args:
        min_value: Shortest allowed vector, at least 0.
        max_value: Longest allowed vector, at least 0.
        rate: Share of the way taken at each update, 0 to 1.
        axis: Axes along which a vector lies.

    Raises:
        ArgumentError: A length is negative or `rate` lies outside 0 to 1.
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axes = 0,
    ) -> None:
        self.min_value = checks.number(self, "min_value", min_value, low=0.0, example=0.0)
        self.max_value = checks.number(self, "max_value", max_value, low=0.0, example=1.0)
        self.rate = checks.number(self, "rate", rate, low=0.0, high=1.0)
        self.axis = kinds.axes(self, axis)

    def __call__(self, w: Tensor) -> Tensor:
        """The allowed weight next to `w`."""
        w = as_floats(w, "w")
        norms = _norms(w, self.axis)
        wanted = self.rate * norms.clamp(self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (wanted / (dtypes.epsilon() + norms))


def _norms(w: Tensor, axis: Axes) -> Tensor:
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if not all(-w.ndim <= one < w.ndim for one in axes):
        raise ShapeError(
            f"a constraint along axis {axis} received a weight of shape {tuple(w.shape)}.",
            expected="axes that the weight has.",
            fix="choose another axis; bias vectors have axis 0 alone.",
        )
    return torch.linalg.vector_norm(w, dim=axes, keepdim=True)


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

CLASSES: dict[str, type[Constraint]] = {
    kind.__name__: kind for kind in (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)
}
NAMES = {
    **CLASSES,
    **{"max_norm": MaxNorm, "min_max_norm": MinMaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm},
    **{"maxnorm": MaxNorm, "minmaxnorm": MinMaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm},
}


def get(identifier: Any) -> Callable[[Tensor], Tensor] | None:
    """The projection that a name, a configuration, a class or a callable stands for.

    Raises:
        ArgumentError: No constraint has this name.
        ArgumentTypeError: `identifier` is neither a name nor callable.

    Example:
        >>> get("unit_norm")
        UnitNorm(axis=0)
    """
    return None if identifier is None else configured.obtain("a constraint", identifier, NAMES)


def serialize(constraint: Constraint) -> dict[str, Any]:
    """The constraint as plain data, in Keras's form."""
    return configured.recipe(constraint, "keras.constraints")


def deserialize(
    config: str | Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Constraint:
    """The constraint that `serialize` wrote down.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit.
    """
    return configured.make("a constraint", config, NAMES, custom_objects)

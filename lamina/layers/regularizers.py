"""Penalties on weights or outputs, added to the loss."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks, configured
from lamina.core.configured import Configured
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_floats


class Regularizer(Configured):
    """Turns a tensor into a penalty; subclass it and write `__call__`.

    Args of a subclass become its configuration when they are stored under their own names.
    """

    def __call__(self, x: Tensor) -> Tensor:
        """The penalty on `x`, a tensor without axes."""
        return x.new_zeros(())


class L1(Regularizer):
    """Penalizes the size of each value: l1 * sum(|x|). Drives values to exactly 0.

    Args:
        l1: Strength, at least 0.

    Raises:
        ArgumentError: `l1` is negative or not finite.
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = checks.number(self, "l1", 0.01 if l1 is None else l1, low=0.0, example=0.01)

    def __call__(self, x: Tensor) -> Tensor:
        """The penalty on `x`, a tensor without axes."""
        return self.l1 * as_floats(x, "x").abs().sum()


class L2(Regularizer):
    """Penalizes the square of each value: l2 * sum(x²). Keeps values small.

    Args:
        l2: Strength, at least 0.

    Raises:
        ArgumentError: `l2` is negative or not finite.
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = checks.number(self, "l2", 0.01 if l2 is None else l2, low=0.0, example=0.01)

    def __call__(self, x: Tensor) -> Tensor:
        """The penalty on `x`, a tensor without axes."""
        return self.l2 * as_floats(x, "x").square().sum()


class L1L2(Regularizer):
    """Penalizes size and square of each value: l1 * sum(|x|) + l2 * sum(x²).

    Args:
        l1: Strength of the first part, at least 0.
        l2: Strength of the second part, at least 0.

    Raises:
        ArgumentError: A strength is negative or not finite.
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = checks.number(self, "l1", 0.0 if l1 is None else l1, low=0.0, example=0.01)
        self.l2 = checks.number(self, "l2", 0.0 if l2 is None else l2, low=0.0, example=0.01)

    def __call__(self, x: Tensor) -> Tensor:
        """The penalty on `x`, a tensor without axes."""
        x = as_floats(x, "x")
        parts = []
        if self.l1:
            parts.append(self.l1 * x.abs().sum())
        if self.l2:
            parts.append(self.l2 * x.square().sum())
        return sum(parts[1:], parts[0]) if parts else x.new_zeros(())


class OrthogonalRegularizer(Regularizer):
    """Penalizes rows (or columns) of a matrix that point the same way.

    factor times half the sum of |cosine| over all ordered pairs of different rows, divided by
    the number of pairs.

    Args:
        factor: Strength, at least 0.
        mode: "rows" or "columns".

    Raises:
        ArgumentError: `factor` is negative or `mode` is neither word.
        ShapeError: The weight is no matrix.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = checks.number(self, "factor", factor, low=0.0, example=0.01)
        self.mode = checks.choice(self, "mode", mode, ("rows", "columns"))

    def __call__(self, inputs: Tensor) -> Tensor:
        """The penalty on a matrix, a tensor without axes."""
        inputs = as_floats(inputs, "inputs")
        if inputs.ndim != 2:
            raise ShapeError(
                f"OrthogonalRegularizer received a weight of shape {tuple(inputs.shape)}.",
                expected="a matrix, a weight with 2 axes.",
                fix="use it on Dense kernels, or reshape the weight.",
            )
        vectors = F.normalize(inputs if self.mode == "rows" else inputs.T, dim=1, eps=1e-12)
        size = vectors.shape[0]
        cosines = (vectors @ vectors.T) * (1.0 - torch.eye(size).to(vectors))
        return self.factor * 0.5 * cosines.abs().sum() / (size * (size - 1.0) / 2.0)


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

CLASSES: dict[str, type[Regularizer]] = {
    kind.__name__: kind for kind in (Regularizer, L1, L2, L1L2, OrthogonalRegularizer)
}
NAMES = {
    **CLASSES,
    **{"l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2},
    "orthogonal_regularizer": OrthogonalRegularizer,
}


def get(identifier: Any) -> Callable[[Tensor], Tensor] | None:
    """The penalty that a name, a configuration, a class or a callable stands for.

    Raises:
        ArgumentError: No regularizer has this name.
        ArgumentTypeError: `identifier` is neither a name nor callable.

    Example:
        >>> get("l2")
        L2(l2=0.01)
    """
    return None if identifier is None else configured.obtain("a regularizer", identifier, NAMES)


def serialize(regularizer: Regularizer) -> dict[str, Any]:
    """The regularizer as plain data, in Keras's form."""
    return configured.recipe(regularizer, "keras.regularizers")


def deserialize(
    config: str | Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Regularizer:
    """The regularizer that `serialize` wrote down.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit.
    """
    return configured.make("a regularizer", config, NAMES, custom_objects)

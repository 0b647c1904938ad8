"""Losses for scores that should keep a margin of 1."""

from typing import Any

from lamina.core.divergences import categorical_hinge, hinge, squared_hinge
from lamina.losses.wrapper import LossFunctionWrapper


class Hinge(LossFunctionWrapper):
    """Averages max(1 - y_true·y_pred, 0): no loss beyond a margin of 1.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]])
        tensor(0.2500)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """Averages max(1 - y_true·y_pred, 0)²: the hinge with a smooth corner.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.5]])
        tensor(0.1250)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """How far the best wrong score comes within 1 of the right one.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]])
        tensor(0.5000)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)

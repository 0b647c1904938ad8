"""Losses for regions, as classes; the formulas are in overlap.py."""

from typing import Any

from lamina.losses.overlap import dice, tversky
from lamina.losses.wrapper import LossFunctionWrapper


class Dice(LossFunctionWrapper):
    """Takes 1 - 2·|both| / (|y_true| + |y_pred|): 0 for equal regions.

    Args:
        axis: The axes a region covers; all, the batch included, when `None`.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or the remaining axes with reduction "none"

    Example:
        >>> Dice()([[1.0, 0.0]], [[0.0, 1.0]])
        tensor(1.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """Weighs missed and spare parts of a region apart; with both at 0.5 it is `Dice`.

    Args:
        alpha: Weight of what is wanted and not predicted.
        beta: Weight of what is predicted and not wanted.
        axis: The axes a region covers; all, the batch included, when `None`.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or the remaining axes with reduction "none"

    Example:
        >>> Tversky()([[1.0, 0.0]], [[0.0, 1.0]])
        tensor(1.)
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)

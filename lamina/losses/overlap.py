"""Losses for segmentation: how little two regions overlap."""

from typing import Any

from torch import Tensor

from lamina.core import dtypes
from lamina.core.weighting import elementwise


def _summed(values: Tensor, axis: int | tuple[int, ...] | None) -> Tensor:
    axes = tuple(axis) if isinstance(axis, list) else axis
    return values.sum() if axes is None else values.sum(axes)


def dice(y_true: Any, y_pred: Any, axis: int | tuple[int, ...] | None = None) -> Tensor:
    """Takes 1 - 2·|both| / (|y_true| + |y_pred|): 0 for equal regions, 1 for disjoint ones.

    Args:
        y_true: Wanted region, from 0 to 1.
        y_pred: Predicted region, from 0 to 1.
        axis: The axes a region covers; all of them, the batch included, when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: the remaining axes; a single number when `axis` is `None`

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Milletari, Navab and Ahmadi, "V-Net: Fully Convolutional Neural Networks for Volumetric
        Medical Image Segmentation", 3DV 2016.

    Example:
        >>> dice([[1.0, 0.0]], [[0.0, 1.0]])
        tensor(1.)
    """
    y_true, y_pred = elementwise("dice", y_true, y_pred)
    both = _summed(y_true * y_pred, axis)
    sizes = _summed(y_true, axis) + _summed(y_pred, axis)
    return 1.0 - 2.0 * both / (sizes + dtypes.epsilon())


def tversky(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: int | tuple[int, ...] | None = None,
) -> Tensor:
    """Weighs missed and spare parts of a region apart; with both at 0.5 it is `dice`.

    1 - |both| / (|both| + alpha·|missed| + beta·|spare|).

    Args:
        y_true: Wanted region, from 0 to 1.
        y_pred: Predicted region, from 0 to 1.
        alpha: Weight of what is wanted and not predicted.
        beta: Weight of what is predicted and not wanted.
        axis: The axes a region covers; all of them, the batch included, when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: the remaining axes; a single number when `axis` is `None`

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Salehi, Erdogmus and Gholipour, "Tversky loss function for image segmentation using 3D
        fully convolutional deep networks", MLMI 2017.

    Example:
        >>> tversky([[1.0, 0.0]], [[0.0, 1.0]])
        tensor(1.)
    """
    y_true, y_pred = elementwise("tversky", y_true, y_pred)
    both = _summed(y_true * y_pred, axis)
    missed = _summed((1.0 - y_pred) * y_true, axis)
    spare = _summed(y_pred * (1.0 - y_true), axis)
    return 1.0 - both / (both + alpha * missed + beta * spare + dtypes.epsilon())

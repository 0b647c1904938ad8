"""Errors for labels and predictions that a formula's own indexing found not to fit."""

import re
from typing import Any

from torch import Tensor

from lamina.core.errors import DataError, LaminaError, ShapeError
from lamina.core.weighting import shape_of


def misfit(owner: str, error: IndexError, y_true: Any, y_pred: Any) -> LaminaError:
    """Says what did not fit where a formula of this library raised an IndexError.

    Args:
        owner: What computed, such as "loss 'mse'".
        error: What torch raised.
        y_true: What the formula was given.
        y_pred: What the formula was given.
    """
    label = re.search(r"Target (-?\d+) is out of bounds", str(error))
    if label and isinstance(y_pred, Tensor) and y_pred.ndim:
        last = y_pred.shape[-1] - 1
        return DataError(
            f"{owner} received the class number {label[1]}, and y_pred has classes 0 to {last}.",
            expected=f"class numbers from 0 to {last}.",
            fix="check the labels, or give the last layer one unit a class.",
        )
    shapes = " and ".join(
        f"{name} of shape {shape_of(value)}"
        for name, value in (("y_true", y_true), ("y_pred", y_pred))
        if isinstance(value, Tensor)
    )
    return ShapeError(
        f"{owner} cannot be computed from {shapes}: {error}."[:200],
        expected="tensors with a batch axis, and with the axes that the arguments name.",
        fix="check the arguments 'axis' and 'class_id', and the shapes of y_true and y_pred.",
    )

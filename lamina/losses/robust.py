"""Cross-entropies for labels that may be wrong."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_floats, as_tensor, shape_of


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """Takes (1 - p**q) / q, p being the probability of the right class: wrong labels weigh less.

    Between the cross-entropy (q near 0) and the absolute error (q near 1). Probabilities below
    `epsilon()` are taken as `epsilon()`, which keeps the gradient finite.

    Args:
        y_true: Class numbers from 0.
        y_pred: Probabilities, summing to 1 over the last axis.
        q: From 0 to 1, both excluded; larger values trust the labels less.

    Shape:
        y_true: (...) or (..., 1)
        y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: `y_true` does not hold one class number for each prediction.

    Reference:
        Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with
        Noisy Labels", NeurIPS 2018.

    Example:
        >>> categorical_generalized_cross_entropy([0], [[0.25, 0.75]], q=0.5)
        tensor([1.])
    """
    y_pred = as_floats(y_pred, "y_pred")
    labels = as_tensor(y_true, torch.int64, y_pred, "y_true")
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = labels.squeeze(-1)
    if labels.shape != y_pred.shape[:-1]:
        raise ShapeError(
            f"categorical_generalized_cross_entropy received y_true of shape {shape_of(labels)} "
            f"and y_pred of shape {shape_of(y_pred)}.",
            expected=f"y_true of shape {shape_of(y_pred)[:-1]}: one class number a prediction.",
            fix="turn one-hot labels into class numbers with y.argmax(-1).",
        )
    right = y_pred.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    return (1.0 - right.clamp(min=dtypes.epsilon()).pow(q)) / q

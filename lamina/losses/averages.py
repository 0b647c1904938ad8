"""One number for a whole batch, in as few kernels as torch has: equal to the mean of the loss."""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from lamina.core import crossentropies, divergences
from lamina.core.crossentropies import (
    NO_CLASS,
    binary_losses,
    log_shares,
    softened,
    sparse_categorical_crossentropy,
)
from lamina.core.weighting import elementwise


def _squared(y_true: Any, y_pred: Any) -> Tensor:
    y_true, y_pred = elementwise("mean_squared_error", y_true, y_pred)
    return F.mse_loss(y_pred, y_true)


def _absolute(y_true: Any, y_pred: Any) -> Tensor:
    y_true, y_pred = elementwise("mean_absolute_error", y_true, y_pred)
    return F.l1_loss(y_pred, y_true)


def _huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    y_true, y_pred = elementwise("huber", y_true, y_pred)
    return F.huber_loss(y_pred, y_true, delta=delta)


def _binary(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    y_true, y_pred = elementwise("binary_crossentropy", y_true, y_pred)
    y_true = softened(y_true, label_smoothing, 2)
    return binary_losses(y_true, y_pred, from_logits, reduction="mean")


def _class_numbers(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: None = None,
    axis: int = -1,
    label_smoothing: float = 0.0,
) -> Tensor:
    if y_true.shape == (*y_pred.shape[:1], 1):
        y_true = y_true.squeeze(-1)
    if y_true.shape != y_pred.shape[:-1] or y_pred.ndim != 2 or axis not in (-1, 1):
        return sparse_categorical_crossentropy(
            y_true, y_pred, from_logits, axis=axis, label_smoothing=label_smoothing
        ).mean()
    logs = F.log_softmax(y_pred, dim=-1) if from_logits else log_shares(y_pred, -1)
    loss = F.nll_loss(logs, y_true.long(), ignore_index=NO_CLASS)
    share = label_smoothing
    return loss * (1.0 - share) - logs.mean() * share if share else loss


MEAN_FORMS: dict[Callable[..., Tensor], Callable[..., Tensor]] = {
    crossentropies.binary_crossentropy: _binary,
    crossentropies.sparse_categorical_crossentropy: _class_numbers,
    divergences.huber: _huber,
    divergences.mean_absolute_error: _absolute,
    divergences.mean_squared_error: _squared,
}

"""Cross-entropies and their focal relatives: formulas that losses and metrics share.

Probabilities are kept `epsilon()` away from 0 and 1; logits need no such care.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import ShapeError
from lamina.core.scores import scores_of
from lamina.core.weighting import as_floats, as_tensor, elementwise, shape_of

# Class numbers below 0 are errors; torch would leave out those of its default, -100, in silence.
NO_CLASS = -(2**62)


def inside(probabilities: Tensor) -> Tensor:
    """Keeps probabilities `epsilon()` away from 0 and 1, with a gradient of 0 beyond."""
    # The same as clamp, whose backward takes five kernels instead of one.
    return F.hardtanh(probabilities, dtypes.epsilon(), 1.0 - dtypes.epsilon())


def log_shares(probabilities: Tensor, axis: int) -> Tensor:
    """Logarithms of probabilities that are brought to a sum of 1 first."""
    scores = scores_of(probabilities, "softmax", axis)
    if scores is not None:
        return F.log_softmax(scores, dim=axis)
    return inside(probabilities / probabilities.sum(axis, keepdim=True)).log()


def softened(labels: Tensor, smoothing: float, count: int) -> Tensor:
    """Moves a share `smoothing` of the labels' weight to all `count` classes alike."""
    return labels * (1.0 - smoothing) + smoothing / count if smoothing else labels


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Averages -log of the probability given to the right one of two answers.

    Choose it for one yes-or-no answer, or several independent ones, after a sigmoid.

    Args:
        y_true: Labels from 0 to 1.
        y_pred: Probabilities of 1, or logits.
        from_logits: Whether `y_pred` holds logits; more stable than a sigmoid before.
        label_smoothing: Share of each label that is moved towards 0.5.
        axis: The axis to average over.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), in nats

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> binary_crossentropy([[1.0]], [[0.5]])
        tensor([0.6931])
    """
    y_true, y_pred = elementwise("binary_crossentropy", y_true, y_pred)
    y_true = softened(y_true, label_smoothing, 2)
    return binary_losses(y_true, y_pred, from_logits, reduction="none").mean(axis)


def binary_losses(y_true: Tensor, y_pred: Tensor, from_logits: bool, *, reduction: str) -> Tensor:
    """-log of the probability given to the right one of two answers, each or their mean."""
    scores = y_pred if from_logits else scores_of(y_pred, "sigmoid")
    if scores is not None:
        return F.binary_cross_entropy_with_logits(scores, y_true, reduction=reduction)
    losses = _of_two_answers(y_true, inside(y_pred))
    return losses.mean() if reduction == "mean" else losses


def _of_two_answers(y_true: Tensor, inner: Tensor) -> Tensor:
    """-y·log(p) - (1-y)·log(1-p) for p inside (0, 1); NaN stays NaN, where torch's own raises."""
    return -torch.lerp(torch.log1p(-inner), inner.log(), y_true)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Sums -y_true·log(probability) over the classes, for labels that are distributions.

    For class numbers, `sparse_categorical_crossentropy` is the same and takes less memory.

    Args:
        y_true: One-hot labels or probabilities.
        y_pred: Probabilities, brought to a sum of 1, or logits.
        from_logits: Whether `y_pred` holds logits; more stable than a softmax before.
        label_smoothing: Share of each label that is spread over all classes.
        axis: The axis of the classes.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...), in nats

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016,
        for label smoothing.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.6931])
    """
    y_true, y_pred = elementwise("categorical_crossentropy", y_true, y_pred)
    y_true = softened(y_true, label_smoothing, y_true.shape[axis])
    logs = F.log_softmax(y_pred, dim=axis) if from_logits else log_shares(y_pred, axis)
    return -(y_true * logs).sum(axis)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Takes -log of the probability given to the right class, for labels that are class numbers.

    Args:
        y_true: Class numbers from 0, one a prediction.
        y_pred: Probabilities, brought to a sum of 1, or logits.
        from_logits: Whether `y_pred` holds logits; more stable than a softmax before.
        ignore_class: A class number whose examples have a loss of 0.
        axis: The axis of the classes.
        label_smoothing: Share of each label that is spread over all classes.

    Shape:
        y_true: (...) or (..., 1)
        y_pred: (..., classes)
        result: (...), in nats

    Raises:
        ShapeError: `y_true` does not hold one class number for each prediction.

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        tensor([0.6931])
    """
    labels, y_pred = _class_numbers(y_true, y_pred, axis)
    valid = None if ignore_class is None else labels != ignore_class
    if valid is not None:
        labels = torch.where(valid, labels, 0)
    losses = _of_class_numbers(labels.long(), y_pred, from_logits, axis, label_smoothing)
    return losses if valid is None else torch.where(valid, losses, 0.0)


def _class_numbers(y_true: Any, y_pred: Any, axis: int) -> tuple[Tensor, Tensor]:
    y_pred = as_floats(y_pred, "y_pred")
    labels = as_tensor(y_true, like=y_pred, name="y_true")
    if labels.ndim == y_pred.ndim and labels.shape[axis] == 1:
        labels = labels.squeeze(axis)
    wanted = list(y_pred.shape)
    classes = wanted.pop(axis)
    if list(labels.shape) == wanted:
        return labels, y_pred
    if labels.shape == y_pred.shape:
        fix = 'use loss="categorical_crossentropy" for one-hot labels.'
    else:
        fix = f"pass labels of shape {tuple(wanted)}, class numbers from 0 to {classes - 1}."
    raise ShapeError(
        f"sparse_categorical_crossentropy received y_true of shape {shape_of(labels)} and y_pred "
        f"of shape {shape_of(y_pred)}.",
        expected=f"y_true of shape {tuple(wanted)}: one class number for each prediction.",
        fix=fix,
    )


def _of_class_numbers(
    labels: Tensor, y_pred: Tensor, from_logits: bool, axis: int, smoothing: float
) -> Tensor:
    logs = F.log_softmax(y_pred, dim=axis) if from_logits else log_shares(y_pred, axis)
    if y_pred.ndim == 2 and axis in (-1, 1):
        losses = F.nll_loss(logs, labels, reduction="none", ignore_index=NO_CLASS)
    else:
        losses = -logs.gather(axis, labels.unsqueeze(axis)).squeeze(axis)
    return losses * (1.0 - smoothing) - logs.mean(axis) * smoothing if smoothing else losses


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Averages the binary cross-entropy, weighted down where the answer is already right.

    The weight is (1 - p)**gamma, p being the probability given to the right answer. Choose it
    when easy examples outnumber the hard ones by far.

    Args:
        y_true: Labels from 0 to 1.
        y_pred: Probabilities of 1, or logits.
        apply_class_balancing: Whether label 1 weighs `alpha` and label 0 weighs 1 - alpha.
        alpha: Weight of label 1.
        gamma: How fast right answers stop to count; 0 gives the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of each label that is moved towards 0.5.
        axis: The axis to average over.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.

    Example:
        >>> binary_focal_crossentropy([[1.0]], [[0.5]])
        tensor([0.1733])
    """
    y_true, y_pred = elementwise("binary_focal_crossentropy", y_true, y_pred)
    y_true = softened(y_true, label_smoothing, 2)
    # Kept inside (0, 1) so that the power has a finite gradient for every gamma.
    y_pred = inside(y_pred.sigmoid() if from_logits else y_pred)
    losses = _of_two_answers(y_true, y_pred)
    wrong = 1.0 - (y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred))
    losses = wrong.pow(gamma) * losses
    if apply_class_balancing:
        losses = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * losses
    return losses.mean(axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Sums the cross-entropy over the classes, weighted down where the answer is already right.

    The weight is alpha·(1 - p)**gamma, p being the predicted probability.

    Args:
        y_true: One-hot labels or probabilities.
        y_pred: Probabilities, brought to a sum of 1, or logits.
        alpha: Weight of all classes, or one number a class.
        gamma: How fast right answers stop to count; 0 gives the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of each label that is spread over all classes.
        axis: The axis of the classes.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.0433])
    """
    y_true, y_pred = elementwise("categorical_focal_crossentropy", y_true, y_pred)
    y_true = softened(y_true, label_smoothing, y_true.shape[axis])
    if from_logits:
        y_pred = y_pred.softmax(axis)
    y_pred = inside(y_pred / y_pred.sum(axis, keepdim=True))
    weights = (1.0 - y_pred).pow(gamma) * _per_class(alpha, y_pred)
    return -(weights * y_true * y_pred.log()).sum(axis)


def _per_class(alpha: Any, like: Tensor) -> float | Tensor:
    if isinstance(alpha, (int, float)):
        return alpha
    weights = as_tensor(alpha, like.dtype, like, "alpha")
    if weights.ndim > 1 or (weights.ndim and len(weights) not in (1, like.shape[-1])):
        raise ShapeError(
            f"categorical_focal_crossentropy received alpha of shape {shape_of(weights)} for "
            f"{like.shape[-1]} classes.",
            expected="one number for all classes, or one a class.",
            fix="pass alpha=0.25.",
        )
    return weights


bce = BCE = binary_crossentropy

"""How far values lie from the wanted ones: formulas that losses and metrics share.

Each returns one number an example, the mean over the last axis. Cross-entropies lie beside.
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lamina.core import dtypes
from lamina.core.weighting import elementwise


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Averages the squared misses; large misses count most.

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), in the squared unit of `y_true`

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]])
        tensor([2.5000])
    """
    y_true, y_pred = elementwise("mean_squared_error", y_true, y_pred)
    return (y_pred - y_true).square().mean(-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Averages the sizes of the misses; outliers count less than in the squared error.

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), in the unit of `y_true`

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
        tensor([1.5000])
    """
    y_true, y_pred = elementwise("mean_absolute_error", y_true, y_pred)
    return (y_pred - y_true).abs().mean(-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """Averages the misses as percentages of the wanted values.

    Wanted values nearer to 0 than `epsilon()` are taken as `epsilon()`: with targets around 0,
    choose another loss.

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), in percent

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]])
        tensor([25.])
    """
    y_true, y_pred = elementwise("mean_absolute_percentage_error", y_true, y_pred)
    share = (y_true - y_pred) / y_true.abs().clamp(min=dtypes.epsilon())
    return 100.0 * share.abs().mean(-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """Averages the squared differences of log(1 + value): ratios count, not distances.

    Values below `epsilon()` are taken as `epsilon()`.

    Args:
        y_true: Wanted values, not negative.
        y_pred: Predicted values.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), without a unit

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_squared_logarithmic_error([[0.0, 3.0]], [[0.0, 3.0]])
        tensor([0.])
    """
    y_true, y_pred = elementwise("mean_squared_logarithmic_error", y_true, y_pred)
    low = dtypes.epsilon()
    return (y_pred.clamp(min=low).log1p() - y_true.clamp(min=low).log1p()).square().mean(-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Averages the squared error of small misses and the absolute error of large ones.

    With e = y_pred - y_true: e²/2 where |e| <= delta, otherwise delta·(|e| - delta/2).

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.
        delta: Size of a miss at which the two parts meet.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
        Statistics 35(1), 1964.

    Example:
        >>> huber([[0.0, 0.0]], [[0.5, 3.0]])
        tensor([1.3125])
    """
    y_true, y_pred = elementwise("huber", y_true, y_pred)
    return F.huber_loss(y_pred, y_true, reduction="none", delta=delta).mean(-1)


def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """Averages log(cosh(miss)): about e²/2 for small misses, |e| - log 2 for large ones.

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> log_cosh([[0.0]], [[0.0]])
        tensor([0.])
    """
    y_true, y_pred = elementwise("log_cosh", y_true, y_pred)
    miss = y_pred - y_true
    # cosh itself overflows at 89 in float32; this form does not.
    return (miss + F.softplus(-2.0 * miss) - math.log(2.0)).mean(-1)


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Sums y_true·log(y_true / y_pred), both kept between `epsilon()` and 1.

    Args:
        y_true: Wanted probabilities, summing to 1 over the last axis.
        y_pred: Predicted probabilities.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...), in nats

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Kullback and Leibler, "On Information and Sufficiency", Annals of Mathematical
        Statistics 22(1), 1951.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
        tensor([0.])
    """
    y_true, y_pred = elementwise("kl_divergence", y_true, y_pred)
    y_true = y_true.clamp(dtypes.epsilon(), 1.0)
    y_pred = y_pred.clamp(dtypes.epsilon(), 1.0)
    return (y_true * (y_true / y_pred).log()).sum(-1)


def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """Averages y_pred - y_true·log(y_pred): for counts whose rate is predicted.

    Args:
        y_true: Counts, not negative.
        y_pred: Predicted rates, not negative; end the model in an activation such as softplus.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> poisson([[0.0]], [[2.0]])
        tensor([2.])
    """
    y_true, y_pred = elementwise("poisson", y_true, y_pred)
    return (y_pred - y_true * (y_pred + dtypes.epsilon()).log()).mean(-1)


def _signed(y_true: Tensor) -> Tensor:
    """Labels of 0 and 1 as -1 and 1; other labels stay. Decided on the device."""
    is_binary = ((y_true == 0) | (y_true == 1)).all()
    return torch.where(is_binary, 2.0 * y_true - 1.0, y_true)


def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Averages max(1 - y_true·y_pred, 0): no loss beyond a margin of 1.

    Args:
        y_true: Labels -1 and 1; labels that are all 0 or 1 are turned into these.
        y_pred: Scores of any size.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]])
        tensor([0.2500])
    """
    y_true, y_pred = elementwise("hinge", y_true, y_pred)
    return (1.0 - _signed(y_true) * y_pred).relu().mean(-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Averages max(1 - y_true·y_pred, 0)²: the hinge with a smooth corner.

    Args:
        y_true: Labels -1 and 1; labels that are all 0 or 1 are turned into these.
        y_pred: Scores of any size.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[-2.0, 0.5]])
        tensor([0.1250])
    """
    y_true, y_pred = elementwise("squared_hinge", y_true, y_pred)
    return (1.0 - _signed(y_true) * y_pred).relu().square().mean(-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """How far the best wrong score comes within 1 of the right one: max(wrong - right + 1, 0).

    Args:
        y_true: Labels, 1 for the right class and 0 for the others.
        y_pred: Scores of any size.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]])
        tensor([0.5000])
    """
    y_true, y_pred = elementwise("categorical_hinge", y_true, y_pred)
    right = (y_true * y_pred).sum(-1)
    wrong = ((1.0 - y_true) * y_pred).amax(-1)
    return (wrong - right + 1.0).relu()


def cosine_alignment(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """The cosine of the angle between two vectors: 1 for one direction, -1 for opposite ones.

    A vector of zeros has a cosine of 0 with every other.

    Args:
        y_true: Wanted vectors.
        y_pred: Predicted vectors.
        axis: The axis that holds a vector.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), from -1 to 1

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> cosine_alignment([[1.0, 0.0]], [[3.0, 0.0]])
        tensor([1.])
    """
    y_true, y_pred = elementwise("cosine_similarity", y_true, y_pred)
    small = dtypes.epsilon()
    unit_true = F.normalize(y_true, dim=axis, eps=small)
    return (unit_true * F.normalize(y_pred, dim=axis, eps=small)).sum(axis)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

"""Correlations between wanted and predicted values."""

from typing import Any

from torch import Tensor

from lamina.core import dtypes
from lamina.core.weighting import elementwise
from lamina.metrics.reductions import MeanMetricWrapper


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Correlates wanted and predicted values along an axis, from -1 to 1.

    Not a number where all wanted or all predicted values along the axis are equal.

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.
        axis: The axis whose values are correlated.

    Shape:
        y_true, y_pred: (..., features)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> pearson_correlation([[0.0, 1.0]], [[1.0, 0.0]])
        tensor([-1.])
    """
    y_true, y_pred = elementwise("pearson_correlation", y_true, y_pred)
    true = y_true - y_true.mean(axis, keepdim=True)
    pred = y_pred - y_pred.mean(axis, keepdim=True)
    spread = true.square().mean(axis).sqrt() * pred.square().mean(axis).sqrt()
    return (true * pred).mean(axis) / spread


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Correlates values along an axis, and lowers it where means or spreads differ.

    2·covariance / (both variances + squared difference of the means).

    Args:
        y_true: Wanted values.
        y_pred: Predicted values.
        axis: The axis whose values are compared.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), from -1 to 1

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Reference:
        Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", Biometrics
        45(1), 1989.

    Example:
        >>> concordance_correlation([[0.0, 1.0]], [[1.0, 0.0]]).round(decimals=4)
        tensor([-1.])
    """
    y_true, y_pred = elementwise("concordance_correlation", y_true, y_pred)
    true_mean = y_true.mean(axis, keepdim=True)
    pred_mean = y_pred.mean(axis, keepdim=True)
    true, pred = y_true - true_mean, y_pred - pred_mean
    variances = true.square().mean(axis) + pred.square().mean(axis)
    distance = variances + (true_mean - pred_mean).square().squeeze(axis)
    return 2.0 * (true * pred).mean(axis) / (distance + dtypes.epsilon())


class PearsonCorrelation(MeanMetricWrapper):
    """Averages the linear correlation of wanted and predicted values over the examples.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        axis: The axis whose values are correlated.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> round(PearsonCorrelation()([[0.0, 1.0, 2.0]], [[0.0, 2.0, 4.0]]).item(), 3)
        1.0
    """

    def __init__(
        self,
        name: str | None = "pearson_correlation",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """Averages the concordance of wanted and predicted values over the examples.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        axis: The axis whose values are compared.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> round(ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).item(), 3)
        1.0
    """

    def __init__(
        self,
        name: str | None = "concordance_correlation",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)

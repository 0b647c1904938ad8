"""Errors of predicted values: means over all examples of an epoch."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import dtypes
from lamina.core.divergences import (
    cosine_alignment,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from lamina.core.weighting import as_tensor, divide_no_nan, elementwise
from lamina.metrics.base import Metric
from lamina.metrics.reductions import MeanMetricWrapper, add_values


class MeanSquaredError(MeanMetricWrapper):
    """Measures the mean squared miss.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> MeanSquaredError()([[0.0]], [[3.0]]).item()
        9.0
    """

    def __init__(
        self,
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """Measures the mean size of the misses.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> MeanAbsoluteError()([[0.0]], [[3.0]]).item()
        3.0
    """

    def __init__(
        self,
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Measures the mean miss in percent of the wanted values.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> MeanAbsolutePercentageError()([[2.0]], [[1.0]]).item()
        50.0
    """

    def __init__(
        self,
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Measures the mean squared difference of log(1 + value).

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> MeanSquaredLogarithmicError()([[3.0]], [[3.0]]).item()
        0.0
    """

    def __init__(
        self,
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """Measures the mean of log(cosh(miss)).

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> LogCoshError()([[1.0]], [[1.0]]).item()
        0.0
    """

    def __init__(
        self,
        name: str | None = "logcosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """Measures the mean cosine of the angle between two vectors: 1 for one direction.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        axis: The axis that holds a vector.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> CosineSimilarity()([[1.0, 0.0]], [[3.0, 0.0]]).item()
        1.0
    """

    def __init__(
        self,
        name: str | None = "cosine_similarity",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(cosine_alignment, name, dtype, axis=axis)


class RootMeanSquaredError(Metric):
    """Measures the root of the mean squared miss, over all examples and not batch by batch.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, in the unit of `y_true`

    Example:
        >>> RootMeanSquaredError()([[0.0]], [[3.0]]).item()
        3.0
    """

    _is_fraction = True

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the squared misses of a batch and counts them."""
        y_pred = as_tensor(y_pred, dtypes.to_torch(self.dtype), name="y_pred")
        y_true, y_pred = elementwise(self.name, y_true, y_pred)
        add_values(self, (y_pred - y_true).square(), sample_weight)

    def result(self) -> Tensor:
        """The root so far."""
        return divide_no_nan(self.total, self.count).sqrt()

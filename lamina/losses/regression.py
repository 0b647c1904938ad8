"""Losses for values: squared, absolute, relative and robust errors."""

from typing import Any

from lamina.core.divergences import (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from lamina.losses.wrapper import LossFunctionWrapper


class MeanSquaredError(LossFunctionWrapper):
    """Averages the squared misses; large misses count most.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> MeanSquaredError()([[0.0]], [[3.0]])
        tensor(9.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """Averages the sizes of the misses; outliers count less than when squared.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> MeanAbsoluteError()([[0.0]], [[3.0]])
        tensor(3.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Averages the misses as percentages of the wanted values.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> MeanAbsolutePercentageError()([[2.0]], [[1.0]])
        tensor(50.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Averages the squared differences of log(1 + value): ratios count, not distances.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> MeanSquaredLogarithmicError()([[3.0]], [[3.0]])
        tensor(0.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """Averages the squared error of small misses and the absolute error of large ones.

    Args:
        delta: Size of a miss at which the two parts meet.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `delta` is not above 0.

    Example:
        >>> Huber()([[0.0]], [[3.0]])
        tensor(2.5000)
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """Averages log(cosh(miss)): about e²/2 for small misses, |e| - log 2 for large ones.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> LogCosh()([[1.0]], [[1.0]])
        tensor(0.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """Averages y_pred - y_true·log(y_pred): for counts whose rate is predicted.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> Poisson()([[0.0]], [[2.0]])
        tensor(2.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)

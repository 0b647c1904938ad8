"""Sums and weighted means over all batches, and means of any function of (y_true, y_pred)."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes, formula_arguments
from lamina.core.errors import ArgumentTypeError
from lamina.core.misfits import misfit
from lamina.core.names import shown
from lamina.core.weighting import (
    as_tensor,
    divide_no_nan,
    mask_of,
    masked_weights,
    same_rank,
    spread,
)
from lamina.metrics.base import Metric, beside


class Sum(Metric):
    """Adds up all values, each times its weight.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        values: (batch, ...)
        sample_weight: (batch,), or the shape of the values
        result: one number

    Example:
        >>> Sum()([1.0, 3.0, 5.0], sample_weight=[1.0, 0.0, 1.0]).item()
        6.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(name="total")

    @torch.no_grad()
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds the values of a batch."""
        values, weights, _ = weighted(self, values, sample_weight)
        self.total.add_((values if weights is None else values * weights).sum())

    def result(self) -> Tensor:
        """The sum so far."""
        return self.total.value + 0


class Mean(Metric):
    """Averages all values, each counted with its weight.

    Keeps the sum and the count: the mean over an epoch is exact, whatever the batch sizes.
    Values with more axes than their weights are averaged over the further axes first.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        values: (batch, ...)
        sample_weight: (batch,), or the shape of the values
        result: one number; 0 before the first value

    Example:
        >>> Mean()([1.0, 3.0, 5.0], sample_weight=[1.0, 0.0, 1.0]).item()
        3.0
    """

    _is_fraction = True

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    @torch.no_grad()
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds the values of a batch and counts them."""
        add_values(self, values, sample_weight)

    def result(self) -> Tensor:
        """The mean so far."""
        return divide_no_nan(self.total, self.count)


def weighted(metric: Metric, values: Any, sample_weight: Any) -> tuple[Tensor, Tensor | None, int]:
    """Values and weights that multiply, and how many values one example has."""
    values = as_tensor(values, name="values")
    beside(metric, values)
    dtype = dtypes.to_torch(metric.dtype)
    if values.dtype.is_floating_point and not dtype.is_floating_point:
        values = values.to(dtype)
    if sample_weight is None:
        return values, None, math.prod(values.shape[1:])
    values = values.to(dtype)
    weights = as_tensor(sample_weight, dtype, values, "sample_weight")
    values, weights = same_rank(values, weights)
    weights = spread(weights, values)
    return (
        values,
        weights.expand_as(values) if values.ndim else weights,
        math.prod(values.shape[1:]),
    )


def add_values(metric: Any, values: Any, sample_weight: Any) -> None:
    """Adds to a metric's `total` and `count`; an example counts once, whatever its size."""
    values, weights, size = weighted(metric, values, sample_weight)
    if weights is None:
        # The count is known from the shape: a number, no kernel to compute it.
        metric.total.add_(values.sum(), **_share(size))
        metric.count.add_(values.shape[0] if values.ndim else 1)
    else:
        metric.total.add_((values * weights).sum(), **_share(size))
        metric.count.add_(weights.sum(), **_share(size))


def _share(size: int) -> dict[str, float]:
    return {} if size == 1 else {"alpha": 1.0 / size}


class MeanMetricWrapper(Metric):
    """Averages what a function of (y_true, y_pred) returns for each example.

    Args:
        fn: Called as `fn(y_true, y_pred, **kwargs)`; returns one number an example.
        name: Name in logs; the function's own when `None`.
        dtype: The dtype to compute in; the default float when `None`.
        **kwargs: Passed on to `fn` by name.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number; 0 before the first batch

    Raises:
        ArgumentTypeError: `fn` cannot be called with two arguments.

    Example:
        >>> def size_of_miss(y_true, y_pred):
        ...     return (y_pred - y_true).abs().mean(-1)
        >>> MeanMetricWrapper(size_of_miss)(torch.zeros(2, 1), torch.ones(2, 1)).item()
        1.0
    """

    _is_fraction = True

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        _check_arity(fn, kwargs)
        own_name = checks.label(self, name) or getattr(fn, "__name__", None)
        super().__init__(name=own_name, dtype=dtype)
        self.fn = fn
        kwargs = formula_arguments.checked(self, fn, kwargs)
        self._arguments = kwargs
        self.__dict__.update(kwargs)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the function's values for a batch and counts them."""
        y_pred = as_tensor(y_pred, name="y_pred")
        y_true = as_tensor(y_true, like=y_pred, name="y_true")
        values = self._values(y_true, y_pred)
        if not isinstance(values, Tensor):
            values = _as_values(self.name, values, y_pred)
        mask = mask_of(y_pred)
        if mask is None and sample_weight is None and values.ndim == 0 and y_pred.ndim:
            # A batch's own mean counts for all its examples: the epoch's mean stays exact.
            values = values.expand(len(y_pred))
        if mask is not None:
            weights = None
            if sample_weight is not None:
                dtype = dtypes.to_torch(self.dtype)
                weights = as_tensor(sample_weight, dtype, y_pred, "sample_weight")
            sample_weight = masked_weights(
                weights, mask, dtypes.to_torch(self.dtype), balanced=False
            )
        add_values(self, values, sample_weight)

    def _values(self, y_true: Tensor, y_pred: Tensor) -> Any:
        if type(self) is MeanMetricWrapper:
            return self.fn(y_true, y_pred, **self._arguments)
        try:
            return self.fn(y_true, y_pred, **self._arguments)
        except IndexError as error:
            raise misfit(f"metric {self.name!r}", error, y_true, y_pred) from error

    def result(self) -> Tensor:
        """The mean so far."""
        return divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, those of the function included."""
        config = super().get_config()
        return {**config, **self._arguments} if "fn" in config else config


def _as_values(name: str, values: Any, like: Tensor) -> Tensor:
    """A plain number as a tensor, for functions that compute with NumPy."""
    if not isinstance(values, (int, float, np.number, np.ndarray)):
        raise ArgumentTypeError(
            f"metric {name!r} returned {shown(values)}, which is no tensor.",
            expected="a tensor with one value an example, or a number.",
            fix="compute with torch functions and return their result.",
        )
    return as_tensor(values, like=like)


def _check_arity(function: Any, arguments: dict[str, Any]) -> None:
    if not callable(function):
        raise ArgumentTypeError(
            f"{shown(function)} is no metric function.",
            expected="a function of (y_true, y_pred).",
            fix='pass a function, or a name such as "accuracy".',
        )
    try:
        signature = inspect.signature(function)
    except ValueError:  # functions written in C may have no signature
        return
    try:
        signature.bind(None, None, **arguments)
    except TypeError as reason:
        name = getattr(function, "__name__", type(function).__name__)
        raise ArgumentTypeError(
            f"metric function {name}{signature} cannot be called with (y_true, y_pred): {reason}.",
            expected="a function of (y_true, y_pred) that returns one value an example.",
            fix=f"define it as def {name}(y_true, y_pred): ...",
        ) from reason

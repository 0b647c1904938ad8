"""Accuracies as metrics; what counts as right is in accuracy.py."""

from typing import Any

from lamina.metrics.accuracy import (
    binary_matches,
    categorical_matches,
    equal,
    sparse_matches,
    sparse_top_k_matches,
    top_k_matches,
)
from lamina.metrics.reductions import MeanMetricWrapper


class Accuracy(MeanMetricWrapper):
    """Measures the share of predictions that equal their labels.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number

    Example:
        >>> Accuracy()([1, 2], [1, 3]).item()
        0.5
    """

    def __init__(
        self,
        name: str | None = "accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(equal, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """Measures the share of predictions on their labels' side of the threshold.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        threshold: Predictions above it count as 1.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Raises:
        ArgumentError: `threshold` is not a number.

    Example:
        >>> BinaryAccuracy()([[1], [0]], [[0.9], [0.6]]).item()
        0.5
    """

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: Any = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(binary_matches, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """Measures how often the highest prediction is at the one-hot label.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> CategoricalAccuracy()([[0, 1]], [[0.3, 0.7]]).item()
        1.0
    """

    def __init__(
        self,
        name: str | None = "categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_matches, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """Measures how often the highest prediction is at the class number.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true: (batch, ...) or (batch, ..., 1)
        y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> SparseCategoricalAccuracy()([1], [[0.3, 0.7]]).item()
        1.0
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(sparse_matches, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """Measures how often the one-hot label is among the `k` highest predictions.

    Args:
        k: How many of the highest predictions may hold the label.
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number

    Raises:
        ArgumentError: `k` is not an integer of at least 1.

    Example:
        >>> TopKCategoricalAccuracy(k=2)([[0, 1, 0]], [[0.5, 0.3, 0.2]]).item()
        1.0
    """

    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(top_k_matches, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """Measures how often the class number is among the `k` highest predictions.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        k: How many of the highest predictions may hold the label.
        from_sorted_ids: Whether `y_pred` holds class numbers sorted from the best on.

    Shape:
        y_true: (batch, ...) or (batch, ..., 1)
        y_pred: (batch, ..., classes)
        result: one number

    Raises:
        ArgumentError: `k` is not an integer of at least 1.

    Example:
        >>> SparseTopKCategoricalAccuracy(k=2)([1], [[0.5, 0.3, 0.2]]).item()
        1.0
    """

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_matches, name, dtype, k=k, from_sorted_ids=from_sorted_ids)

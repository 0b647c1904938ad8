"""Rates as the threshold moves from 0 to 1: the best one under a condition, and areas (auc.py).

Predictions are counted between neighbouring thresholds; all rates follow from these counts.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.formula_arguments import class_number
from lamina.core.weighting import divide_no_nan
from lamina.metrics.base import Metric
from lamina.metrics.confusion import prepared

MOST_THRESHOLDS = 1_000_000


def evenly(count: int) -> list[float]:
    """Thresholds from 0 to 1 at equal distances; a single one lies at 0.5."""
    return [0.5] if count == 1 else [index / (count - 1) for index in range(count)]


class ThresholdHistogram(Metric):
    """Counts labels 0 and 1 between neighbouring thresholds.

    Args:
        edges: The thresholds, rising.
        name: Name in logs.
        dtype: The dtype to compute in.
    """

    def __init__(self, edges: Sequence[float], name: str | None, dtype: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        dtype = dtypes.to_torch(self.dtype)
        self._edges = self.add_constant(torch.tensor(edges, dtype=dtype))
        self._one = self.add_constant(torch.ones(1, dtype=dtype))
        self._column: Tensor | None = None

    def _make_buckets(self, columns: int | None = None) -> None:
        # (label, number of thresholds below the prediction[, column])
        shape: tuple[int, ...] = (2, len(self._edges) + 1)
        if columns is not None:
            self._column = self.add_constant(torch.arange(columns))
            shape = (*shape, columns)
        self.buckets = self.add_variable(shape, name="buckets")

    def _count(self, labels: Tensor, y_pred: Tensor, weights: Tensor | None) -> None:
        below = torch.bucketize(y_pred.contiguous(), self._edges)
        bucket = below.add(labels, alpha=len(self._edges) + 1)
        if self._column is not None:
            bucket = bucket * len(self._column) + self._column
        bucket = bucket.reshape(-1)
        amount = self._one.expand_as(bucket) if weights is None else weights.reshape(-1)
        self.buckets.view(-1).scatter_add_(0, bucket, amount)

    def _above(self, label: int) -> Tensor:
        return self.buckets[label, 1:].flip(0).cumsum(0).flip(0)

    @property
    def true_positives(self) -> Tensor:
        """Labels 1 predicted above each threshold."""
        return self._above(1)

    @property
    def false_positives(self) -> Tensor:
        """Labels 0 predicted above each threshold."""
        return self._above(0)

    @property
    def false_negatives(self) -> Tensor:
        """Labels 1 not predicted above each threshold."""
        return self.buckets[1].sum(0) - self._above(1)

    @property
    def true_negatives(self) -> Tensor:
        """Labels 0 not predicted above each threshold."""
        return self.buckets[0].sum(0) - self._above(0)

    def _recall(self) -> Tensor:
        return divide_no_nan(self.true_positives, self.buckets[1].sum(0))

    def _specificity(self) -> Tensor:
        return divide_no_nan(self.true_negatives, self.buckets[0].sum(0))

    def _precision(self) -> Tensor:
        return divide_no_nan(self.true_positives, self.true_positives + self.false_positives)


class _BestUnderCondition(ThresholdHistogram):
    """Finds the largest rate among the thresholds where another rate is large enough."""

    def __init__(
        self,
        condition: str,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: Any,
    ) -> None:
        checks.number(self, condition, value, low=0.0, high=1.0)
        checks.whole(self, "num_thresholds", num_thresholds, low=1, high=MOST_THRESHOLDS)
        super().__init__(evenly(num_thresholds), name, dtype)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_number(self, "class_id", class_id)
        self.thresholds = evenly(num_thresholds)
        self._make_buckets()

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch between the thresholds."""
        labels, y_pred, weights = prepared(
            self, y_true, y_pred, sample_weight, class_id=self.class_id
        )
        self._count(labels, y_pred, weights)

    def _best(self, condition: Tensor, wanted: Tensor) -> Tensor:
        return torch.where(condition >= self.value, wanted, 0.0).max()


class SensitivityAtSpecificity(_BestUnderCondition):
    """Measures the best share of found labels 1 while enough labels 0 are recognized.

    Args:
        specificity: The least specificity, from 0 to 1.
        num_thresholds: How many thresholds are tried, at equal distances from 0 to 1.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1, probabilities
        result: one number, from 0 to 1

    Raises:
        ArgumentError: `specificity` is not from 0 to 1, or `num_thresholds` is below 1.

    Example:
        >>> SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8]).item()
        1.0
    """

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("specificity", specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def result(self) -> Tensor:
        """The best sensitivity so far."""
        return self._best(self._specificity(), self._recall())


class SpecificityAtSensitivity(_BestUnderCondition):
    """Measures the best share of recognized labels 0 while enough labels 1 are found.

    Args:
        sensitivity: The least sensitivity, from 0 to 1.
        num_thresholds: How many thresholds are tried, at equal distances from 0 to 1.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1, probabilities
        result: one number, from 0 to 1

    Raises:
        ArgumentError: `sensitivity` is not from 0 to 1, or `num_thresholds` is below 1.

    Example:
        >>> SpecificityAtSensitivity(0.5)([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8]).item()
        1.0
    """

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("sensitivity", sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity

    def result(self) -> Tensor:
        """The best specificity so far."""
        return self._best(self._recall(), self._specificity())


class PrecisionAtRecall(_BestUnderCondition):
    """Measures the best precision while enough labels 1 are found.

    Args:
        recall: The least recall, from 0 to 1.
        num_thresholds: How many thresholds are tried, at equal distances from 0 to 1.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1, probabilities
        result: one number, from 0 to 1

    Raises:
        ArgumentError: `recall` is not from 0 to 1, or `num_thresholds` is below 1.

    Example:
        >>> PrecisionAtRecall(0.5)([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8]).item()
        1.0
    """

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("recall", recall, num_thresholds, class_id, name, dtype)
        self.recall = recall

    def result(self) -> Tensor:
        """The best precision so far."""
        return self._best(self._recall(), self._precision())


class RecallAtPrecision(_BestUnderCondition):
    """Measures the best share of found labels 1 while enough of what is found is right.

    Args:
        precision: The least precision, from 0 to 1.
        num_thresholds: How many thresholds are tried, at equal distances from 0 to 1.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1, probabilities
        result: one number, from 0 to 1

    Raises:
        ArgumentError: `precision` is not from 0 to 1, or `num_thresholds` is below 1.

    Example:
        >>> RecallAtPrecision(0.5)([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8]).item()
        1.0
    """

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("precision", precision, num_thresholds, class_id, name, dtype)
        self.precision = precision

    def result(self) -> Tensor:
        """The best recall so far."""
        return self._best(self._precision(), self._recall())

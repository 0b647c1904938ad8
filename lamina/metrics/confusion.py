"""Right and wrong answers counted at a few thresholds: true positives, precision, recall ..."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ShapeError
from lamina.core.formula_arguments import class_number
from lamina.core.weighting import (
    as_tensor,
    divide_no_nan,
    same_rank,
    shape_of,
    spread,
    unequal_shapes,
)
from lamina.metrics.base import Metric, beside

_LOWEST = -1e10  # predictions outside of the top k fall below every threshold


def prepared(
    metric: Metric,
    y_true: Any,
    y_pred: Any,
    sample_weight: Any,
    *,
    top_k: int | None = None,
    class_id: int | None = None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Labels as booleans, predictions, and weights of the same shape, or `None`.

    Raises:
        ShapeError: Labels and predictions differ in shape, or one class was asked for and there
            is no axis of classes.
    """
    dtype = dtypes.to_torch(metric.dtype)
    y_pred = as_tensor(y_pred, dtype, name="y_pred")
    y_true = as_tensor(y_true, like=y_pred, name="y_true")
    y_true, y_pred = same_rank(y_true, y_pred)
    beside(metric, y_pred)
    if y_true.shape != y_pred.shape:
        raise unequal_shapes(metric.name, shape_of(y_true), shape_of(y_pred))
    if top_k is not None:
        y_pred = _only_top(metric, y_pred, top_k)
    if class_id is not None:
        y_true, y_pred = _one_class(metric, y_true, class_id), _one_class(metric, y_pred, class_id)
    labels = y_true if y_true.dtype == torch.bool else y_true != 0
    if sample_weight is None:
        return labels, y_pred, None
    weights = spread(as_tensor(sample_weight, dtype, y_pred, "sample_weight"), labels)
    return labels, y_pred, weights.expand_as(labels)


def _only_top(metric: Metric, y_pred: Tensor, k: int) -> Tensor:
    if not y_pred.ndim or y_pred.shape[-1] < k:
        raise ShapeError(
            f"{metric.name} looks at the top {k} and received y_pred of shape {shape_of(y_pred)}.",
            expected=f"a last axis with at least {k} classes.",
            fix="pass one prediction a class, or a smaller top_k.",
        )
    chosen = torch.zeros_like(y_pred, dtype=torch.bool)
    chosen.scatter_(-1, y_pred.topk(k).indices, True)
    return torch.where(chosen, y_pred, _LOWEST)


def _one_class(metric: Metric, values: Tensor, class_id: int) -> Tensor:
    if values.ndim < 2 or not -values.shape[-1] <= class_id < values.shape[-1]:
        raise ShapeError(
            f"{metric.name} counts class {class_id} and received shape {shape_of(values)}.",
            expected=f"a last axis with more than {class_id} classes.",
            fix="pass one-hot labels and one prediction a class, or class_id=None.",
        )
    return values[..., class_id].unsqueeze(-1)


class ThresholdCounts(Metric):
    """What the metrics of this file share: thresholds, and counting above and below them.

    Args:
        thresholds: A number from 0 to 1, several, or `None`.
        default: The threshold for `None`.
        name: Name in logs.
        dtype: The dtype to compute in.
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None,
        default: float,
        name: str | None,
        dtype: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        several = isinstance(thresholds, (list, tuple))
        given = [] if thresholds is None else thresholds if several else [thresholds]
        self.init_thresholds = thresholds
        self.thresholds = [
            checks.number(self, "thresholds", value, low=0.0, high=1.0) for value in given
        ] or [default]
        edges = torch.tensor(self.thresholds, dtype=dtypes.to_torch(self.dtype))
        self._edges = self.add_constant(edges.unsqueeze(1))

    def _above(self, labels: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Labels and "is above", with an axis of thresholds in front where there are several."""
        if len(self.thresholds) == 1:
            return labels, y_pred > self.thresholds[0]
        return labels.reshape(1, -1), y_pred.reshape(1, -1) > self._edges

    def _count(self, total: Tensor, chosen: Tensor, weights: Tensor | None) -> None:
        if weights is not None:
            chosen = chosen * (weights.reshape(-1) if self._has_several else weights)
        total.add_(chosen.sum(1) if self._has_several else chosen.sum())

    @property
    def _has_several(self) -> bool:
        return len(self.thresholds) > 1

    def _shaped(self, values: Tensor) -> Tensor:
        return values if self._has_several else values[0]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class _Count(ThresholdCounts):
    """Counts one of the four cases."""

    _is_label: bool
    _is_above: bool

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(thresholds, 0.5, name, dtype)
        self.accumulator = self.add_variable((len(self.thresholds),), name="accumulator")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the cases of a batch."""
        labels, y_pred, weights = prepared(self, y_true, y_pred, sample_weight)
        labels, above = self._above(labels, y_pred)
        chosen = (labels if self._is_label else ~labels) & (above if self._is_above else ~above)
        self._count(self.accumulator, chosen, weights)

    def result(self) -> Tensor:
        """The count so far, one a threshold."""
        return self._shaped(self.accumulator + 0)


class TruePositives(_Count):
    """Counts the examples of label 1 that are predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,)

    Example:
        >>> TruePositives()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7]).item()
        2.0
    """

    _is_label, _is_above = True, True


class FalsePositives(_Count):
    """Counts the examples of label 0 that are predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,)

    Example:
        >>> FalsePositives()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7]).item()
        1.0
    """

    _is_label, _is_above = False, True


class TrueNegatives(_Count):
    """Counts the examples of label 0 that are not predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,)

    Example:
        >>> TrueNegatives()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7]).item()
        0.0
    """

    _is_label, _is_above = False, False


class FalseNegatives(_Count):
    """Counts the examples of label 1 that are not predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,)

    Example:
        >>> FalseNegatives()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7]).item()
        1.0
    """

    _is_label, _is_above = True, False


class Precision(ThresholdCounts):
    """Measures the share of right answers among those predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`, and every prediction of
            the top k where `top_k` is given.
        top_k: Only the highest predictions of an example count as above.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,); 0 while nothing was predicted above

    Raises:
        ArgumentError: `thresholds` are not from 0 to 1.
        ShapeError: Labels and predictions differ in shape.

    Example:
        >>> Precision()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7], [1.0, 1.0, 0.5, 0.5]).item()
        0.5
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(thresholds, 0.5 if top_k is None else _LOWEST, name, dtype)
        self.top_k = checks.optional_int(self, "top_k", top_k, low=1)
        self.class_id = class_number(self, "class_id", class_id)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch that are above, right and wrong apart."""
        labels, y_pred, weights = prepared(
            self, y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id
        )
        labels, above = self._above(labels, y_pred)
        self._count(self.true_positives, above & labels, weights)
        self._count(self.false_positives, above > labels, weights)

    def result(self) -> Tensor:
        """The share so far, one a threshold."""
        above = self.true_positives + self.false_positives
        return self._shaped(divide_no_nan(self.true_positives, above))


class Recall(ThresholdCounts):
    """Measures the share of the examples of label 1 that are predicted above the threshold.

    Args:
        thresholds: One number from 0 to 1 or several; 0.5 when `None`, and every prediction of
            the top k where `top_k` is given.
        top_k: Only the highest predictions of an example count as above.
        class_id: Looks at one class only.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        result: one number, or (thresholds,); 0 while there was no label 1

    Raises:
        ArgumentError: `thresholds` are not from 0 to 1.
        ShapeError: Labels and predictions differ in shape.

    Example:
        >>> Recall()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7], [1.0, 1.0, 0.5, 0.5]).item()
        0.5
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(thresholds, 0.5 if top_k is None else _LOWEST, name, dtype)
        self.top_k = checks.optional_int(self, "top_k", top_k, low=1)
        self.class_id = class_number(self, "class_id", class_id)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the labels 1 of a batch, found and missed apart."""
        labels, y_pred, weights = prepared(
            self, y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id
        )
        labels, above = self._above(labels, y_pred)
        self._count(self.true_positives, above & labels, weights)
        self._count(self.false_negatives, labels > above, weights)

    def result(self) -> Tensor:
        """The share so far, one a threshold."""
        wanted = self.true_positives + self.false_negatives
        return self._shaped(divide_no_nan(self.true_positives, wanted))

"""Overlap of wanted and predicted regions, class by class, from one confusion matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import DtypeError
from lamina.core.formula_arguments import axis_number, class_number
from lamina.core.misfits import misfit
from lamina.core.weighting import as_tensor, shape_of, spread, unequal_shapes
from lamina.metrics.base import Metric, beside


class ConfusionMatrix(Metric):
    """What the metrics of this file share: how often class i was predicted as class j.

    Args:
        num_classes: Number of classes.
        name: Name in logs.
        dtype: The dtype of the counts; whole numbers when `None`.
        ignore_class: A class number whose examples do not count.
        sparse_y_true: Whether labels are class numbers; one-hot otherwise.
        sparse_y_pred: Whether predictions are class numbers; scores otherwise.
        axis: The axis of the classes where there is one.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None,
        dtype: Any,
        ignore_class: int | None,
        sparse_y_true: bool,
        sparse_y_pred: bool,
        axis: int,
    ) -> None:
        # Whole numbers stay exact: pixels soon exceed what float32 can count.
        super().__init__(name=name, dtype="int64" if dtype is None else dtype)
        self.num_classes = checks.whole(self, "num_classes", num_classes, low=1, high=65_536)
        self.ignore_class = class_number(self, "ignore_class", ignore_class)
        self.sparse_y_true = checks.boolean(self, "sparse_y_true", sparse_y_true)
        self.sparse_y_pred = checks.boolean(self, "sparse_y_pred", sparse_y_pred)
        self.axis = axis_number(self, axis)
        shape = (self.num_classes, self.num_classes)
        self.total_cm = self.add_variable(shape, name="total_confusion_matrix")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the pairs of a batch; class numbers out of range do not count."""
        y_pred = as_tensor(y_pred, name="y_pred")
        y_true = as_tensor(y_true, like=y_pred, name="y_true")
        beside(self, y_pred)
        try:
            y_true = y_true.long() if self.sparse_y_true else y_true.argmax(self.axis)
            y_pred = y_pred.long() if self.sparse_y_pred else y_pred.argmax(self.axis)
        except IndexError as error:
            raise misfit(f"metric {self.name!r}", error, y_true, y_pred) from error
        if y_true.numel() != y_pred.numel():
            raise unequal_shapes(self.name, shape_of(y_true), shape_of(y_pred))
        weights = self._weights(sample_weight, y_true)
        y_true, y_pred = y_true.reshape(-1), y_pred.reshape(-1)
        classes = self.num_classes
        counts = (y_true >= 0) & (y_true < classes) & (y_pred >= 0) & (y_pred < classes)
        if self.ignore_class is not None:
            counts = counts & (y_true != self.ignore_class)
        cell = torch.where(counts, y_true * classes + y_pred, 0)
        amount = counts.to(self.total_cm.dtype)
        amount = amount if weights is None else amount * weights
        self.total_cm.view(-1).scatter_add_(0, cell, amount)

    def _weights(self, sample_weight: Any, y_true: Tensor) -> Tensor | None:
        if sample_weight is None:
            return None
        weights = as_tensor(sample_weight, like=y_true, name="sample_weight")
        dtype = self.total_cm.dtype
        if weights.dtype.is_floating_point and not dtype.is_floating_point:
            raise DtypeError(
                f"{self.name} counts whole numbers and received weights that are fractions.",
                expected="integer weights, or a metric that counts fractions.",
                fix=f'{type(self).__name__}(..., dtype="float32").',
            )
        return spread(weights.to(dtype), y_true).expand_as(y_true).reshape(-1)


class _Overlap(ConfusionMatrix):
    """Averages intersection / union over some classes."""

    target_class_ids: Sequence[int]

    def result(self) -> Tensor:
        """The mean over the classes that occurred so far."""
        dtype = dtypes.to_torch("float32")
        both = self.total_cm.diagonal()
        either = self.total_cm.sum(0) + self.total_cm.sum(1) - both
        chosen = list(self.target_class_ids)
        both, either = both[chosen].to(dtype), either[chosen].to(dtype)
        small = dtypes.epsilon()
        occurs = either > 1e-9
        overlap = torch.where(occurs, both / (either + small), 0.0)
        return overlap.sum() / (occurs.sum() + small)


def _class_ids(owner: Metric, ids: Sequence[int], num_classes: int) -> list[int]:
    if not isinstance(ids, (list, tuple, range, np.ndarray)) or not len(ids):
        raise checks.refuse(
            owner,
            "target_class_ids",
            ids,
            expected="'target_class_ids' as a list of class numbers.",
            fix="pass for example target_class_ids=[0].",
        )
    return [checks.whole(owner, "target_class_ids", value, high=num_classes - 1) for value in ids]


class IoU(_Overlap):
    """Measures intersection over union of regions, averaged over chosen classes.

    Args:
        num_classes: Number of classes.
        target_class_ids: The classes to average over.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype of the counts; whole numbers when `None`.
        ignore_class: A class number whose examples do not count.
        sparse_y_true: Whether labels are class numbers; one-hot otherwise.
        sparse_y_pred: Whether predictions are class numbers; scores otherwise.
        axis: The axis of the classes where there is one.

    Shape:
        y_true, y_pred: (batch, ...) class numbers, or (batch, ..., classes)
        result: one number, from 0 to 1

    Raises:
        ArgumentError: A class number is out of range.
        DtypeError: Weights are fractions and the counts whole numbers.

    Example:
        >>> round(IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1]).item(), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        self.target_class_ids = _class_ids(self, target_class_ids, num_classes)


class BinaryIoU(_Overlap):
    """Measures intersection over union of two classes told apart by a threshold.

    Args:
        target_class_ids: The classes to average over: 0, 1 or both.
        threshold: Predictions of at least this count as 1.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype of the counts; whole numbers when `None`.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1, probabilities
        result: one number, from 0 to 1

    Raises:
        ArgumentError: A class number is out of range.
        DtypeError: Weights are fractions and the counts whole numbers.

    Example:
        >>> round(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).item(), 4)
        0.3333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, name, dtype, None, True, True, -1)
        self.target_class_ids = _class_ids(self, target_class_ids, 2)
        self.threshold = checks.number(self, "threshold", threshold)

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the pairs of a batch."""
        y_pred = as_tensor(y_pred, name="y_pred")
        super().update_state(y_true, y_pred >= self.threshold, sample_weight)


class MeanIoU(_Overlap):
    """Measures intersection over union of regions, averaged over all classes that occur.

    Args:
        num_classes: Number of classes.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype of the counts; whole numbers when `None`.
        ignore_class: A class number whose examples do not count.
        sparse_y_true: Whether labels are class numbers; one-hot otherwise.
        sparse_y_pred: Whether predictions are class numbers; scores otherwise.
        axis: The axis of the classes where there is one.

    Shape:
        y_true, y_pred: (batch, ...) class numbers, or (batch, ..., classes)
        result: one number, from 0 to 1

    Raises:
        ArgumentError: A class number is out of range.
        DtypeError: Weights are fractions and the counts whole numbers.

    Example:
        >>> round(MeanIoU(2)([0, 0, 1, 1], [0, 1, 0, 1]).item(), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        self.target_class_ids = list(range(num_classes))


class OneHotIoU(_Overlap):
    """Measures intersection over union for one-hot labels, averaged over chosen classes.

    Args:
        num_classes: Number of classes.
        target_class_ids: The classes to average over.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype of the counts; whole numbers when `None`.
        ignore_class: A class number whose examples do not count.
        sparse_y_pred: Whether predictions are class numbers; scores otherwise.
        axis: The axis of the classes where there is one.

    Shape:
        y_true: (batch, ..., classes), one-hot
        y_pred: (batch, ..., classes), or (batch, ...) class numbers
        result: one number, from 0 to 1

    Raises:
        ArgumentError: A class number is out of range.
        DtypeError: Weights are fractions and the counts whole numbers.

    Example:
        >>> round(OneHotIoU(2, [0])([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).item(), 4)
        1.0
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
        self.target_class_ids = _class_ids(self, target_class_ids, num_classes)


class OneHotMeanIoU(_Overlap):
    """Measures intersection over union for one-hot labels, averaged over all classes.

    Args:
        num_classes: Number of classes.
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype of the counts; whole numbers when `None`.
        ignore_class: A class number whose examples do not count.
        sparse_y_pred: Whether predictions are class numbers; scores otherwise.
        axis: The axis of the classes where there is one.

    Shape:
        y_true: (batch, ..., classes), one-hot
        y_pred: (batch, ..., classes), or (batch, ...) class numbers
        result: one number, from 0 to 1

    Raises:
        ArgumentError: A class number is out of range.
        DtypeError: Weights are fractions and the counts whole numbers.

    Example:
        >>> round(OneHotMeanIoU(2)([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).item(), 4)
        1.0
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
        self.target_class_ids = list(range(num_classes))

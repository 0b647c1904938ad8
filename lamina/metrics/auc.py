"""Areas under the curves of rates, as the threshold moves from 0 to 1."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.weighting import as_tensor, divide_no_nan, shape_of
from lamina.metrics.confusion import prepared
from lamina.metrics.curves import MOST_THRESHOLDS, ThresholdHistogram, evenly

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATION_METHODS = ("interpolation", "majoring", "minoring")


class AUC(ThresholdHistogram):
    """Measures how well predictions sort labels 1 above labels 0: the area under a curve.

    The area under the ROC curve is the chance that a label 1 is predicted above a label 0. Where
    labels 1 are rare, the curve of precision and recall says more.

    Args:
        num_thresholds: How many points the curve has; more are more exact.
        curve: "ROC", "PR" (precision over recall) or "PRGAIN".
        summation_method: How the area between two points is taken: "interpolation", the lower
            rectangle ("minoring") or the higher one ("majoring").
        name: Name in logs. Chosen automatically when `None`.
        dtype: The dtype to compute in; the default float when `None`.
        thresholds: Thresholds from 0 to 1 to use instead of evenly spaced ones.
        multi_label: Whether each column has a curve of its own; the areas are averaged.
        num_labels: Number of columns; learned from the first batch when `None`.
        label_weights: Weight of each column.
        from_logits: Whether predictions are logits.

    Shape:
        y_true, y_pred: (batch, ...), labels 0 and 1; (batch, labels) when `multi_label`
        result: one number, from 0 to 1

    Raises:
        ArgumentError: An argument has a value that cannot be used.
        ShapeError: `multi_label` and predictions of another rank than 2.

    Reference:
        Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML 2006,
        for the interpolation of precision and recall.

    Example:
        >>> round(AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]).item(), 4)
        0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        middle = self._middle(num_thresholds, thresholds)
        # The ends lie beyond 0 and 1, so that rounding moves no prediction over them.
        edges = [0.0 - dtypes.epsilon(), *middle, 1.0 + dtypes.epsilon()]
        super().__init__(edges, name, dtype)
        self.thresholds = edges
        self.num_thresholds = len(edges)
        self.curve = checks.choice(self, "curve", _upper(curve), CURVES)
        self.summation_method = checks.choice(
            self, "summation_method", _lower(summation_method), SUMMATION_METHODS
        )
        self.multi_label = checks.boolean(self, "multi_label", multi_label)
        self.num_labels = checks.optional_int(self, "num_labels", num_labels, low=1)
        self.label_weights = label_weights
        self.from_logits = checks.boolean(self, "from_logits", from_logits)
        self._clips = thresholds is None
        self._init_thresholds = thresholds
        self._label_weights: Tensor | None = None
        if label_weights is not None:
            dtype = dtypes.to_torch(self.dtype)
            weights = as_tensor(label_weights, dtype, name="label_weights")
            if weights.ndim != 1 or not len(weights):
                raise checks.refuse(
                    self,
                    "label_weights",
                    label_weights,
                    expected="'label_weights' as a list with one number a label.",
                    fix="pass for example label_weights=[1.0, 2.0].",
                )
            self._label_weights = self.add_constant(weights)
        if num_labels and not self.multi_label:
            raise ArgumentError(
                f"AUC(num_labels={num_labels}) needs multi_label=True.",
                expected="'num_labels' only together with multi_label=True.",
                fix="pass multi_label=True, or leave num_labels out.",
            )
        if num_labels or not self.multi_label:
            self._make_buckets(num_labels)

    def _middle(self, num_thresholds: int, thresholds: Sequence[float] | None) -> list[float]:
        if thresholds is not None:
            if not isinstance(thresholds, (list, tuple, np.ndarray)):
                raise checks.refuse(
                    self,
                    "thresholds",
                    thresholds,
                    expected="'thresholds' as a list of numbers from 0 to 1.",
                    fix="pass for example thresholds=[0.25, 0.5, 0.75].",
                )
            return sorted(checks.number(self, "thresholds", value) for value in thresholds)
        return evenly(
            checks.whole(self, "num_thresholds", num_thresholds, low=2, high=MOST_THRESHOLDS)
        )[1:-1]

    def build(self, target_shape: Sequence[int], output_shape: Sequence[int]) -> None:
        """Creates one histogram a column, where there are to be several."""
        if not self.multi_label or "buckets" in self.__dict__:
            return
        if len(output_shape) != 2:
            raise ShapeError(
                f"{self.name} received y_pred of shape {tuple(output_shape)} with "
                "multi_label=True.",
                expected="y_pred of shape (batch, labels).",
                fix="reshape y_true and y_pred to two axes.",
            )
        self._make_buckets(output_shape[1])

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch between the thresholds."""
        labels, y_pred, weights = prepared(self, y_true, y_pred, sample_weight)
        self.build(shape_of(labels), shape_of(y_pred))
        if self.from_logits:
            y_pred = y_pred.sigmoid()
        if self._clips:
            y_pred = y_pred.clamp(0.0, 1.0)
        if self._label_weights is not None:
            columns = self._columns(self._label_weights, y_pred)
            if not self.multi_label:
                weights = columns if weights is None else weights * columns
        self._count(labels, y_pred, weights)

    def _columns(self, weights: Tensor, y_pred: Tensor) -> Tensor:
        if y_pred.ndim and y_pred.shape[-1] == len(weights):
            return weights.expand_as(y_pred)
        raise ShapeError(
            f"{self.name} has {len(weights)} label_weights and received y_pred of shape "
            f"{shape_of(y_pred)}.",
            expected=f"a last axis of size {len(weights)}.",
            fix="pass one weight a column of y_pred.",
        )

    def result(self) -> Tensor:
        """The area so far."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._averaged(self.interpolate_pr_auc())
        x, y = self._points()
        left, right = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = (left + right) / 2.0
        elif self.summation_method == "minoring":
            heights = torch.minimum(left, right)
        else:
            heights = torch.maximum(left, right)
        return self._averaged(((x[:-1] - x[1:]) * heights).sum(0))

    def _points(self) -> tuple[Tensor, Tensor]:
        if self.curve == "ROC":
            return divide_no_nan(self.false_positives, self.buckets[0].sum(0)), self._recall()
        if self.curve == "PR":
            return self._recall(), self._precision()
        # Gains of recall and precision over guessing; 0 and 1 where nothing is found.
        found = self.true_positives
        odds = divide_no_nan(self.buckets[1].sum(0), self.buckets[0].sum(0))
        recall_gain = 1.0 - odds * divide_no_nan(self.false_negatives, found)
        precision_gain = 1.0 - odds * divide_no_nan(self.false_positives, found)
        return torch.where(found == 0, 0.0, recall_gain).clamp(min=0.0), precision_gain

    def interpolate_pr_auc(self) -> Tensor:
        """The area under precision and recall, with true positives taken as linear between."""
        found, wanted = self.true_positives, self.buckets[1].sum(0)
        above = found + self.false_positives
        slope = divide_no_nan(found[:-1] - found[1:], (above[:-1] - above[1:]).clamp(min=0))
        start = found[1:] - slope * above[1:]
        both = (above[:-1] > 0) & (above[1:] > 0)
        ratio = torch.where(both, divide_no_nan(above[:-1], above[1:]), 1.0)
        steps = slope * (found[:-1] - found[1:] + start * ratio.log())
        return divide_no_nan(steps, wanted.expand_as(steps)).sum(0)

    def _averaged(self, areas: Tensor) -> Tensor:
        if not self.multi_label:
            return areas
        if self._label_weights is None:
            return areas.mean()
        return divide_no_nan((areas * self._label_weights).sum(), self._label_weights.sum())

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        if self._init_thresholds is None:
            del config["thresholds"]
        else:
            config["thresholds"] = self.thresholds[1:-1]
        return config


def _upper(word: Any) -> Any:
    return word.upper() if isinstance(word, str) else word


def _lower(word: Any) -> Any:
    return word.lower() if isinstance(word, str) else word

"""F-scores: precision and recall in one number, class by class."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_tensor, shape_of, spread, unequal_shapes
from lamina.metrics.base import Metric, beside

AVERAGES = ("micro", "macro", "weighted", None)


class FBetaScore(Metric):
    """Measures (1 + beta²)·precision·recall / (beta²·precision + recall), class by class.

    Args:
        average: `None` returns one number a class, "macro" their mean, "weighted" their mean
            weighted by how often a class occurs, "micro" one score over all classes together.
        beta: How much more recall counts than precision.
        threshold: Predictions above it count as 1; the highest prediction of each example when
            `None`.
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, classes), labels 0 and 1, probabilities
        result: one number, or (classes,) when `average` is `None`

    Raises:
        ArgumentError: An argument has a value that cannot be used.
        ShapeError: Labels and predictions do not have two axes, or differ in shape.

    Example:
        >>> FBetaScore("macro", beta=2.0)([[0, 1], [1, 0]], [[0.2, 0.8], [0.9, 0.1]])
        tensor(1.0000)
    """

    _is_fraction = True

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.average = checks.choice(self, "average", average, AVERAGES)
        self.beta = checks.number(self, "beta", beta, low=0.0, open_low=True)
        self.threshold = threshold
        if threshold is not None:
            checks.number(self, "threshold", threshold, low=0.0, high=1.0, open_low=True)

    def build(self, target_shape: Sequence[int], output_shape: Sequence[int]) -> None:
        """Creates one counter a class."""
        if "true_positives" in self.__dict__:
            return
        if len(output_shape) != 2 or len(target_shape) != 2:
            raise ShapeError(
                f"{self.name} received y_true of shape {tuple(target_shape)} and y_pred of shape "
                f"{tuple(output_shape)}.",
                expected="two axes, (batch, classes), in both.",
                fix="one-hot the labels, for example with keras.utils.to_categorical(y).",
            )
        shape = () if self.average == "micro" else (output_shape[1],)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.predicted_positives = self.add_variable(shape, name="predicted_positives")
        self.intermediate_weights = self.add_variable(shape, name="intermediate_weights")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts what was predicted, wanted and both."""
        dtype = dtypes.to_torch(self.dtype)
        y_pred = as_tensor(y_pred, dtype, name="y_pred")
        y_true = as_tensor(y_true, dtype, y_pred, "y_true")
        self.build(shape_of(y_true), shape_of(y_pred))
        beside(self, y_pred)
        if y_true.shape != y_pred.shape:
            raise unequal_shapes(self.name, shape_of(y_true), shape_of(y_pred))
        chosen = self._chosen(y_pred).to(dtype)
        both = chosen * y_true
        if sample_weight is not None:
            weights = as_tensor(sample_weight, dtype, y_pred, "sample_weight")
            weights = spread(weights, y_pred)
            both, chosen, y_true = both * weights, chosen * weights, y_true * weights
        self.true_positives.add_(self._summed(both))
        self.predicted_positives.add_(self._summed(chosen))
        self.intermediate_weights.add_(self._summed(y_true))

    def _chosen(self, y_pred: Tensor) -> Tensor:
        if self.threshold is not None:
            return y_pred > self.threshold
        # A row of zeros chooses nothing.
        return (y_pred >= y_pred.amax(-1, keepdim=True)) & (y_pred.abs() > 1e-9)

    def _summed(self, values: Tensor) -> Tensor:
        return values.sum() if self.average == "micro" else values.sum(0)

    def result(self) -> Tensor:
        """The score so far."""
        small = dtypes.epsilon()
        precision = self.true_positives / (self.predicted_positives + small)
        recall = self.true_positives / (self.intermediate_weights + small)
        square = self.beta**2
        scores = (1.0 + square) * precision * recall / (square * precision + recall + small)
        if self.average == "weighted":
            weights = self.intermediate_weights / (self.intermediate_weights.sum() + small)
            return (scores * weights).sum()
        return scores if self.average is None else scores.mean()


class F1Score(FBetaScore):
    """Measures 2·precision·recall / (precision + recall), class by class.

    Args:
        average: `None` returns one number a class, "macro" their mean, "weighted" their mean
            weighted by how often a class occurs, "micro" one score over all classes together.
        threshold: Predictions above it count as 1; the highest prediction of each example when
            `None`.
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, classes), labels 0 and 1, probabilities
        result: one number, or (classes,) when `average` is `None`

    Example:
        >>> F1Score("macro")([[0, 1], [1, 0]], [[0.2, 0.8], [0.9, 0.1]])
        tensor(1.0000)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

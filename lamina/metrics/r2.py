"""R²: the share of the targets' variance that a model explains."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_tensor, elementwise, shape_of, spread
from lamina.metrics.base import Metric, beside

AGGREGATIONS = ("uniform_average", "variance_weighted_average", None)


class R2Score(Metric):
    """Measures 1 - (squared misses / squared distances of the targets from their mean).

    1 is perfect, 0 no better than always predicting the mean. The distances from the mean are
    gathered in one pass that stays exact for targets far from 0.

    Args:
        class_aggregation: How several outputs become one number: "uniform_average",
            "variance_weighted_average", or `None` for one number an output.
        num_regressors: Number of inputs, for the adjusted R²; 0 for the standard one.
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, outputs)
        result: one number, or (outputs,)

    Raises:
        ArgumentError: An argument has a value that cannot be used.
        ShapeError: Labels and predictions do not have two axes.

    Reference:
        Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance", The American
        Statistician 37(3), 1983, for merging the means of batches.

    Example:
        >>> R2Score()([[0.0], [2.0], [4.0]], [[0.0], [2.0], [4.0]]).item()
        1.0
    """

    _is_fraction = True

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.class_aggregation = checks.choice(
            self, "class_aggregation", class_aggregation, AGGREGATIONS
        )
        self.num_regressors = checks.whole(self, "num_regressors", num_regressors)
        self.num_samples = self.add_variable(name="num_samples")

    def build(self, target_shape: Sequence[int], output_shape: Sequence[int]) -> None:
        """Creates one set of totals an output."""
        if "count" in self.__dict__:
            return
        if len(output_shape) != 2 or len(target_shape) != 2:
            raise ShapeError(
                f"{self.name} received y_true of shape {tuple(target_shape)} and y_pred of shape "
                f"{tuple(output_shape)}.",
                expected="two axes, (batch, outputs), in both.",
                fix="reshape both, for example with y.reshape(len(y), -1).",
            )
        shape = (output_shape[1],)
        self.count = self.add_variable(shape, name="count")
        self.mean = self.add_variable(shape, name="mean")
        self.squared_distance = self.add_variable(shape, name="squared_distance")
        self.total_mse = self.add_variable(shape, name="residual")

    @torch.no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Merges the mean and the distances of a batch into those so far."""
        y_pred = as_tensor(y_pred, dtypes.to_torch(self.dtype), name="y_pred")
        y_true, y_pred = elementwise(self.name, y_true, y_pred)
        self.build(shape_of(y_true), shape_of(y_pred))
        beside(self, y_pred)
        weights = torch.ones_like(y_true[:1]).expand_as(y_true)
        if sample_weight is not None:
            weights = as_tensor(sample_weight, y_pred.dtype, y_pred, "sample_weight")
            weights = spread(weights, y_true)
            weights = weights.expand_as(y_true)
        added = weights.sum(0)
        count = self.count + added
        # A batch whose weights are all 0 changes nothing.
        mean = (weights * y_true).sum(0) / torch.where(added == 0, 1.0, added)
        share = added / torch.where(count == 0, 1.0, count)
        gap = torch.where(added == 0, 0.0, mean - self.mean)
        distances = (weights * (y_true - mean).square()).sum(0)
        self.squared_distance.add_(distances + gap.square() * self.count * share)
        self.mean.add_(gap * share)
        self.count.copy_(count)
        self.total_mse.add_((weights * (y_true - y_pred).square()).sum(0))
        self.num_samples.add_(y_true.numel())

    def result(self) -> Tensor:
        """The score so far."""
        total = self.squared_distance
        scores = 1.0 - self.total_mse / total
        scores = torch.where(scores.isinf(), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            scores = (total * scores).sum() / total.sum()
        if self.num_regressors == 0:
            return scores
        # With too few examples for the adjustment the standard score is returned.
        free = self.num_samples - self.num_regressors - 1.0
        adjusted = 1.0 - (1.0 - scores) * (self.num_samples - 1.0) / free
        return torch.where(free > 0, adjusted, scores)

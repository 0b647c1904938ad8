"""Computes every loss and metric once before the first step, so that their errors come early."""

from types import TracebackType
from typing import Any

import torch
from torch import Tensor

from lamina.core import trees
from lamina.core.errors import ArgumentError, LaminaError
from lamina.data import Batch
from lamina.train.objective import Objective, Output, per_output


def rehearse(objective: Objective, batch: Batch) -> None:
    """Computes losses and metrics of a batch on outputs seen before; keeps none of the numbers.

    Args:
        objective: Losses and metrics of a model that has been built.
        batch: As many examples as a step will see.

    Raises:
        LaminaError: A loss or a metric cannot be computed, or gives nothing to learn from.
    """
    count = trees.leaves(batch.x)[0].shape[0]
    outputs = objective.outputs
    targets = per_output(batch.y, len(outputs))
    weights = per_output(batch.sample_weight, len(outputs), spread=True)
    for output, sample, target, weight in zip(
        outputs, objective.sample, targets, weights, strict=True
    ):
        prediction = _repeated(sample, count)
        _rehearse_loss(output, prediction, target, weight)
        for metric in (*output.metrics, *output.weighted_metrics):
            used = weight if metric in output.weighted_metrics else None
            _rehearse_metric(metric, prediction, target, used)


def _rehearse_loss(output: Output, prediction: Tensor, target: Any, weight: Any) -> None:
    if output.loss is None:
        return
    prediction = prediction.detach()
    if prediction.is_floating_point():
        prediction.requires_grad_()
    with torch.enable_grad(), _Naming("loss", output.loss.name, len(prediction)):
        output.loss(target, prediction, weight)


def _rehearse_metric(metric: Any, prediction: Tensor, target: Any, weight: Any) -> None:
    with torch.no_grad(), _Naming("metric", metric.name, len(prediction)):
        metric.update_state(target, prediction, sample_weight=weight)
        metric.result()
        metric.reset_state()


def _repeated(sample: Tensor, count: int) -> Tensor:
    """As many outputs as the batch has examples, without another forward pass."""
    rows = torch.arange(count, device=sample.device) % len(sample)
    return sample.index_select(0, rows)


class _Naming:
    """Turns an error inside a user's function into one that says which function it was."""

    def __init__(self, kind: str, name: str, count: int) -> None:
        self.kind, self.name, self.count = kind, name, count

    def __enter__(self) -> None:
        """Nothing has to be prepared."""

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        passes = (LaminaError, MemoryError, torch.OutOfMemoryError)
        if isinstance(error, Exception) and not isinstance(error, passes):
            first_line = (str(error).splitlines() or [""])[0][:80]
            raise ArgumentError(
                f"{self.kind} {self.name!r} cannot be computed: "
                f"{type(error).__name__}: {first_line}",
                expected=f"a function of two tensors with {self.count} examples, y_true and "
                "y_pred, made of torch functions.",
                fix=f"call {self.name} on two such tensors to see where it stops.",
            ) from error

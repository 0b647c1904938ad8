"""What happens around an update: clipping, weight decay, accumulation, averaging of weights.

All of it works in place, without reading a value on the host. Lists may hold the tensors of all
weights or one flat tensor, except for `clip_each_norm`, which needs them apart.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def clip_each_norm(gradients: Sequence[Tensor], limit: float) -> None:
    """Shortens every gradient that is longer than `limit` to that length.

    g * limit / max(norm(g), limit).

    Args:
        gradients: One tensor a weight; overwritten.
        limit: Greatest allowed length, above 0.
    """
    for gradient in gradients:
        gradient.mul_(limit / torch.linalg.vector_norm(gradient).clamp(min=limit))


def clip_global_norm(gradients: Sequence[Tensor], limit: float) -> None:
    """Shortens all gradients by one factor, so that together they are at most `limit` long.

    Args:
        gradients: One tensor a weight, or one flat tensor of all; overwritten.
        limit: Greatest allowed length of all of them together, above 0.
    """
    norms = [torch.linalg.vector_norm(gradient) for gradient in gradients]
    norm = norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms))
    factor = limit / norm.clamp(min=limit)
    for gradient in gradients:
        gradient.mul_(factor)


def clip_value(gradients: Sequence[Tensor], limit: float) -> None:
    """Cuts every value of the gradients off at ±limit.

    Args:
        gradients: Tensors of any number and shape; overwritten.
        limit: Greatest allowed size, above 0.
    """
    for gradient in gradients:
        gradient.clamp_(-limit, limit)


def unscale(gradients: Sequence[Tensor], factor: float | Tensor) -> None:
    """Divides the gradients by the factor that the loss was multiplied with."""
    for gradient in gradients:
        gradient.div_(factor)


def accumulate(sums: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """Adds the gradients of one batch to the sums."""
    for total, gradient in zip(sums, gradients, strict=True):
        total.add_(gradient)


def average_accumulated(
    sums: Sequence[Tensor], gradients: Sequence[Tensor], count: int
) -> list[Tensor]:
    """Mean of the summed gradients and those of the last batch; the sums start again at 0.

    Args:
        sums: What `accumulate` collected; set to 0.
        gradients: Those of the last batch.
        count: Number of batches, the last included.
    """
    means = [
        (gradient + total).div_(count) for total, gradient in zip(sums, gradients, strict=True)
    ]
    for total in sums:
        total.zero_()
    return means


def decay_weight(weight: Tensor, shrink: Tensor) -> None:
    """Takes the share `shrink` = learning_rate * weight_decay off every value."""
    weight.addcmul_(weight, shrink, value=-1)


def average_weight(weight: Tensor, average: Tensor, momentum: Tensor) -> None:
    """Moves the average towards the weight: momentum * average + (1 - momentum) * weight."""
    average.mul_(momentum).add_(weight * (1 - momentum))


def overwrite_weight(weight: Tensor, average: Tensor, is_due: Tensor) -> None:
    """Replaces the weight by its average where `is_due` is 1; leaves it alone where it is 0."""
    weight.lerp_(average, is_due)

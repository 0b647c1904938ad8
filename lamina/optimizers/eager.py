"""One update on a list of weights, for training loops written by hand."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lamina.core.errors import ArgumentError
from lamina.optimizers import wrappers
from lamina.optimizers.exclusion import path_of
from lamina.optimizers.memory import Memory
from lamina.optimizers.multiplier import multiplier_of

if TYPE_CHECKING:
    from lamina.optimizers.base import Optimizer

Coefficients = Mapping[str, Tensor]


def apply(
    optimizer: "Optimizer",
    gradients: Sequence[Tensor | None],
    weights: Sequence[Tensor] | None = None,
) -> None:
    """Makes one update of the weights, or collects the gradients where they accumulate."""
    if not len(gradients):
        return
    if weights is not None:
        weights = list(weights)
        optimizer.build(weights)
    memory = optimizer.memory()
    weights = memory.weights if weights is None else weights
    _refuse_mismatch(optimizer, memory, gradients, weights)
    gradients, weights = _present(gradients, weights)
    with torch.no_grad():
        _update(optimizer, memory, gradients, weights)
    optimizer.calls += 1


def coefficients_at(
    optimizer: "Optimizer", update: int, device: torch.device, multiplier: float = 1.0
) -> Coefficients:
    """The coefficients of one update, the first being 1, as tensors without axes."""
    updates = torch.tensor([update], dtype=torch.float64)
    terms = optimizer.coefficients(updates, optimizer.rate_at(updates) * multiplier)
    stacked = torch.cat(list(terms.values())).to(device)
    return dict(zip(terms, stacked.unbind(), strict=True))


def _update(
    optimizer: "Optimizer", memory: Memory, gradients: list[Tensor], weights: list[Tensor]
) -> None:
    coefficients = {
        (device, rate): coefficients_at(optimizer, optimizer.iterations + 1, device, rate)
        for device, rate in set(map(_place, memory.weights))
    }
    places = [memory.index[id(weight)] for weight in weights]
    if optimizer.loss_scale_factor is not None:
        gradients = [gradient / optimizer.loss_scale_factor for gradient in gradients]
    steps = optimizer.gradient_accumulation_steps
    sums = [memory.sums[place] for place in places] if steps else []
    if steps and (optimizer.calls + 1) % steps:
        wrappers.accumulate(sums, gradients)
    else:
        if steps:
            gradients = wrappers.average_accumulated(sums, gradients, steps)
        _change(optimizer, memory, gradients, weights, coefficients)
    if optimizer.use_ema:
        for weight, slots in zip(memory.weights, memory.slots, strict=True):
            average(weight, slots["average"], coefficients[_place(weight)])
    for weight in weights:
        constraint = getattr(weight, "constraint", None)
        if constraint is not None:
            weight.copy_(constraint(weight.detach()))


def _change(
    optimizer: "Optimizer",
    memory: Memory,
    gradients: list[Tensor],
    weights: list[Tensor],
    coefficients: Mapping[tuple[torch.device, float], Coefficients],
) -> None:
    # Clipping works in place, and the gradients belong to the caller.
    gradients = [gradient.detach().clone() for gradient in gradients]
    optimizer.clip_gradients(gradients)
    for weight, gradient in zip(weights, gradients, strict=True):
        terms = coefficients[_place(weight)]
        key = optimizer.decay_key(weight)
        if key is not None:
            wrappers.decay_weight(weight, terms[key])
        slots = memory.slots[memory.index[id(weight)]]
        optimizer.update(weight, gradient.to(weight.dtype), slots, terms)


def _place(weight: Tensor) -> tuple[torch.device, float]:
    """What the coefficients of a weight depend on beside the update."""
    return weight.device, multiplier_of(weight)


def average(weight: Tensor, average: Tensor, coefficients: Coefficients) -> None:
    """Updates the moving average of a weight and puts it in the weight's place when due."""
    wrappers.average_weight(weight, average, coefficients["ema_momentum"])
    if "ema_overwrite" in coefficients:
        wrappers.overwrite_weight(weight, average, coefficients["ema_overwrite"])


def _present(
    gradients: Sequence[Tensor | None], weights: Sequence[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    pairs = list(zip(gradients, weights, strict=True))
    kept = [(gradient, weight) for gradient, weight in pairs if gradient is not None]
    if not kept:
        raise ArgumentError(
            "none of the weights has a gradient.",
            expected="a loss that depends on at least one of them.",
            fix="compute the loss from the model's outputs, and call loss.backward() first.",
        )
    if len(kept) < len(pairs):
        without = [
            path_of(weight) or f"weight {i}"
            for i, (gradient, weight) in enumerate(pairs)
            if gradient is None
        ]
        warnings.warn(
            f"no gradient for {', '.join(without)}.\n"
            "  expected: a loss that depends on every weight.\n"
            "  fix: leave these weights out, or use their layer in the loss.",
            stacklevel=4,
        )
    return [gradient for gradient, _ in kept], [weight for _, weight in kept]


def _refuse_mismatch(
    optimizer: "Optimizer",
    memory: Memory,
    gradients: Sequence[Tensor | None],
    weights: Sequence[Tensor],
) -> None:
    if len(gradients) != len(weights):
        raise ArgumentError(
            f"{optimizer.name} received {len(gradients)} gradients for {len(weights)} weights.",
            expected="one gradient a weight, None where there is none.",
            fix="pass for example [w.grad for w in weights] with the same weights.",
        )
    for i, weight in enumerate(weights):
        if id(weight) not in memory.index:
            raise ArgumentError(
                f"{optimizer.name} does not know {path_of(weight) or f'weight {i}'}.",
                expected="only weights that the optimizer was built on.",
                fix="make a new optimizer for a new set of weights.",
            )

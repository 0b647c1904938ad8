"""The learning rate of an optimizer, as findings speak of it."""

from typing import Any

import torch

from lamina.core.errors import StateError
from lamina.preflight.wording import number

_LOOKS = 256  # at a schedule

STEADY = frozenset(
    ["adam", "adamw", "nadam", "adamax", "rmsprop", "lion", "lamb", "adagrad", "muon"]
)


def plain(optimizer: Any) -> Any:
    """The optimizer that changes the weights, where another scales the loss for it."""
    inner = getattr(optimizer, "inner_optimizer", None)
    return optimizer if inner is None else plain(inner)


def kind_of(optimizer: Any) -> str:
    """The name of its class, as the user writes it."""
    return type(plain(optimizer)).__name__


def rate_of(optimizer: Any) -> float | None:
    """The learning rate; `None` where it is no number, or where there are several.

    Of a schedule the largest rate of the updates made so far: at the end many schedules are at 0.
    """
    try:
        rate = getattr(optimizer, "learning_rate", None)
        if rate is None or callable(rate):
            return None
        return max(float(rate), _largest_so_far(optimizer))
    except (StateError, TypeError, ValueError, RuntimeError):
        return None


def _largest_so_far(optimizer: Any) -> float:
    """The largest rate of a schedule over the updates made; 0 before the first one."""
    made = getattr(optimizer, "iterations", 0)
    if not is_scheduled(optimizer) or made < 1:
        return 0.0
    updates = torch.linspace(1, made, min(made, _LOOKS)).round().long()
    return float(optimizer.rate_at(updates).max())


def is_scheduled(optimizer: Any) -> bool:
    """Whether a schedule decides the rate."""
    return callable(getattr(plain(optimizer), "_rate", None))


def is_steady(optimizer: Any) -> bool:
    """Whether each update moves a weight by about the learning rate, whatever its gradient is."""
    return kind_of(optimizer).lower() in STEADY


def is_high(optimizer: Any, rate: float | None) -> bool:
    """Whether a rate is above what such an optimizer is used with."""
    return rate is not None and rate > (0.01 if is_steady(optimizer) else 0.1)


def lower(optimizer: Any, rate: float | None) -> str:
    """What to type for a learning rate below this one."""
    usual = 0.001 if is_steady(optimizer) else 0.01
    better = usual if rate is None or rate <= 0 else min(rate / 10, usual)
    kind = kind_of(optimizer)
    if is_scheduled(optimizer):
        return f"lower the rate that the schedule of {kind} starts from to {number(better)}."
    return f"make the optimizer with a lower rate: {kind}(learning_rate={number(better)})."

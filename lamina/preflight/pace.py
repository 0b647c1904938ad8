"""The learning rate of an optimizer, as findings speak of it."""

from typing import Any

from lamina.core.errors import StateError
from lamina.preflight.wording import number

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
    """The learning rate; `None` where it is no number, or where there are several."""
    try:
        rate = getattr(optimizer, "learning_rate", None)
        return None if rate is None or callable(rate) else float(rate)
    except (StateError, TypeError, ValueError, RuntimeError):
        return None


def is_steady(optimizer: Any) -> bool:
    """Whether each update moves a weight by about the learning rate, whatever its gradient is."""
    return kind_of(optimizer).lower() in STEADY


def is_high(optimizer: Any) -> bool:
    """Whether the rate is above what such an optimizer is used with."""
    rate = rate_of(optimizer)
    return rate is not None and rate > (0.01 if is_steady(optimizer) else 0.1)


def lower(optimizer: Any) -> str:
    """What to type for a lower learning rate."""
    rate = rate_of(optimizer)
    better = 0.001 if rate is None or rate <= 0 else min(rate / 10, 0.01)
    kind = kind_of(optimizer)
    return f"make the optimizer with a lower rate: {kind}(learning_rate={number(better)})."

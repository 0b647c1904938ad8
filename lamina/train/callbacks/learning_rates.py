"""Reads and names the learning rates of one optimizer, or of several in one."""

from collections.abc import Mapping
from typing import Any

from lamina.core.errors import StateError


def optimizers_of(model: Any) -> list[tuple[str, Any]]:
    """The optimizers with the name that their learning rate has in the logs."""
    optimizer = model.optimizer
    several = getattr(optimizer, "optimizers", None)
    if several is None:
        return [("learning_rate", optimizer)]
    return [(f"learning_rate_{one.name}", one) for one in several]


def add_to_logs(model: Any, logs: dict[str, Any] | None) -> None:
    """Writes the present learning rates into the logs of an epoch."""
    if logs is not None:
        for name, optimizer in optimizers_of(model):
            logs[name] = float(optimizer.learning_rate)


def refuse_schedules(callback: object, model: Any) -> None:
    """Refuses an optimizer whose learning rate a schedule decides.

    Raises:
        StateError: It has a schedule.
    """
    for _, optimizer in optimizers_of(model):
        recipe = optimizer.get_config()["learning_rate"]
        if isinstance(recipe, Mapping):
            kind = type(callback).__name__
            raise StateError(
                f"{kind} cannot set the learning rate of {optimizer.name!r}: the schedule "
                f"{recipe['class_name']} decides it.",
                expected="an optimizer made with a number as learning_rate.",
                fix=f"pass a number as learning_rate, or leave {kind} out.",
            )

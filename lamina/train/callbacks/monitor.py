"""MonitorCallback: watches one number of the logs and says whether it improved."""

import math
import warnings
from typing import Any, Literal

import numpy as np

from lamina.core import checks, names
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.train.callbacks import directions
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.scalars import scalar


class MonitorCallback(Callback):
    """Compares a number of each epoch with the best one before it.

    A value that is not a number never counts as an improvement (in Keras the first one does, and
    nothing improves on it afterwards).

    Args:
        monitor: Name of the number in the logs, such as "val_loss".
        mode: "min" where less is better, "max" where more is, "auto" to tell from the name.
        baseline: First best value; the first value seen when `None`.
        min_delta: Smallest change that counts; its sign does not matter.

    Raises:
        ArgumentError: An argument has no possible value, the run has no number of this name, or
            "auto" cannot tell what is better.
        ArgumentTypeError: `monitor` is no text.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: Literal["auto", "min", "max"] = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        self.monitor = _checked_name(self, monitor)
        self.mode = checks.choice(self, "mode", mode, ("auto", "min", "max"))
        self.best = optional_number(self, "baseline", baseline)
        self.min_delta = abs(checks.number(self, "min_delta", min_delta, example=0.001))
        self._goal: str | None = None
        self._has_warned = False

    def check_monitor(self) -> None:
        """Refuses a name that the logs of this run will not have, as far as that is known."""
        known = self.params.get("metrics")
        if (
            known is None
            or self.params.get("adds_logs")
            or self.monitor.startswith("learning_rate")
        ):
            return
        if self.monitor not in known:
            raise ArgumentError(
                f"{type(self).__name__} watches {self.monitor!r}, which this run does not log.",
                expected=f"one of {', '.join(known)}.",
                fix=_advice(self.monitor, known),
            )
        self._decide_goal()

    def get_monitor_value(self, logs: dict[str, Any] | None) -> float | None:
        """The watched number, or `None` where this epoch has none."""
        logs = logs or {}
        value = logs.get(self.monitor)
        if value is None:
            self._warn_once(logs)
            return None
        number = scalar(value)
        if number is None:
            raise ArgumentError(
                f"{type(self).__name__} watches {self.monitor!r}, which is {names.shown(value)}.",
                expected="one number an epoch.",
                fix="watch another number, or one part of this one under its own name.",
            )
        return number

    def _decide_goal(self) -> str:
        if self._goal is None:
            self._goal = self.mode if self.mode != "auto" else self._goal_of_name()
        return self._goal

    def _goal_of_name(self) -> str:
        goal = directions.goal_of(self.monitor, getattr(self.model, "metrics", ()))
        if goal is None:
            raise ArgumentError(
                f"{type(self).__name__}(monitor={self.monitor!r}, mode='auto') does not know "
                "whether more or less is better.",
                expected="mode='min' or mode='max' for a number of one's own.",
                fix="pass mode='max' where more is better, mode='min' where less is.",
            )
        return goal

    def _is_improvement(self, value: float, reference: float | None) -> bool:
        goal = self._decide_goal()
        if math.isnan(value):
            return False
        if reference is None:
            return True
        # In float32, as Keras compares: a difference that the weights' dtype cannot show is none.
        with np.errstate(over="ignore"):
            if goal == "min":
                return bool(np.float32(value + self.min_delta) < np.float32(reference))
            return bool(np.float32(value - self.min_delta) > np.float32(reference))

    def _warn_once(self, logs: dict[str, Any]) -> None:
        """A number that comes at some epochs only (validation_freq) needs no warning."""
        if self._has_warned or self.monitor in (self.params.get("metrics") or ()):
            return
        self._has_warned = True
        warnings.warn(
            f"{type(self).__name__} watches {self.monitor!r}, which the logs do not have.\n"
            f"  expected: one of {', '.join(logs) or 'no name: the logs are empty'}.\n"
            f"  fix: {_advice(self.monitor, list(logs))}",
            stacklevel=3,
        )


def _advice(monitor: str, known: Any) -> str:
    has_validation = any(name.startswith("val_") for name in known)
    if monitor.startswith("val_") and not has_validation:
        return "give fit() validation_data or validation_split" + (
            f", or watch {monitor[4:]!r}." if monitor[4:] in known else "."
        )
    same_part = [name for name in known if name.startswith("val_") == monitor.startswith("val_")]
    return names.suggestion(monitor, same_part or known)


def _checked_name(owner: object, monitor: Any) -> str:
    if isinstance(monitor, str):
        return monitor
    raise ArgumentTypeError(
        f"{checks.owner_name(owner)}(monitor={names.shown(monitor)}) is not possible.",
        expected="the name of a number in the logs, as text.",
        fix="pass for example monitor='val_loss'.",
    )


def optional_number(owner: object, name: str, value: Any) -> float | None:
    """Accepts a finite number, or `None`."""
    return None if value is None else checks.number(owner, name, value)


def verbosity(owner: object, value: Any) -> int:
    """Accepts 0 for silence, 1 or 2 for messages; False and True mean 0 and 1."""
    return int(value) if isinstance(value, bool) else checks.whole(owner, "verbose", value, high=2)

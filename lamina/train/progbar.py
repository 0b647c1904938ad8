"""Progbar: a progress bar for loops written by hand."""

import math
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.train.printing import say


class Progbar:
    """Shows how far a loop is, with the means of numbers so far.

    Args:
        target: Number of steps in all; `None` where unknown.
        width: Width of the bar in characters.
        verbose: 0 for nothing, 1 for a bar, 2 for one line at the end.
        interval: Seconds that pass at least between two drawings.
        stateful_metrics: Names of numbers that are shown as they are; all others are averaged.
        stateless_metrics: Names of numbers that are averaged; all others are shown as they are.
        unit_name: What a step is called.

    Raises:
        ArgumentError: An argument has no possible value, or both lists of names are given.

    Example:
        >>> bar = Progbar(100, verbose=2)
        >>> bar.update(10, [("loss", 0.5)])
        >>> bar.add(5, [("loss", 0.4)])
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError(
                "Progbar received stateful_metrics and stateless_metrics together.",
                expected="at most one of them; it says how all other names are shown.",
                fix="leave stateless_metrics out.",
            )
        self.target = None if target is None else checks.whole(self, "target", target)
        self.width = checks.positive_int(self, "width", width)
        self.verbose = verbose
        self.interval = checks.number(self, "interval", interval, low=0.0)
        self.unit_name = unit_name
        self.stateful_metrics = _names(self, "stateful_metrics", stateful_metrics)
        self.stateless_metrics = _names(self, "stateless_metrics", stateless_metrics)
        self._seen = 0
        self._sums: dict[str, tuple[float, float]] = {}
        self._began = time.perf_counter()
        self._after_first: float | None = None
        self._drawn_at = -math.inf
        self._drawn_width = 0

    def update(
        self,
        current: int,
        values: Sequence[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Shows the bar at a step.

        Args:
            current: Number of steps made.
            values: Names and numbers of the steps since the last call.
            finalize: Whether this is the last call; `None` to tell from the target. The numbers
                of the last call are shown as they are.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._take(name, value, current, finalize)
        self._seen = current
        now = time.perf_counter()
        per_step = self._seconds_per_step(current, now)
        if self.verbose == 1 and (finalize or now - self._drawn_at >= self.interval):
            self._draw(current, per_step, now, finalize)
        elif self.verbose == 2 and finalize and self.target:
            count = f"{current:{len(str(self.target))}d}/{self.target}"
            say(f"{count} - {now - self._began:.0f}s - {self._speed(per_step)}{self._numbers()}")

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Moves the bar on by `n` steps."""
        self.update(self._seen + n, values)

    def _take(self, name: str, value: Any, current: int, finalize: bool) -> None:
        value = float(np.mean(value))
        if finalize or not self._is_averaged(name):
            self._sums[name] = (value, 1.0)
            return
        steps = max(current - self._seen, 1)
        total, count = self._sums.get(name, (0.0, 0.0))
        self._sums[name] = (total + value * steps, count + steps)

    def _is_averaged(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in (self.stateful_metrics or ())

    def _seconds_per_step(self, current: int, now: float) -> float:
        """Without the first step, which is often a slow one."""
        if not current:
            return 0.0
        if self._after_first is not None and current > 1:
            return (now - self._after_first) / (current - 1)
        if current == 1:
            self._after_first = now
        return (now - self._began) / current

    def _draw(self, current: int, per_step: float, now: float, finalize: bool) -> None:
        if self.target:
            done = min(self.width, self.width * current // self.target)
            count = f"{current:{len(str(self.target))}d}/{self.target} "
            bar = count + "━" * done + "─" * (self.width - done)
        else:
            bar = f"{current:7d}/Unknown"
        if self.target and not finalize:
            spent = f" {_left(per_step * (self.target - current))}"
        else:
            spent = f" {now - self._began:.0f}s"
        text = f"{bar}{spent} {self._speed(per_step)}{self._numbers()}"
        spaces = " " * max(0, self._drawn_width - len(text))
        start, end = ("\r", "") if _is_live() else ("", "\n")
        say(start + text + spaces, end="\n" if finalize else end)
        self._drawn_at, self._drawn_width = now, len(text)

    def _speed(self, per_step: float) -> str:
        if per_step >= 1 or per_step == 0:
            return f"{per_step:.0f}s/{self.unit_name}"
        if per_step >= 1e-3:
            return f"{per_step * 1e3:.0f}ms/{self.unit_name}"
        return f"{per_step * 1e6:.0f}us/{self.unit_name}"

    def _numbers(self) -> str:
        means = ((name, total / max(1.0, count)) for name, (total, count) in self._sums.items())
        return "".join(
            f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}"
            for name, mean in means
        )


def _left(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if seconds > 3600:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if seconds > 60 else f"{rest}s"


def _is_live() -> bool:
    """Whether a line can be written over: a terminal or a notebook."""
    stream = sys.stdout
    in_notebook = type(stream).__module__.startswith("ipykernel.")
    return in_notebook or (stream is not None and not stream.closed and stream.isatty())


def _names(owner: object, name: str, value: Any) -> set[str] | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(v, str) for v in value):
        return set(value)
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a list of names of metrics.",
        fix=f'pass for example {name}=["accuracy"].',
    )

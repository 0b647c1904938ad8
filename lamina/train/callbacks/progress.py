"""Progress: shows how a run goes, without ever waiting for the device.

In a terminal or a notebook a live bar, and one line an epoch with curves, the best so far and the
time left; one plain line an epoch elsewhere. ProgbarLogger is the same as a callback.
"""

import time
from collections.abc import Mapping
from typing import Any, Self

from lamina.core import checks, logging_switch
from lamina.core.surroundings import is_notebook, is_terminal
from lamina.train.callbacks.base import Callback
from lamina.train.epoch_line import Course, Look, epoch_pieces, number_text
from lamina.train.live_bar import LiveBar, clock
from lamina.train.notebook_block import NotebookBlock
from lamina.train.printing import say
from lamina.train.sparkline import shows_blocks
from lamina.train.terminal_line import TerminalLine


class Progress:
    """Shows the steps of an epoch while they are made, and its numbers at the end.

    Only step numbers are needed on the way, so nothing is read from the device; `advance` may be
    called for every batch and draws at most ten times a second. Where standard output is closed
    it falls silent.

    Args:
        verbose: 0 for nothing; 1 or "auto" for a bar in a terminal or notebook and lines
            elsewhere; 2 for lines.

    Raises:
        ArgumentError: `verbose` is none of these.

    Example:
        >>> with Progress(2) as progress:
        ...     progress.start_epoch(0, 5, steps=100)
        ...     progress.end_epoch({"loss": 0.5421}, seconds=12.3, examples_per_second=48900)
        epoch 1/5  loss 0.5421  12.3 s  48,900 examples/s
    """

    def __init__(self, verbose: Any = "auto") -> None:
        checks.choice("Progress", "verbose", verbose, ("auto", 0, 1, 2, True, False))
        self._is_silent = verbose != "auto" and int(verbose) == 0
        self._bar: LiveBar | None = None
        if not self._is_silent and _draws(verbose):
            self._bar = LiveBar(NotebookBlock() if is_notebook() else TerminalLine())
        self._title = ""
        self._steps: int | None = None
        self._due = 0.0
        self._epoch, self._epochs_left, self._began = 0, 0, 0.0
        self._course = Course()

    def start_epoch(
        self, epoch: int, epochs: int, steps: int | None, examples_per_step: float | None = None
    ) -> None:
        """Begins an epoch, the first being 0.

        Args:
            epoch: Its number.
            epochs: How many there will be.
            steps: How many steps it has, if known.
            examples_per_step: Examples in one step; steps a second are shown when `None`.
        """
        self._title, self._steps = f"epoch {epoch + 1}/{epochs}", steps
        self._epoch, self._epochs_left = epoch + 1, epochs - epoch - 1
        self._began = time.perf_counter()
        if self._bar is not None:
            note = self._best()
            self._bar.start(self._title, steps, examples_per_step, self._epochs_left, note)
            self._due = 0.0

    def start(self, title: str, steps: int | None = None, wait_seconds: float = 0.0) -> None:
        """Begins a part of a run that is no epoch: "evaluate", "predict", "validate".

        Args:
            title: What the bar says.
            steps: How many steps it has, if known.
            wait_seconds: Time before a bar appears, so that short ones show none.
        """
        self._steps = steps
        if self._bar is not None:
            self._bar.start(title, steps)
            self._due = time.perf_counter() + wait_seconds

    def advance(self, step: int) -> None:
        """Is told the number of steps made; costs nothing most of the time.

        The last step takes the bar away, so that what callbacks print has a line of its own.
        """
        if self._bar is None:
            return
        if step == self._steps:
            self._bar.surface.clear()
        elif time.perf_counter() >= self._due:
            if not self._bar.draw(step):
                self._fall_silent()
            self._due = time.perf_counter() + 0.1

    def end_epoch(
        self, logs: Mapping[str, Any], seconds: float, examples_per_second: float | None = None
    ) -> None:
        """Writes the numbers of the epoch in the place of the bar."""
        if self._bar is None:
            self._print_line(logs, seconds, examples_per_second)
            return
        is_best = self._course.add(self._epoch, logs)
        times = [duration(seconds)]
        if self._epochs_left > 0:
            whole = time.perf_counter() - self._began  # with validation and callbacks
            times.insert(0, f"{clock(whole * self._epochs_left)} left")
        if examples_per_second is not None:
            times.append(f"{examples_per_second:,.0f} examples/s")
        epochs = self._epoch + self._epochs_left
        pieces = epoch_pieces(
            f"epoch {self._epoch:>{len(str(epochs))}}/{epochs}",
            logs,
            self._course,
            Look(self._bar.surface.width, epochs, shows_blocks()),
            is_best=is_best and self._epoch > 1,
            times=times,
        )
        if not self._bar.surface.write(pieces):
            self._fall_silent()

    def evaluated(
        self,
        logs: Mapping[str, Any],
        seconds: float | None = None,
        examples_per_second: float | None = None,
    ) -> None:
        """Writes the numbers of an evaluation."""
        self._title = "evaluate"
        self._print_line(logs, seconds, examples_per_second)

    def note(self, text: str) -> None:
        """Writes a line above the bar."""
        if not self._is_silent:
            self._say(text)

    def interrupted(self, epoch: int, step: int) -> None:
        """Says where a run was stopped, the first epoch being 0, on a line of its own."""
        if self._bar is not None:
            self._bar.surface.clear(always=True)
        made = f"after step {step:,} of epoch {epoch + 1}" if step else f"after epoch {epoch}"
        self.note(f"stopped {made}; the model is as trained so far, see model.history")

    def clear(self) -> None:
        """Takes the bar away; the next `advance` draws it again."""
        if self._bar is not None:
            self._bar.surface.clear()

    def close(self) -> None:
        """Takes the bar away for good."""
        self.clear()
        self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _best(self) -> str:
        """The best epoch so far, in words."""
        if self._course.best is None:
            return ""
        value, epoch = self._course.best
        return f"best {self._course.watched} {number_text(value)} in epoch {epoch}"

    def _print_line(
        self, logs: Mapping[str, Any], seconds: float | None, per_second: float | None
    ) -> None:
        if self._is_silent:
            return
        self._say(line(self._title, logs, seconds, per_second))

    def _say(self, text: str) -> None:
        written = say(text) if self._bar is None else self._bar.surface.write_text(text)
        if not written:
            self._fall_silent()

    def _fall_silent(self) -> None:
        self._is_silent, self._bar = True, None


class ProgbarLogger(Callback):
    """Shows the progress of `fit` and `evaluate` as a callback.

    `fit` shows progress by itself as `verbose` says; this one is for loops that only call
    callbacks. Batch hooks are not used: a loop that wants the bar to move calls `step_done`.

    Example:
        >>> ProgbarLogger().progress
        >>> ProgbarLogger().step_done(1)
    """

    def __init__(self) -> None:
        super().__init__()
        self.progress: Progress | None = None
        self._began = 0.0
        self._is_fitting = False

    def set_params(self, params: dict[str, Any]) -> None:
        """Chooses the display that "verbose" asks for."""
        super().set_params(params)
        self.progress = Progress(params.get("verbose", "auto"))

    def step_done(self, step: int) -> None:
        """Is told the number of steps made in this epoch; cheap enough for every batch."""
        if self.progress is not None:
            self.progress.advance(step)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Keeps validation inside the epochs quiet."""
        self._is_fitting = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Shows evaluations again."""
        self._is_fitting = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins a bar."""
        self._began = time.perf_counter()
        if self.progress is not None:
            epochs = self.params.get("epochs") or epoch + 1
            self.progress.start_epoch(epoch, epochs, self.params.get("steps"))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers."""
        if self.progress is not None:
            self.progress.end_epoch(logs or {}, time.perf_counter() - self._began)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begins a bar, outside of `fit`."""
        if not self._is_fitting and self.progress is not None:
            self._began = time.perf_counter()
            self.progress.start("evaluate", self.params.get("steps"))

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers, outside of `fit`."""
        if not self._is_fitting and self.progress is not None:
            self.progress.evaluated(logs or {}, time.perf_counter() - self._began)


def line(
    title: str,
    logs: Mapping[str, Any],
    seconds: float | None = None,
    examples_per_second: float | None = None,
) -> str:
    """The numbers of an epoch or an evaluation as one line.

    Example:
        >>> line("epoch 1/5", {"loss": 0.5421}, 12.3, 48900)
        'epoch 1/5  loss 0.5421  12.3 s  48,900 examples/s'
    """
    parts = [title, *(f"{name} {number_text(value)}" for name, value in logs.items())]
    if seconds is not None:
        parts.append(duration(seconds))
    if examples_per_second is not None:
        parts.append(f"{examples_per_second:,.0f} examples/s")
    return "  ".join(parts)


def duration(seconds: float) -> str:
    """A time in its usual unit."""
    if seconds >= 100:
        return f"{clock(seconds)} {'h' if seconds >= 3600 else 'min'}"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"


def _draws(verbose: Any) -> bool:
    """Whether a bar is wanted and the output can show one."""
    if verbose == "auto":
        if not logging_switch.is_interactive_logging_enabled():
            return False
    elif int(verbose) != 1:
        return False
    return is_notebook() or is_terminal()

"""LiveBar: one line of a terminal or notebook, written again and again.

The line is rewritten with a carriage return and nothing of the terminal is changed, so a run that
is killed, interrupted or raises leaves it as it was.
"""

import io
import sys
import time
from typing import Any

from lamina.train.printing import say

_BAR_WIDTH = 24
_NOTEBOOK_WIDTH = 100


class LiveBar:
    """Draws a bar, the number of steps, the time left and the speed.

    Example:
        >>> bar = LiveBar()
        >>> bar.start("epoch 1/5", steps=100)
    """

    def __init__(self) -> None:
        self._console: Any = None
        self._is_terminal = sys.stdout.isatty()
        self._shown_width = 0
        self._epoch_seconds: float | None = None
        self._epoch_began: float | None = None
        self.start("", None)

    def start(
        self,
        title: str,
        steps: int | None,
        examples_per_step: float | None = None,
        epochs_left: int | None = None,
    ) -> None:
        """Begins at step 0.

        Args:
            title: What stands before the bar.
            steps: Number of steps, if known.
            examples_per_step: Examples in one step, if known.
            epochs_left: Number of epochs after this one; `None` where this is no epoch.
        """
        now = time.perf_counter()
        if epochs_left is not None:
            if self._epoch_began is not None:
                self._epoch_seconds = now - self._epoch_began
            self._epoch_began = now
        self._title, self._steps, self._epochs_left = title, steps, epochs_left
        self._examples_per_step = examples_per_step
        self._first: tuple[float, int] | None = None

    def draw(self, step: int) -> bool:
        """Writes the line for this number of steps; says whether it could be written."""
        now = time.perf_counter()
        if self._first is None:  # the first steps are slow: they prepare those that follow
            self._first = (now, step)
        began, first = self._first
        per_second = (step - first) / (now - began) if now > began else 0.0
        return self._show(self._parts(step, per_second))

    def clear(self) -> None:
        """Empties the line."""
        if self._shown_width:
            say("\r\x1b[K" if self._is_terminal else "\r" + " " * self._shown_width + "\r", end="")
            self._shown_width = 0

    def _parts(self, step: int, per_second: float) -> list[tuple[str, str]]:
        """Pieces of the line with their styles."""
        parts = [(f"{self._title} ", "bold")]
        if self._steps:
            done = min(_BAR_WIDTH, round(_BAR_WIDTH * step / self._steps))
            parts += [("━" * done, "green"), ("─" * (_BAR_WIDTH - done), "bright_black")]
        total = f"/{self._steps:,}" if self._steps else " steps"
        parts.append((f" {step:,}{total}", ""))
        if per_second > 0:
            parts.append((self._times(step, per_second), "cyan"))
            speed = per_second * (self._examples_per_step or 1)
            word = "examples" if self._examples_per_step else "steps"
            parts.append((f"  {speed:,.0f} {word}/s", "bright_black"))
        return parts

    def _times(self, step: int, per_second: float) -> str:
        if not self._steps:
            return ""
        left = (self._steps - step) / per_second
        text = f"  {clock(left)} left"
        if self._epochs_left:
            whole = self._epoch_seconds or self._steps / per_second
            text += f", {clock(left + whole * self._epochs_left)} in all"
        return text

    def _show(self, parts: list[tuple[str, str]]) -> bool:
        text, width = self._styled(parts)
        rest = "\x1b[K" if self._is_terminal else " " * max(0, self._shown_width - width)
        self._shown_width = width
        return say(f"\r{text}{rest}", end="")

    def _styled(self, parts: list[tuple[str, str]]) -> tuple[str, int]:
        """The line with colours as far as the terminal has them, and its width."""
        from rich.console import Console  # noqa: PLC0415 (slow to import)
        from rich.text import Text  # noqa: PLC0415 (slow to import)

        if self._console is None:
            self._console = Console(file=sys.stdout)
        console = self._console
        line = Text.assemble(*parts)
        line.truncate((console.width if self._is_terminal else _NOTEBOOK_WIDTH) - 1)
        if console.no_color or console.color_system is None or not self._is_terminal:
            return line.plain, line.cell_len
        pieces = io.StringIO()
        for piece in line.render(console):
            style = piece.style
            pieces.write(style.render(piece.text) if style else piece.text)
        return pieces.getvalue(), line.cell_len


def clock(seconds: float) -> str:
    """A time as 0:05, 12:05 or 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

"""LiveBar: one line of a terminal or notebook, written again and again.

The line is rewritten with a carriage return and nothing of the terminal is changed, so a run that
is killed, interrupted or raises leaves it as it was.
"""

import io
import sys
import textwrap
import time
from typing import Any

from lamina.train.printing import say

_BAR_WIDTH = 24
_SHORTEST_BAR = 6
_ROOM_FOR_INTERRUPT = 2  # columns in which a terminal echoes ^C
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
        note: str = "",
    ) -> None:
        """Begins at step 0.

        Args:
            title: What stands before the bar.
            steps: Number of steps, if known.
            examples_per_step: Examples in one step, if known.
            epochs_left: Number of epochs after this one; `None` where this is no epoch.
            note: What stands at the end where there is room.
        """
        now = time.perf_counter()
        if epochs_left is not None:
            if self._epoch_began is not None:
                self._epoch_seconds = now - self._epoch_began
            self._epoch_began = now
        self._title, self._steps, self._epochs_left = title, steps, epochs_left
        self._examples_per_step, self._note = examples_per_step, note
        self._first: tuple[float, int] | None = None

    def draw(self, step: int) -> bool:
        """Writes the line for this number of steps; says whether it could be written."""
        now = time.perf_counter()
        if self._first is None:  # the first steps are slow: they prepare those that follow
            self._first = (now, step)
        began, first = self._first
        per_second = (step - first) / (now - began) if now > began else 0.0
        return self._show(self._parts(step, per_second))

    @property
    def width(self) -> int:
        """Columns that a line may have."""
        return (self._writer().width if self._is_terminal else _NOTEBOOK_WIDTH) - 1

    def write_line(self, pieces: list[tuple[str, str]]) -> bool:
        """Writes pieces of text with styles as a line of its own, in the place of the bar."""
        self.clear()
        return say(self._styled(pieces)[0])

    def wrapped(self, text: str) -> str:
        """A text in lines that fit, broken between words."""
        lines = (
            textwrap.wrap(line, self.width, subsequent_indent="  ", break_on_hyphens=False)
            for line in text.splitlines()
        )
        return "\n".join(line for wrapped in lines for line in wrapped)

    def clear(self, *, always: bool = False) -> None:
        """Empties the line, `always` for what others wrote on it, such as ^C."""
        if self._shown_width or (always and self._is_terminal):
            say("\r\x1b[K" if self._is_terminal else "\r" + " " * self._shown_width + "\r", end="")
            self._shown_width = 0

    def _parts(self, step: int, per_second: float) -> list[tuple[str, str]]:
        """Pieces of the line with their styles; the bar takes what room the others leave."""
        total = f"/{self._steps:,}" if self._steps else " steps"
        parts = [(f"{self._title} ", "bold"), (f" {step:,}{total}", "")]
        if per_second > 0:
            parts += [(text, "cyan") for text in self._times(step, per_second)]
            speed = per_second * (self._examples_per_step or 1)
            word = "examples" if self._examples_per_step else "steps"
            parts.append((f"  {speed:,.0f} {word}/s", "bright_black"))
        if self._note:
            parts.append((f"  {self._note}", "bright_black"))
        width = self.width - _ROOM_FOR_INTERRUPT
        shortest = _SHORTEST_BAR if self._steps else 0
        while len(parts) > 2 and _length(parts) + shortest > width:
            parts.pop()
        if self._steps:
            room = max(0, min(_BAR_WIDTH, width - _length(parts)))
            done = min(room, round(room * step / self._steps))
            parts[1:1] = [("━" * done, "green"), ("─" * (room - done), "bright_black")]
        return parts

    def _times(self, step: int, per_second: float) -> list[str]:
        if not self._steps:
            return []
        left = (self._steps - step) / per_second
        if not self._epochs_left:
            return [f"  {clock(left)} left"]
        whole = self._epoch_seconds or self._steps / per_second
        return [f"  {clock(left)} left", f", {clock(left + whole * self._epochs_left)} in all"]

    def _show(self, parts: list[tuple[str, str]]) -> bool:
        text, width = self._styled(parts)
        rest = "\x1b[K" if self._is_terminal else " " * max(0, self._shown_width - width)
        self._shown_width = width
        return say(f"\r{text}{rest}", end="")

    def _styled(self, parts: list[tuple[str, str]]) -> tuple[str, int]:
        """The line with colours as far as the terminal has them, and its width."""
        from rich.text import Text  # noqa: PLC0415 (slow to import)

        console = self._writer()
        line = Text.assemble(*parts)
        line.truncate(self.width)
        if console.no_color or console.color_system is None or not self._is_terminal:
            return line.plain, line.cell_len
        pieces = io.StringIO()
        for piece in line.render(console):
            style = piece.style
            pieces.write(style.render(piece.text) if style else piece.text)
        return pieces.getvalue(), line.cell_len

    def _writer(self) -> Any:
        """What knows the terminal's width and colours."""
        from rich.console import Console  # noqa: PLC0415 (slow to import)

        if self._console is None:
            self._console = Console(file=sys.stdout)
        return self._console


def _length(parts: list[tuple[str, str]]) -> int:
    return sum(len(text) for text, _ in parts)


def clock(seconds: float) -> str:
    """A time as 0:05, 12:05 or 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

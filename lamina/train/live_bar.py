"""LiveBar: how far an epoch is, in one line that is written again and again."""

import time

from lamina.train.notebook_block import NotebookBlock
from lamina.train.terminal_line import TerminalLine

_BAR_WIDTH = 24
_SHORTEST_BAR = 6


class LiveBar:
    """Draws a bar, the number of steps, the time left and the speed.

    Args:
        surface: What it is drawn on; a terminal's line when `None`.

    Example:
        >>> bar = LiveBar()
        >>> bar.start("epoch 1/5", steps=100)
    """

    def __init__(self, surface: TerminalLine | NotebookBlock | None = None) -> None:
        self.surface = surface or TerminalLine()
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
        return self.surface.replace(self._parts(step, per_second))

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
        width = self.surface.width - self.surface.echoes
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


def _length(parts: list[tuple[str, str]]) -> int:
    return sum(len(text) for text, _ in parts)


def clock(seconds: float) -> str:
    """A time as 0:05, 12:05 or 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

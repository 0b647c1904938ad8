"""The line of a finished epoch in a terminal: numbers, curves, the best so far, the time left.

Where the terminal is narrow, the least important parts are left out; what is kept stays whole.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina.core.names import shown
from lamina.train.callbacks.directions import goal_of
from lamina.train.callbacks.scalars import scalar
from lamina.train.sparkline import BLOCKS, PLAIN, PLAIN_STAR, STAR, sparkline

Piece = tuple[str, str]
"""A text and its style."""


@dataclass
class Course:
    """The numbers of a run so far, epoch after epoch.

    Attributes:
        values: One list of numbers a name.
        watched: The name whose best value is marked; `None` before the first epoch.
        best: Its best value, and the number of that epoch, the first being 1.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    watched: str | None = None
    best: tuple[float, int] | None = None

    def add(self, epoch: int, logs: Mapping[str, Any]) -> bool:
        """Takes the numbers of an epoch, the first being 1; says whether it is the best."""
        numbers = {name: scalar(value) for name, value in logs.items()}
        for name, value in numbers.items():
            if value is not None:
                self.values.setdefault(name, []).append(value)
        if self.watched not in numbers:
            chosen = watched_of(list(self.values))
            if chosen != self.watched:
                self.watched, self.best = chosen, None
        value = numbers.get(self.watched or "")
        if value is None or not math.isfinite(value):
            return False
        sign = 1 if goal_of(self.watched or "") == "max" else -1
        is_best = self.best is None or sign * value > sign * self.best[0]
        if is_best:
            self.best = (value, epoch)
        return is_best


def watched_of(names: list[str]) -> str | None:
    """The number by which a run is judged: of the validation where there is one, a metric first.

    Example:
        >>> watched_of(["loss", "accuracy", "val_loss", "val_accuracy"])
        'val_accuracy'
    """
    known = [name for name in names if goal_of(name) is not None]
    held_out = [name for name in known if name.startswith("val_")]
    pool = held_out or known
    metrics = [name for name in pool if not name.endswith("loss")]
    best = metrics or pool
    return best[0] if best else None


def number_text(value: Any) -> str:
    """A number with four decimals, or four digits where that would hide it; 117,480 in groups."""
    number = scalar(value)
    if number is None:
        return shown(value, 40)
    if 1e4 <= abs(number) < 1e6:
        return f"{number:,.0f}"
    is_plain = number == 0 or 1e-3 <= abs(number) < 1e4
    return f"{number:.4f}" if is_plain else f"{number:.4g}"


@dataclass(frozen=True)
class Look:
    """How much room there is, and what it may be filled with.

    Args:
        width: Columns of the terminal.
        epochs: Epochs of the run, so that all lines reserve the same room for curves.
        has_blocks: Whether the terminal can show block characters.
    """

    width: int
    epochs: int = 8
    has_blocks: bool = True


def epoch_pieces(
    title: str,
    logs: Mapping[str, Any],
    course: Course,
    look: Look,
    *,
    is_best: bool = False,
    times: Sequence[str] = (),
) -> list[Piece]:
    """The line as pieces of text with styles, one line of a run below the other.

    Args:
        title: "epoch 3/20".
        logs: The numbers of this epoch.
        course: Those of the run, this epoch included.
        look: How much room there is.
        is_best: Whether this epoch is marked as the best so far.
        times: What is said of time, the most important first.
    """
    curves = [name for name in dict.fromkeys(("loss", course.watched)) if name in logs]
    others = [name for name in logs if name not in curves]
    others.sort(key=lambda name: not name.startswith("val_"))  # more important than training
    for curve, num_times, num_others in _offers(len(times), len(others)):
        kept = {*curves, *others[:num_others]}
        pieces: list[Piece] = [(title, "bold")]
        for name in (name for name in logs if name in kept):
            pieces += _number(name, logs[name], is_watched=name == course.watched)
            if name in curves:
                pieces += _curve(course.values.get(name, []), curve, look)
            if name == course.watched:
                pieces += _mark(is_best, look)
        pieces += [(f"  {text}", "bright_black") for text in times[:num_times]]
        if _length(pieces) <= look.width:
            return pieces
    return _cut(_shortest(title, logs, course, look, is_best), look.width)


def _offers(times: int, others: int) -> list[tuple[int, int, int]]:
    """Curve widths, numbers of times and of other values, the most generous first."""
    least = min(times, 1)
    offers = [(8, kept, others) for kept in range(times, least - 1, -1)]
    offers += [(8, least, kept) for kept in range(others - 1, -1, -1)]
    return [*offers, (5, least, 0), (5, 0, 0), (0, 0, 0)]


def _shortest(
    title: str, logs: Mapping[str, Any], course: Course, look: Look, is_best: bool
) -> list[Piece]:
    """The epoch and the number by which it is judged."""
    name = course.watched if course.watched in logs else next(iter(logs), None)
    pieces: list[Piece] = [(title, "bold")]
    if name is None:
        return pieces
    pieces += _number(name, logs[name], is_watched=True)
    room = min(8, look.width - _length(pieces) - 3)
    return [*pieces, *_curve(course.values.get(name, []), room, look), *_mark(is_best, look)]


def _number(name: str, value: Any, *, is_watched: bool) -> list[Piece]:
    return [(f"  {name} ", "bright_black"), (number_text(value), "bold" if is_watched else "")]


def _curve(values: list[float], width: int, look: Look) -> list[Piece]:
    room = min(width, look.epochs)
    if room < 2:
        return []
    drawn = sparkline(values, room, BLOCKS if look.has_blocks else PLAIN)
    return [(f" {drawn:<{room}}", "cyan")]


def _mark(is_best: bool, look: Look) -> list[Piece]:
    star = STAR if look.has_blocks else PLAIN_STAR
    return [(f" {star if is_best else ' '}", "bold yellow")]


def _length(pieces: list[Piece]) -> int:
    return sum(len(text) for text, _ in pieces)


def _cut(pieces: list[Piece], width: int) -> list[Piece]:
    """As many whole pieces as fit, the first one cut if even that is too long."""
    kept: list[Piece] = []
    for text, style in pieces:
        room = width - _length(kept)
        if len(text) > room:
            return kept or [(text[:room], style)]
        kept.append((text, style))
    return kept

"""Sparkline: a curve in the height of one line of text."""

import itertools
import math
import sys
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=+*#@"
STAR, PLAIN_STAR = "★", "*"


def sparkline(values: Sequence[float], width: int = 8, levels: str = BLOCKS) -> str:
    """A curve of at most `width` characters; a value that is no number is "?".

    Args:
        values: Numbers in their order; where there are more than `width`, means of neighbours
            are drawn.
        width: Most characters.
        levels: One character a height, the lowest first.

    Returns:
        The curve; empty below two values, which are no curve.

    Example:
        >>> sparkline([1.0, 0.5, 0.25, 0.0], levels="_.-#")
        '#-._'
    """
    if len(values) < 2 or width < 2:
        return ""
    count = min(width, len(values))
    ends = [round(i * len(values) / count) for i in range(count + 1)]
    chosen = [_mean(values[start:end]) for start, end in itertools.pairwise(ends)]
    finite = [value for value in chosen if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    if not math.isfinite(high - low):
        return "?" * count
    return "".join(_level(value, low, high, levels) for value in chosen)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _level(value: float, low: float, high: float, levels: str) -> str:
    if not math.isfinite(value):
        return "?"
    if high <= low:
        return levels[0]
    return levels[round((value - low) / (high - low) * (len(levels) - 1))]


def shows_blocks() -> bool:
    """Whether standard output can show block characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        (BLOCKS + STAR).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True

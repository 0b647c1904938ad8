"""Numbers, names and dates in the form in which a page shows them."""

import math
from datetime import datetime

from lamina.report.intervals import Interval

_JOINERS = "\u200c\u200d"  # part of some scripts and of emoji; they turn nothing around
_ELLIPSIS = "…"
MINUS, DASH, THIN = "\u2212", "\u2013", "\u202f"
"""Signs that print well: minus, between two ends or for nothing, and a gap that keeps a unit."""


def clean(text: object, limit: int = 80) -> str:
    """Text from outside on one line, cut, without characters that act on the text around them."""
    letters = (
        letter if letter.isprintable() or letter in _JOINERS else "\ufffd"
        for letter in " ".join(str(text)[: 4 * limit + 100].split())
    )
    whole = "".join(letters)
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + _ELLIPSIS


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, in groups of three; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 7 or size < -4:
        return f"{value:.{digits - 1}e}"
    text = f"{value:,.{max(0, digits - 1 - size)}f}"
    return text.replace("-", MINUS)


def typed(value: float, digits: int = 4) -> str:
    """The same for a terminal and for copying: an ordinary minus, and no group marks below 10,000.

    Example:
        >>> typed(24430.31), typed(-0.1234567), typed(5510.0)
        ('24,430', '-0.1235', '5510')
    """
    if math.isfinite(value) and abs(value) < 10_000:
        return f"{value:.{digits}g}"
    return number(value, digits).replace(MINUS, "-")


def share(value: float, digits: int = 1) -> str:
    """A number from 0 to 1 as a percentage."""
    if not math.isfinite(value):
        return DASH
    return f"{100 * value:.{digits}f}{THIN}%".replace("-", MINUS)


def share_range(interval: Interval, digits: int = 1) -> str:
    """The ends of an interval of shares."""
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return DASH
    return f"{100 * interval.low:.{digits}f} {DASH} {100 * interval.high:.{digits}f}{THIN}%"


def number_range(interval: Interval, digits: int = 3) -> str:
    """The ends of an interval of numbers."""
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return DASH
    return f"{number(interval.low, digits)} {DASH} {number(interval.high, digits)}"


def between(low: str, high: str) -> str:
    """Two ends in a sentence."""
    return f"between {low} and {high}"


def digits_for(count: int) -> int:
    """Decimals of a percentage that so many examples can tell apart."""
    return 2 if count >= 10_000 else 1


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 row", "1,200 rows"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Seconds in the unit that people would choose."""
    if seconds < 60:
        return f"{number(seconds, 2)} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(text: str) -> str:
    """An ISO date and time as people write it; the text itself where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return clean(text)
    zone = " UTC" if found.utcoffset() is not None and not found.utcoffset() else ""
    return f"{found.day} {found:%B %Y, %H:%M}{zone}"


def spoken(name: str) -> str:
    """A metric's name in words: "val_sparse_top_k" is "val sparse top k", "r2_score" is "R²"."""
    known = {
        "r2_score": "R²",
        "mae": "mean absolute error",
        "mse": "mean squared error",
        "mean_absolute_error": "mean absolute error",
        "mean_squared_error": "mean squared error",
        "auc": "AUC",
        "learning_rate": "learning rate",
    }
    return known.get(name, clean(name.replace("_", " "), 40))

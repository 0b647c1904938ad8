"""Medians, spreads and ratios of what the workers measured."""

from statistics import median
from typing import Any

Spread = dict[str, Any]


def spread(values: list[float]) -> Spread:
    """Median, smallest and largest, and how many there are."""
    return {"median": median(values), "min": min(values), "max": max(values), "count": len(values)}


def ratio(theirs: list[list[float]], ours: list[list[float]]) -> Spread:
    """Median of theirs over median of ours; smallest and largest over the rounds that both had.

    Args:
        theirs: Measurements, one list a round.
        ours: The same of ourselves.
    """
    rounds = [median(t) / median(o) for t, o in zip(theirs, ours, strict=False)]
    return {
        "median": median(flat(theirs)) / median(flat(ours)),
        "min": min(rounds),
        "max": max(rounds),
        "rounds": len(rounds),
    }


def flat(rounds: list[list[float]]) -> list[float]:
    """All measurements of all rounds."""
    return [value for values in rounds for value in values]


def seconds(value: float) -> str:
    """A duration with three significant digits and a fitting unit."""
    if value >= 0.9995:
        return f"{value:.3g} s" if value < 1000 else f"{value:.0f} s"
    if value >= 0.9995e-3:
        return f"{value * 1e3:.3g} ms"
    return f"{value * 1e6:.3g} µs"


def times(value: float) -> str:
    """A ratio with two or three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def with_range(value: Spread, form: Any) -> str:
    """A median with its range, as "3 (2-4)"."""
    return f"{form(value['median'])} ({form(value['min'])} to {form(value['max'])})"


def verdict(value: float, aim: float | None) -> str:
    """The aim and whether it is reached; a dash without one."""
    if aim is None:
        return "-"
    return f"at least {aim:g}: {'reached' if value >= aim else 'MISSED'}"

"""A comparison of runs as lines of text, as sentences, and as plain data."""

import math
from typing import Any

from lamina.report.intervals import Interval
from lamina.report.wording import clean, duration, typed
from lamina.train.sparkline import BLOCKS, PLAIN, shows_blocks, sparkline
from lamina.workbench.aligned import table
from lamina.workbench.comparison import Compared, Pair, Run

_LONGEST = 24


def lines(compared: Compared) -> list[str]:
    """The comparison as people read it in a terminal.

    Args:
        compared: The runs, the best first.
    """
    score = "accuracy" if compared.runs[0].is_classification else "MAE"
    heads = ("run", "model", "parameters", "seconds", score, "95 % interval", "epochs")
    rows: list[tuple[str, ...]] = [heads]
    rows += [_row(run) for run in compared.runs]
    told = table(rows, right=(2, 3, 4))
    told += [""] * bool(compared.pairs) + [sentence(pair) for pair in compared.pairs]
    if len(compared.pairs) > 1:
        told.append(f"p-values are corrected for {len(compared.pairs)} tests (Holm)")
    return told + [f"note  {note}" for note in compared.notes]


def _row(run: Run) -> tuple[str, ...]:
    parameters = run.fact("model", "parameters", kind=int)
    seconds = run.fact("seconds", kind=(int, float))
    value, between = score_words(run.score)
    return (
        clean(run.name, _LONGEST),
        clean(run.fact("model", "name", default="-"), 12),
        "-" if parameters is None else f"{parameters:,}",
        "-" if seconds is None else f"{seconds:,.1f}",
        value,
        between,
        _curve(run),
    )


def _curve(run: Run) -> str:
    """The validation score over the epochs, in one line of text."""
    values = run.series(f"val_{run.score_name}") or run.series(run.score_name)
    return sparkline(values, 8, BLOCKS if shows_blocks() else PLAIN)


def score_words(score: Interval | None) -> tuple[str, str]:
    """A score and its interval as text."""
    if score is None or not math.isfinite(score.value):
        return "-", "-"
    if not (math.isfinite(score.low) and math.isfinite(score.high)):
        return _short(score.value), "unknown"
    return _short(score.value), f"{_short(score.low)} to {_short(score.high)}"


def _short(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 10 else typed(value)


def sentence(pair: Pair) -> str:
    """What a paired test says, in words."""
    best, other, found = clean(pair.best.name, 40), clean(pair.other.name, 40), pair.found
    gap = found.difference
    if found.only_first == found.only_second and gap.value == 0:
        return f"{best} and {other}: no difference on the test examples"
    low, high = sorted((abs_or(gap.low, gap.value), abs_or(gap.high, gap.value)))
    if pair.best.is_classification:
        much = f"{100 * gap.value:.2f} points more accurate ({100 * low:.2f} to {100 * high:.2f})"
    else:
        much = f"mean error smaller by {typed(abs(gap.value))} ({typed(low)} to {typed(high)})"
    verdict = "more than chance" if pair.is_significant else "may be chance"
    return f"{best} against {other}: {much}, p = {p_words(pair.p_value)}: {verdict}"


def abs_or(end: float, value: float) -> float:
    """An end of an interval, seen in the direction of the difference."""
    return end if value >= 0 else -end


def p_words(value: float) -> str:
    """A p-value as text.

    Example:
        >>> p_words(0.00002), p_words(0.25)
        ('0.0001 or less', '0.25')
    """
    return "0.0001 or less" if value < 1e-4 else f"{value:.2g}"


def as_dict(compared: Compared) -> dict[str, Any]:
    """The comparison as plain data that JSON can hold."""
    return {
        "runs": [_plain(run) for run in compared.runs],
        "pairs": [
            {
                "best": pair.best.name,
                "other": pair.other.name,
                "test": pair.found.test,
                "difference": _interval(pair.found.difference),
                "only_best": pair.found.only_first,
                "only_other": pair.found.only_second,
                "p_value": pair.found.p_value,
                "p_value_corrected": pair.p_value,
                "is_significant": pair.is_significant,
            }
            for pair in compared.pairs
        ],
        "notes": list(compared.notes),
    }


def _plain(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "path": str(run.path),
        "status": run.fact("status"),
        "model": run.fact("model", "name"),
        "parameters": run.fact("model", "parameters", kind=int),
        "seconds": run.fact("seconds", kind=(int, float)),
        "data": run.fact("data", "title"),
        "epochs": len(run.history),
        run.score_name: None if run.score is None else _interval(run.score),
        "log_loss": run.log_loss,
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    pairs = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: value if math.isfinite(value) else None for name, value in pairs.items()}


def time_words(run: Run) -> str:
    """How long a run took, in words."""
    seconds = run.fact("seconds", kind=(int, float))
    return "-" if seconds is None else duration(float(seconds))

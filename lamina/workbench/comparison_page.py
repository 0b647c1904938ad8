"""compare.html: runs beside each other, their curves laid over each other, in one file."""

import math
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from lamina.files import write_text
from lamina.report.charts.plot import (
    Axis,
    Plot,
    axis,
    log_axis,
    share_axis,
    spread,
    whole_ticks,
)
from lamina.report.wording import clean, number, share, spoken
from lamina.workbench import comparison_lines
from lamina.workbench.comparison import Compared, Run
from lamina.workbench.templates import fill

_CURVES = ("val_accuracy", "val_mae", "val_loss", "accuracy", "loss")
_MOST_POINTS, _STEEP = 400, 30
_LOW, _ROW = 70, 26  # height of a chart of scores: of its axis, and of each run


def write(compared: Compared, path: Path) -> Path:
    """Writes a comparison as one page that needs no network and no other file.

    Args:
        compared: The runs, the best first.
        path: The file.

    Raises:
        StorageError: It cannot be written.
    """
    return write_text(path, render(compared))


def render(compared: Compared) -> str:
    """The page of a comparison as text."""
    drawn = [(label_of(name), overlaid(name, compared.runs)) for name in _CURVES]
    return fill(
        "compare.html",
        runs=[_row(run) for run in compared.runs],
        score="accuracy" if compared.runs[0].is_classification else "mean absolute error",
        scores=scores(compared.runs),
        sentences=[clean(comparison_lines.sentence(pair), 400) for pair in compared.pairs],
        count=len(compared.pairs),
        test=compared.pairs[0].found.test if compared.pairs else "",
        notes=[clean(note, 300) for note in compared.notes],
        curves=[(label, chart) for label, chart in drawn if chart],
    )


def _row(run: Run) -> dict[str, object]:
    value, between = comparison_lines.score_words(run.score)
    return {
        "name": run.name,
        "model": run.fact("model", "name", default="-"),
        "parameters": run.fact("model", "parameters", kind=int),
        "seconds": comparison_lines.time_words(run),
        "epochs": len(run.history),
        "status": run.fact("status", default="unknown"),
        "data": run.fact("data", "title", default="-"),
        "score": value,
        "between": between,
        "log_loss": run.log_loss,
        "command": run.fact("command", default=""),
        "report": (run.path / "report.html").is_file(),
    }


def overlaid(name: str, runs: Sequence[Run]) -> Markup:
    """A number of the history over the epochs, one line a run; nothing where no run has it.

    Args:
        name: The number's name in the history.
        runs: In the order of their colours.
    """
    series = [(place, run, run.series(name)) for place, run in enumerate(runs)]
    series = [(place, run, values) for place, run, values in series if len(values) > 1]
    if not series:
        return Markup("")
    longest = max(len(values) for _, _, values in series)
    finite = [v for _, _, values in series for v in values if math.isfinite(v)]
    label = label_of(name)
    x = Axis("epoch", 1.0, float(longest), whole_ticks(1, longest), lambda v: f"{v:.0f}")
    told = "; ".join(f"{clean(r.name, 40)} ends at {number(v[-1], 4)}" for _, r, v in series)
    plot = Plot(x, axis_of(name, label, finite), alt=f"Line chart of {label}: {told}.")
    for place, run, values in series:
        every = max(1, -(-len(values) // _MOST_POINTS))
        points = list(enumerate(values, start=1))
        shown = [*points[:-1:every], points[-1]]
        plot.line(shown, f"run{place % 8}")
        for epoch, value in shown if len(shown) <= 40 else shown[-1:]:
            if math.isfinite(value):
                words = f"{clean(run.name, 40)}, epoch {epoch}: {number(value, 4)}"
                plot.dot(epoch, value, f"run{place % 8}", words, radius=2.6)
    return plot.svg(f"curves-{name}")


def label_of(name: str) -> str:
    """A number of the history in words, such as "validation accuracy"."""
    part, bare = (
        ("validation" if name.startswith("val_") else "training"),
        name.removeprefix("val_"),
    )
    return f"{part} {spoken(bare)}"


def axis_of(name: str, label: str, values: Sequence[float]) -> Axis:
    """The axis for a number of the history.

    Args:
        name: The number's name in the history.
        label: The same in words.
        values: All that are drawn.
    """
    low, high = spread(values)
    if "accuracy" in name:
        return share_axis(label, max(0.0, low), min(1.0, high))
    if "loss" in name and 0 < _STEEP * min(values) < max(values):
        return log_axis(label, min(values) / 1.1, max(values) * 1.1)
    return axis(label, low, high)


def scores(runs: Sequence[Run]) -> Markup:
    """The test score of each run as a point with its 95 % interval, one below the other."""
    rated = [(place, run, run.score) for place, run in enumerate(runs)]
    known = [(p, r, s) for p, r, s in rated if s is not None and math.isfinite(s.value)]
    if not known:
        return Markup("")
    ends = [end for _, _, s in known for end in (s.value, s.low, s.high) if math.isfinite(end)]
    low, high = spread(ends)
    is_share = runs[0].is_classification
    label = "test accuracy" if is_share else "mean absolute error on the test part"
    x = share_axis(label, max(0.0, low), min(1.0, high)) if is_share else axis(label, low, high)
    y = Axis("", len(known) - 0.5, -0.5)
    form = share if is_share else number
    told = "; ".join(f"{clean(run.name, 40)} {form(s.value)}" for _, run, s in known)
    height = _LOW + _ROW * len(known)
    plot = Plot(
        x, y, alt=f"Test scores: {told}.", width=430, height=height, left=125, top=8, grid="x"
    )
    for row, (place, run, score) in enumerate(known):
        at = plot.py(row)
        plot.text(plot.left - 10, at + 4, clean(run.name, 17), anchor="end", look="name")
        if math.isfinite(score.low) and math.isfinite(score.high):
            plot.rule(plot.px(score.low), at, plot.px(score.high), at, "whisker")
        words = f"{clean(run.name, 40)}: {form(score.value)}"
        plot.dot(score.value, row, f"run{place % 8}", words, radius=5)
    return plot.svg("scores")

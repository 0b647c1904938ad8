"""The page of a run with several seeds: their results, how far these lie apart, their curves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from markupsafe import Markup

from lamina.core.errors import ArgumentError
from lamina.core.names import shown_path
from lamina.files import limits, read_json, write_text
from lamina.report import intervals
from lamina.report.charts.plot import Axis, Plot, axis, share_axis, spread, whole_ticks
from lamina.report.intervals import Interval
from lamina.report.page import NAME as PAGE
from lamina.report.reading import Entry
from lamina.report.wording import DASH, clean, counted, duration, number, share, spoken
from lamina.workbench.comparison import Run, open_run
from lamina.workbench.comparison_page import axis_of, label_of
from lamina.workbench.seeds import NAME, SHOWN
from lamina.workbench.templates import fill

_CURVES = ("val_accuracy", "val_mae", "val_loss", "accuracy", "loss")
_MOST_POINTS = 400
_LOW, _ROW = 70, 24  # height of a chart of scores: of its axis, and of each seed


@dataclass(frozen=True)
class Seeded:
    """What a folder holds of its runs.

    Args:
        status: "finished", or "running" where seeds are missing.
        command: What repeats it.
        seeds: The seed of each run.
        runs: The runs, in the order of their seeds.
        results: The numbers of each run's test.
    """

    status: str
    command: str
    seeds: Sequence[int]
    runs: Sequence[Run]
    results: Sequence[dict[str, float]]

    def values(self, name: str) -> list[float]:
        """A number of the test, one value a run; empty where a run lacks it."""
        found = [one.get(name, math.nan) for one in self.results]
        return found if all(map(math.isfinite, found)) else []


def write(folder: Path) -> Path:
    """Writes report.html into the folder of a run with several seeds, and returns its path.

    Args:
        folder: The folder, with seeds.json and a folder for each seed.

    Raises:
        ArgumentError: A run is missing.
        LoadError: A file is damaged.
        StorageError: The folder cannot be written.
    """
    return write_text(folder / PAGE, render(_read(folder)))


def _read(folder: Path) -> Seeded:
    entry = Entry(read_json(folder / NAME, max_string_bytes=limits.MIB), str(folder / NAME))
    seeds, runs, results = [], [], []
    for one in entry["runs"]:
        name = one["folder"].text()
        if name in ("", ".", "..") or "/" in name or "\\" in name:
            one["folder"].refuse("the name of a folder")
        seeds.append(one["seed"].whole())
        runs.append(open_run(folder / name, name))
        results.append({key: value.number() for key, value in one["test"].items()})
    if not runs:
        raise ArgumentError(
            f"{shown_path(folder)} holds no finished run.",
            expected="at least one seed that was trained and tested.",
            fix="go on with it: the command that began it, with the same --out.",
        )
    return Seeded(entry["status"].text(), entry["command"].text(), seeds, runs, results)


def _data(first: Run) -> str:
    """The name of the data, and the column that is predicted where it was asked for."""
    title = clean(first.fact("data", "title", default="its data"), 60)
    target = clean(first.fact("settings", "target", default=""), 40)
    return f"{title}: {target}" if target else title


def render(found: Seeded) -> str:
    """The page as text.

    Args:
        found: What the folder holds.
    """
    first = found.runs[0]
    model = clean(first.fact("model", "name", default="-"), 40)
    drawn = [(label_of(name), overlaid(name, found)) for name in _CURVES]
    score = first.score_name
    return fill(
        "seeds.html",
        title=f"{counted(len(found.runs), 'seed')} of {model} on {_data(first)}",
        data=clean(first.fact("data", "title", default="its data"), 60),
        headline=_headline(found),
        sentences=_sentences(found),
        is_whole=found.status == "finished",
        numbers=[_number_row(name, found) for name in _names(found)],
        score=spoken(score),
        scores=scores(found),
        runs=[_row(found, place) for place in range(len(found.runs))],
        curves=[(label, chart) for label, chart in drawn if chart],
        command=clean(found.command, 4_000),
        parameters=first.fact("model", "parameters", kind=int),
    )


def _form(name: str, value: float) -> str:
    return share(value, 2) if name == "accuracy" else number(value, 4)


def _main(found: Seeded) -> tuple[str, list[float]]:
    """The number that tells most of a run, and its values."""
    named = [(name, found.values(name)) for name, _ in SHOWN if found.values(name)]
    return named[0] if named else ("loss", found.values("loss"))


def _names(found: Seeded) -> list[str]:
    """All numbers of the test that every run has, those that tell most first."""
    first = [name for name, _ in SHOWN]
    return [name for name in dict.fromkeys([*first, *found.results[0]]) if found.values(name)]


def _headline(found: Seeded) -> str:
    name, values = _main(found)
    mean = intervals.of_mean(values)
    seeds = counted(len(values), "seed")
    told = f"Test {spoken(name)}: {_form(name, mean.value)} in the mean of {seeds}"
    if not math.isfinite(mean.low):
        return f"{told}."
    ends = f"{_form(name, mean.low)} to {_form(name, mean.high)}"
    return f"{told} (95 % interval of the mean {ends})."


def _sentences(found: Seeded) -> list[str]:
    """What the spread means beside what one test part can tell."""
    name = found.runs[0].score_name
    values = found.values(name)
    if len(values) < 2:
        return []
    low, high = min(values), max(values)
    told = [
        f"{spoken(name).capitalize()} of single seeds: {_form(name, low)} to {_form(name, high)}."
    ]
    own = [run.score for run in found.runs if run.score is not None]
    reaches = [(s.high - s.low) / 2 for s in own if math.isfinite(s.low) and math.isfinite(s.high)]
    if reaches:
        reach = fmean(reaches)
        between = (high - low) / 2
        words = f"±{_form(name, reach)}" if name != "accuracy" else f"±{100 * reach:.2f} points"
        told.append(
            f"The test part by itself leaves each of them uncertain by about {words}: "
            + (
                "more than the seeds differ, so a larger test part would tell more than more seeds."
                if reach > between
                else "less than the seeds differ, so compare settings over several seeds."
            )
        )
    return told


def _number_row(name: str, found: Seeded) -> dict[str, str]:
    values = found.values(name)
    mean = intervals.of_mean(values)
    known = math.isfinite(mean.low)
    return {
        "name": spoken(name),
        "mean": _form(name, mean.value),
        "std": _spread_words(name, values),
        "between": f"{_form(name, mean.low)} to {_form(name, mean.high)}" if known else "unknown",
        "min": _form(name, min(values)),
        "max": _form(name, max(values)),
    }


def _spread_words(name: str, values: Sequence[float]) -> str:
    if len(values) < 2:
        return "unknown"
    mean = fmean(values)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return f"{100 * deviation:.2f} points" if name == "accuracy" else number(deviation, 3)


def _row(found: Seeded, place: int) -> dict[str, Any]:
    run, results = found.runs[place], found.results[place]
    own = run.score
    between = "unknown"
    if own is not None and math.isfinite(own.low):
        between = f"{_form(run.score_name, own.low)} to {_form(run.score_name, own.high)}"
    seconds = run.fact("seconds", kind=(int, float))
    watched = run.fact("results", "validation", run.score_name, kind=(int, float))
    return {
        "seed": found.seeds[place],
        "score": _form(run.score_name, results.get(run.score_name, math.nan)),
        "between": between,
        "watched": DASH if watched is None else _form(run.score_name, float(watched)),
        "loss": number(results.get("loss"), 4),
        "epochs": len(run.history),
        "time": DASH if seconds is None else duration(float(seconds)),
        "status": run.fact("status", default="unknown"),
        "page": f"{run.path.name}/{PAGE}" if (run.path / PAGE).is_file() else None,
    }


def scores(found: Seeded) -> Markup:
    """The score of each seed with the interval of its test, and below them their mean."""
    name = found.runs[0].score_name
    values = found.values(name)
    if not values:
        return Markup("")
    mean = intervals.of_mean(values)
    unknown = Interval(math.nan, math.nan, math.nan)
    rows = [
        (f"seed {seed}", "seed", Interval(value, own.low, own.high))
        for seed, value, own in zip(
            found.seeds, values, (run.score or unknown for run in found.runs), strict=True
        )
    ] + [("mean", "one", mean)]
    ends = [end for *_, s in rows for end in (s.value, s.low, s.high) if math.isfinite(end)]
    low, high = spread(ends)
    is_share = name == "accuracy"
    label = f"{spoken(name)} on the test part"
    x = share_axis(label, max(0.0, low), min(1.0, high)) if is_share else axis(label, low, high)
    told = "; ".join(f"{words} {_form(name, s.value)}" for words, _, s in rows)
    plot = Plot(
        x,
        Axis("", len(rows) - 0.5, -0.5),
        alt=f"Test scores: {told}.",
        width=420,
        height=_LOW + _ROW * len(rows),
        left=70,
        top=8,
        grid="x",
    )
    for row, (words, look, s) in enumerate(rows):
        at = plot.py(row)
        plot.text(plot.left - 10, at + 4, words, anchor="end", look="name")
        if math.isfinite(s.low) and math.isfinite(s.high):
            left, right = (plot.px(min(max(end, x.low), x.high)) for end in (s.low, s.high))
            plot.rule(left, at, right, at, "whisker")
        plot.dot(s.value, row, look, f"{words}: {_form(name, s.value)}", radius=5)
    return plot.svg("scores")


def overlaid(name: str, found: Seeded) -> Markup:
    """A number of the history over the epochs, a thin line a seed and a thick one for the mean.

    Args:
        name: The number's name in the history.
        found: The runs.
    """
    series = [run.series(name) for run in found.runs]
    series = [values for values in series if len(values) > 1]
    if not series:
        return Markup("")
    longest, shortest = (pick(map(len, series)) for pick in (max, min))
    means = [fmean(at) for at in list(zip(*series, strict=False))[:shortest]]
    finite = [value for values in series for value in values if math.isfinite(value)]
    label = label_of(name)
    x = Axis("epoch", 1.0, float(longest), whole_ticks(1, longest), lambda v: f"{v:.0f}")
    told = f"{len(series)} seeds; their mean ends at {number(means[-1], 4)}"
    plot = Plot(x, axis_of(name, label, finite), alt=f"Line chart of {label}: {told}.")
    for values in series:
        plot.line(_thinned(values), "seed")
    plot.line(_thinned(means), "one")
    plot.dot(shortest, means[-1], "one", f"mean, epoch {shortest}: {number(means[-1], 4)}")
    return plot.svg(f"curves-{name}")


def _thinned(values: Sequence[float]) -> list[tuple[int, float]]:
    points = list(enumerate(values, start=1))
    every = max(1, -(-len(points) // _MOST_POINTS))
    return [*points[:-1:every], points[-1]]

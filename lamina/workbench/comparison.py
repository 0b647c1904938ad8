"""Several runs beside each other: their scores, and whether they differ by more than chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, LoadError, StorageError
from lamina.core.names import shown, shown_path
from lamina.report import evidence, intervals, paired, scoring, storing
from lamina.report.intervals import Interval
from lamina.report.paired import Comparison
from lamina.report.reading import find
from lamina.report.record import read_history
from lamina.report.records import Evidence
from lamina.workbench.finished import read_facts

MOST_RUNS = 12


@dataclass(frozen=True)
class Run:
    """What a comparison knows of a run.

    Args:
        name: What it is called: its path as the user named it, or the last part of it.
        path: Its folder.
        facts: What run.json says.
        history: One table of numbers an epoch.
        evidence: What was seen on the test part; `None` where that was not kept.
    """

    name: str
    path: Path
    facts: dict[str, Any]
    history: Sequence[dict[str, Any]]
    evidence: Evidence | None

    def fact(self, *place: str, kind: Any = str, default: Any = None) -> Any:
        """The entry of run.json at a path of names, or `default` where there is none."""
        return find(self.facts, *place, kind=kind, default=default)

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.fact("data", "task") != "regression"

    @property
    def score(self) -> Interval | None:
        """Accuracy or MAE on the test part with its 95 % interval."""
        if self.evidence is None or self.evidence.y is None:
            value = self.fact("results", "test", self.score_name, kind=(int, float))
            return None if value is None else Interval(float(value), math.nan, math.nan)
        if self.is_classification:
            right = self.goodness()
            return intervals.wilson(int(right.sum()), len(right))
        return intervals.bootstrap(np.mean, self.goodness())

    @property
    def score_name(self) -> str:
        """The name of the score in the record."""
        return "accuracy" if self.is_classification else "mae"

    def goodness(self) -> np.ndarray:
        """Whether each test example was answered rightly; the size of its error for numbers."""
        seen = self.evidence
        if seen is None or seen.y is None:
            return np.zeros(0)
        if seen.is_classification:
            return seen.answers == seen.y
        return np.abs(seen.predicted.astype(np.float64) - seen.y)

    @property
    def log_loss(self) -> float | None:
        """Mean of -log of the probability given to the true class."""
        seen = self.evidence
        if seen is None or seen.y is None or not seen.is_classification:
            return None
        return scoring.log_loss(seen.y, seen.predicted)

    def series(self, name: str) -> list[float]:
        """A number of the history, NaN in epochs that lack it; empty where all do."""
        values = [_number(row.get(name)) for row in self.history]
        return values if any(map(math.isfinite, values)) else []


@dataclass(frozen=True)
class Pair:
    """The best run against another one, on the same test examples.

    Args:
        best: The run with the best score.
        other: The other run.
        found: What the paired test says; its p-value is not corrected.
        p_value: The p-value, corrected for the number of tests made.
    """

    best: Run
    other: Run
    found: Comparison
    p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would give such a difference in less than one of 20 comparisons."""
        return self.p_value < paired.SIGNIFICANT


@dataclass(frozen=True)
class Compared:
    """Runs, the best first, and the paired tests of the best against each other one.

    Args:
        runs: All of one task; those without a score last.
        pairs: Empty where no two runs can be compared example by example.
        notes: Why some cannot be.
    """

    runs: Sequence[Run]
    pairs: Sequence[Pair]
    notes: Sequence[str]


def compare(paths: Sequence[str | Path]) -> Compared:
    """Reads finished runs, orders them by their test scores, and tests the differences.

    Two runs are compared example by example where both were tested on the same examples of the
    same data. With several such tests, p-values are corrected by Holm's method.

    Args:
        paths: Run folders, at least two.

    Raises:
        ArgumentError: There are too few or too many runs, one is none, or their tasks differ.
        LoadError: A run.json is damaged.

    Reference:
        Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
        Statistics 6(2), 1979.
    """
    _check_count(paths)
    names = _names([str(path) for path in paths])
    runs = [open_run(Path(path), name) for path, name in zip(paths, names, strict=True)]
    _check_tasks(runs)
    ordered = sorted(runs, key=_rank)
    pairs, notes = _pairs(ordered)
    return Compared(ordered, pairs, notes)


def _check_count(paths: Sequence[str | Path]) -> None:
    if not 2 <= len(paths) <= MOST_RUNS or len({Path(p).resolve() for p in paths}) < len(paths):
        raise ArgumentError(
            f"{len(paths)} run{'s' if len(paths) != 1 else ''} to compare: "
            f"{shown([str(path) for path in paths], 120)}.",
            expected=f"from 2 to {MOST_RUNS} different run folders.",
            fix="for example: lamina compare runs/digits-mlp-1 runs/digits-cnn-1.",
        )


def _names(paths: Sequence[str]) -> list[str]:
    """Last parts of the paths where these differ, else the paths."""
    short = [Path(path).resolve().name for path in paths]
    return short if len(set(short)) == len(short) else list(paths)


def open_run(path: Path, name: str) -> Run:
    """What a comparison needs of a run folder; answers to its test that are damaged are left out.

    Args:
        path: The folder.
        name: What the run is called.

    Raises:
        ArgumentError: It holds no run.
        LoadError: Its run.json is damaged.
    """
    path = path.expanduser()
    if not (path / "run.json").is_file():
        raise ArgumentError(
            f"{shown_path(path)} holds no run.",
            expected="a folder with a run.json, as `lamina train` leaves it.",
            fix=_other_folder(path),
        )
    facts = read_facts(path)
    history = read_history(path) if (path / "history.jsonl").is_file() else []
    try:
        seen = evidence.load(path) if (path / storing.DOCUMENT).is_file() else None
    except (LoadError, StorageError):
        seen = None
    return Run(name, path, facts, history, seen)


def _other_folder(path: Path) -> str:
    inner = sorted(path.glob("*/run.json"))[:1] if path.is_dir() else []
    if inner:
        return f"name one of the runs in it, for example {shown(str(inner[0].parent))}."
    return "list the runs of a folder with `lamina runs FOLDER`."


def _check_tasks(runs: Sequence[Run]) -> None:
    tasks = {run.is_classification for run in runs}
    if len(tasks) > 1:
        classes = next(run for run in runs if run.is_classification)
        numbers = next(run for run in runs if not run.is_classification)
        raise ArgumentError(
            f"{shown(classes.name, 60)} predicts classes, {shown(numbers.name, 60)} numbers.",
            expected="runs with the same task.",
            fix="compare runs on the same data.",
        )


def _rank(run: Run) -> tuple[bool, float]:
    """The best first: highest accuracy, or lowest error; runs without a score last."""
    if run.score is None or not math.isfinite(run.score.value):
        return True, 0.0
    return False, -run.score.value if run.is_classification else run.score.value


def _pairs(runs: Sequence[Run]) -> tuple[list[Pair], list[str]]:
    best, notes, found = runs[0], [], []
    for other in runs[1:]:
        order, reason = _same_rows(best, other)
        if order is None:
            notes.append(f"no paired test of {best.name} and {other.name}: {reason}")
            continue
        compared = paired.compare_correct if best.is_classification else paired.compare_errors
        found.append((other, compared(best.goodness(), other.goodness()[order])))
    corrected = holm([one.p_value for _, one in found])
    pairs = [
        Pair(best, other, one, p_value)
        for (other, one), p_value in zip(found, corrected, strict=True)
    ]
    return pairs, notes


def _same_rows(first: Run, second: Run) -> tuple[np.ndarray | None, str]:
    """Where the test examples of the first run are among those of the second, or why not."""
    one, other = first.evidence, second.evidence
    if one is None or other is None or one.y is None or other.y is None:
        lacking = first if one is None or one.y is None else second
        return None, f"{lacking.name} kept no answers to its test part"
    prints = [run.fact("data", "fingerprint") for run in (first, second)]
    if prints[0] is None or prints[0] != prints[1]:
        names = [run.fact("data", "title") or "unknown data" for run in (first, second)]
        of = f" ({names[0]} and {names[1]})" if names[0] != names[1] else ""
        return None, f"they were trained on different data{of}; their scores cannot be compared"
    if one.schema.class_names != other.schema.class_names:
        return None, "their classes differ"
    places = {name: place for place, name in enumerate(other.ids)}
    if len(places) != len(other.ids) or set(places) != set(one.ids) or len(one.ids) != len(places):
        return None, "they were tested on different examples"
    order = np.array([places[name] for name in one.ids])
    if not np.array_equal(one.y, other.y[order]):
        return None, "they were tested on different labels"
    return order, ""


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values of several tests, corrected so that one false alarm in all is as rare as in one.

    Example:
        >>> holm([0.01, 0.04])
        [0.02, 0.04]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _number(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else math.nan

"""Answers of a trained model to unseen examples, one row an example."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.data.dataset import Part, Schema
from lamina.data.loading.entry import read
from lamina.report import answers, intervals, scoring
from lamina.report.intervals import Interval
from lamina.report.wording import typed
from lamina.workbench import prediction_files, unfamiliar
from lamina.workbench.aligned import table
from lamina.workbench.finished import escaped, open_trained
from lamina.workbench.telling import Say

_SHOWN = 10
_WIDEST = 48


@dataclass(frozen=True)
class Prediction:
    """What a model says of some examples.

    Args:
        schema: What is predicted.
        ids: What each example is called: its file, or its row.
        predicted: Probabilities (n, classes), or numbers (n,).
        y: Class numbers or numbers, where the source has labels.
        kept: Columns of a table that name its rows or were asked for, by name.
        notes: What a reader should know before trusting the answers.
    """

    schema: Schema
    ids: Sequence[str]
    predicted: np.ndarray
    y: np.ndarray | None
    kept: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def score(self) -> tuple[str, Interval] | None:
        """Accuracy or MAE with its 95 % interval, where the labels are known."""
        if self.y is None:
            return None
        if self.schema.task == "regression":
            return "mae", scoring.regression_scores(self.y, self.predicted)["mae"]
        right = int((self.predicted.argmax(axis=1) == self.y).sum())
        return "accuracy", intervals.wilson(right, len(self.y))

    def columns(self, *, every_class: bool = False) -> dict[str, list[Any]]:
        """The answers as columns of a table.

        Of rows of a table: `row` (from 1), the columns that name the rows, `predicted_TARGET`, and
        for classes `probability`. Of pictures and arrays: `id`, then `label` and `probability`, or
        `value`.

        Args:
            every_class: Whether each class gets a column with its probability.
        """
        columns = self._named()
        is_table = self.schema.form == "table" and self.schema.target is not None
        answer = f"predicted_{valid(self.schema.target or '')}"
        if self.schema.task == "regression":
            numbers = [_float(value) for value in self.predicted.tolist()]
            _add(columns, answer if is_table else "value", numbers)
            return columns
        names = [valid(name) for name in self.schema.class_names]
        best = self.predicted.argmax(axis=1)
        _add(columns, answer if is_table else "label", [names[number] for number in best.tolist()])
        shares = [_float(value) for value in self.predicted.max(axis=1).tolist()]
        _add(columns, "probability", shares)
        if every_class:
            for number, name in enumerate(names):
                values = self.predicted[:, number].tolist()
                _add(columns, f"probability of {name}", [_float(value) for value in values])
        return columns

    def _named(self) -> dict[str, list[Any]]:
        """What the examples are called."""
        numbers = [name.removeprefix("row ") for name in self.ids]
        if self.schema.form != "table" or not all(map(str.isdecimal, numbers)):
            return {"id": [valid(name) for name in self.ids]}
        columns: dict[str, list[Any]] = {}
        for name, values in self.kept.items():
            cells = [valid(value) if isinstance(value, str) else value for value in values]
            columns[valid(name)] = cells
        free = next(name for name in ("row", "row_number", "row_of_file") if name not in columns)
        return {free: [int(number) for number in numbers], **columns}

    def lines(self) -> list[str]:
        """The first answers as people read them in a terminal."""
        columns = self.columns()
        heads, count = list(columns), len(self.ids)
        rows = list(zip(*(values[:_SHOWN] for values in columns.values()), strict=True))
        cells = [[_cell(value) for value in row] for row in rows]
        first = [next((one for one in own if one is not None), "") for own in columns.values()]
        right = [place for place, one in enumerate(first) if isinstance(one, (int, float))]
        more = [f"and {count - _SHOWN:,} more"] if count > _SHOWN else []
        return [*table([heads, *cells], right=right), *more]

    def told(self, path: Path | None) -> list[str]:
        """What was written, or the first answers, and the score.

        Args:
            path: The file that was written; `None` without one.
        """
        count = len(self.ids)
        done = f"wrote {count:,} answer{'s' if count != 1 else ''} to {path}"
        told = (self.lines() if path is None else [done]) + self.told_score()
        return told + [f"note  {note}" for note in self.notes]

    def to_dict(self, path: Path | None, *, every_class: bool = False) -> dict[str, Any]:
        """The answers as plain data: all of them, or where they were written.

        Args:
            path: The file that was written; `None` without one.
            every_class: Whether each answer has the probability of every class.
        """
        known: dict[str, Any] = {"examples": len(self.ids), "task": self.schema.task}
        if self.score is not None:
            name, one = self.score
            known[name] = {"value": one.value, "low": one.low, "high": one.high}
        known["notes"] = list(self.notes)
        if path is not None:
            return {**known, "out": str(path)}
        columns = self.columns(every_class=every_class)
        rows = zip(*columns.values(), strict=True)
        return {**known, "answers": [dict(zip(columns, row, strict=True)) for row in rows]}

    def told_score(self) -> list[str]:
        """A line with the score, where the labels are known."""
        if self.score is None:
            return []
        name, one = self.score
        label = {"mae": "MAE"}.get(name, name)
        return [
            f"{label} {typed(one.value)}  (95 % interval {typed(one.low)} to {typed(one.high)}): "
            "the examples have labels"
        ]


def _add(columns: dict[str, list[Any]], name: str, values: list[Any]) -> None:
    """Adds a column under a name that is free."""
    while name in columns:
        name = f"{name}_"
    columns[name] = values


def predict(
    run: str | Path,
    source: str | Sequence[str],
    *,
    out: Path | None = None,
    every_class: bool = False,
    keep: Collection[str] = (),
    overwrite: bool = False,
    skip_bad_files: bool = False,
    model: str | None = None,
    say: Say,
) -> Prediction:
    """Lets a trained model answer unseen examples, and writes the answers as a table.

    Args:
        run: A run folder, or the file of a model that `lamina train` saved.
        source: Pictures, folders, archives, tables, arrays or a name of the catalogue; labels are
            not needed.
        out: The table to write: .csv, .tsv, .jsonl or .parquet.
        every_class: Whether the table has the probability of each class.
        keep: Columns of a table to write beside the answers, as well as those that name its rows.
        overwrite: Whether that file may exist.
        skip_bad_files: Whether files that are no pictures are left out.
        model: "file.py:function" that made the model, where it needs code of the user's.
        say: Is told what happens, line by line.

    Raises:
        ArgumentError: There is no model, or the source is nothing that can be read.
        DataError: The examples have another form than those of the training.
        LoadError: A file is damaged.
        MissingExtraError: Parquet is asked for, and pyarrow is not installed.
        StorageError: A file is missing or cannot be written.
    """
    target = None if out is None else prediction_files.checked(out, overwrite=overwrite)
    named = [source] if isinstance(source, str) else source
    words = " ".join(escaped(word) for word in named)
    trained = open_trained(run, model, f"lamina predict {{run}} {words}")
    how: dict[str, Any] = {"on_bad_file": "skip" if skip_bad_files else "error", "keep": keep}
    part = _read(source, trained.schema, how, say)
    notes = unfamiliar.notes_of(trained.model, trained.schema, part)
    predicted = answers.predict(trained.model, part.x, trained.schema)
    y = None if part.y is None else part.y.reshape(-1)
    found = Prediction(trained.schema, part.ids, predicted, y, part.kept, tuple(notes))
    if target is not None:
        prediction_files.write(target, found.columns(every_class=every_class))
    return found


def _read(source: str | Sequence[str], schema: Schema, how: dict[str, Any], say: Say) -> Part:
    """Examples with their labels where these can be used, else without."""
    given: Any = source if isinstance(source, str) or len(source) > 1 else source[0]
    try:
        return read(given, schema, say=say, **how)
    except DataError as error:
        part = read(given, schema, labelled=False, say=say, **how)
        say(f"labels are passed over: {error.problem}")
        return part


def valid(text: str) -> str:
    """Text that every file format can hold: bytes of a file's name that are no text are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _float(value: float) -> float | None:
    return round(value, 7) if np.isfinite(value) else None


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.6g}"
    text = "-" if value is None else str(value)
    return text if len(text) <= _WIDEST else f"…{text[1 - _WIDEST :]}"

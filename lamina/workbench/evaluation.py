"""A trained model asked about labelled examples that it has not seen."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.core.names import shown
from lamina.data.dataset import Part
from lamina.data.loading.entry import read
from lamina.data.tables.notes import fingerprint_of
from lamina.files import write_text
from lamina.files.table_files import read_table_file
from lamina.report import answers, intervals, scoring
from lamina.report.intervals import Interval
from lamina.report.reading import find
from lamina.report.scoring import ClassScore
from lamina.report.wording import typed
from lamina.workbench import targets, unfamiliar
from lamina.workbench.aligned import table
from lamina.workbench.finished import Trained, escaped, open_trained
from lamina.workbench.telling import Say

_LABELS = {
    "accuracy": "accuracy",
    "macro_f1": "F1, mean of classes",
    "log_loss": "log loss (nats)",
    "r2_score": "R2",
    "mae": "MAE",
    "rmse": "RMSE",
}
_MOST_CLASSES = 30
_COMPARED = 64 << 20  # bytes of a table that is read once more, to know it again


@dataclass(frozen=True)
class Evaluation:
    """How a model did on a source.

    Args:
        run: What the user named as the run.
        source: What was evaluated on.
        task: "classification" or "regression".
        num_examples: Examples with a label.
        metrics: Numbers with their 95 % intervals, by name.
        classes: Precision, recall and F1 of each class, by name; empty for regression.
        notes: What a reader should know.
    """

    run: str
    source: str
    task: str
    num_examples: int
    metrics: Mapping[str, Interval]
    classes: Mapping[str, ClassScore]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as plain data that JSON can hold."""
        return {
            "run": self.run,
            "source": self.source,
            "task": self.task,
            "examples": self.num_examples,
            "metrics": {name: _plain(interval) for name, interval in self.metrics.items()},
            "classes": {
                name: {
                    "precision": _plain(one.precision),
                    "recall": _plain(one.recall),
                    "f1": _plain(one.f1),
                    "support": one.support,
                    "answered": one.answered,
                }
                for name, one in self.classes.items()
            },
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """The evaluation as people read it in a terminal."""
        rows = [("metric", "value", "95 % interval")]
        rows += [(_LABELS[name], *_words(one)) for name, one in self.metrics.items()]
        examples = "example" if self.num_examples == 1 else "examples"
        lines = [f"{self.run} on {self.source}: {self.num_examples:,} {examples}", ""]
        lines += table(rows, right=(1,))
        if self.classes:
            lines += ["", *self._class_lines()]
        return lines + [""] * bool(self.notes) + [f"note  {note}" for note in self.notes]

    def _class_lines(self) -> list[str]:
        heads = ("class", "precision", "recall", "F1", "examples")
        rows: list[tuple[str, ...]] = [heads]
        for name, one in list(self.classes.items())[:_MOST_CLASSES]:
            shares = (one.precision.value, one.recall.value, one.f1.value)
            cut = name if len(name) <= 36 else f"{name[:35]}…"
            rows.append((cut, *(_share(value) for value in shares), f"{one.support:,}"))
        left = len(self.classes) - _MOST_CLASSES
        more = [f"and {left:,} more classes, with --json"] if left > 0 else []
        return table(rows, right=(1, 2, 3, 4)) + more


def evaluate(
    run: str | Path,
    source: str,
    *,
    out: Path | None = None,
    model: str | None = None,
    overwrite: bool = False,
    skip_bad_files: bool = False,
    say: Say,
) -> Evaluation:
    """Lets a trained model answer labelled examples, and says how good the answers are.

    Args:
        run: A run folder, or the file of a model that `lamina train` saved.
        source: Labelled examples; of a source with parts, the test part.
        out: A JSON file to write.
        model: "file.py:function" that made the model, where it needs code of the user's.
        overwrite: Whether that file may exist.
        skip_bad_files: Whether files that are no pictures are left out.
        say: Is told what happens, line by line.

    Returns:
        Accuracy, F1 and log loss, or R2, MAE and RMSE, each with a 95 % interval.

    Raises:
        ArgumentError: There is no model, or the source is nothing that can be read.
        DataError: The examples have no labels, other classes or another form.
        LoadError: A file is damaged.
        StorageError: A file is missing or cannot be written.

    Example:
        >>> evaluate("runs/digits-cnn-1", "digits", say=print).metrics["accuracy"].value
        0.9917
    """
    target = None if out is None else targets.checked(out, (".json",), overwrite=overwrite)
    trained = open_trained(run, model, f"lamina evaluate {{run}} {escaped(source)}")
    on_bad_file: Any = "skip" if skip_bad_files else "error"
    part = read(source, trained.schema, labelled=True, on_bad_file=on_bad_file, say=say)
    predicted = answers.predict(trained.model, part.x, trained.schema)
    y = _labels(part, source)
    found = Evaluation(
        run=str(run),
        source=source,
        task=trained.schema.task,
        num_examples=len(y),
        metrics=measured(trained, y, predicted),
        classes=_by_class(trained, y, predicted),
        notes=(
            *_notes(trained, source, part, len(y)),
            *unfamiliar.notes_of(trained.model, trained.schema, part),
        ),
    )
    if target is not None:
        text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        write_text(target, text + "\n")
    return found


def _labels(part: Part, source: str) -> np.ndarray:
    if part.y is None or not part.num_examples:
        raise DataError(
            f"{shown(source)} has no labels to compare answers with.",
            expected="examples with their classes or numbers.",
            fix="predict instead of evaluating: lamina predict RUN SOURCE.",
        )
    return part.y.reshape(-1)


def measured(trained: Trained, y: np.ndarray, predicted: np.ndarray) -> dict[str, Interval]:
    """The numbers that tell how good answers are, with 95 % intervals.

    Args:
        trained: The model that answered.
        y: Class numbers, or numbers.
        predicted: Probabilities (n, classes), or numbers (n,).
    """
    if trained.schema.task == "regression":
        scores = scoring.regression_scores(y, predicted)
        return {"r2_score": scores["r2"], "mae": scores["mae"], "rmse": scores["rmse"]}
    given = predicted.argmax(axis=1)
    matrix = scoring.confusion(y, given, trained.schema.num_classes)
    return {
        "accuracy": intervals.wilson(int((given == y).sum()), len(y)),
        "macro_f1": intervals.bootstrap_counts(scoring.macro_f1, matrix),
        "log_loss": intervals.bootstrap(np.mean, scoring.log_losses(y, predicted)),
    }


def _by_class(trained: Trained, y: np.ndarray, predicted: np.ndarray) -> dict[str, ClassScore]:
    if trained.schema.task == "regression":
        return {}
    matrix = scoring.confusion(y, predicted.argmax(axis=1), trained.schema.num_classes)
    return dict(zip(trained.schema.class_names, scoring.class_scores(matrix), strict=True))


def _notes(trained: Trained, source: str, part: Part, count: int) -> list[str]:
    """A source that the model was trained on is no test; the run's own test is worth a look."""
    num_test = find(trained.facts, "data", "num_test", kind=int, default=-1)
    if _same(trained.source, source) or _is_copy(trained, source):
        if num_test < 0 or count == num_test:
            return []
        return [
            f"the model was trained on this source; its own test part has {num_test:,} of these "
            f"{count:,} examples, and the others flatter it"
        ]
    inside = _inside(trained.source, source)
    if inside and not inside.startswith("test"):
        return [
            f"these examples lie in the source that the model was trained on, in {inside!r}; "
            "numbers from examples that it has learned from flatter it"
        ]
    return []


def _is_copy(trained: Trained, source: str) -> bool:
    """Whether a table is, cell by cell, the one that the model was trained on."""
    path, known = Path(source).expanduser(), getattr(trained.model, "data_fingerprint", None)
    if trained.schema.form != "table" or known is None or not path.is_file():
        return False
    return path.stat().st_size <= _COMPARED and fingerprint_of(read_table_file(path)) == known


def _inside(first: str, second: str) -> str:
    """Where one folder lies within another; "" where it does not."""
    one, other = Path(first).expanduser().resolve(), Path(second).expanduser().resolve()
    is_inside = bool(first) and one.is_dir() and other.exists() and other.is_relative_to(one)
    return other.relative_to(one).as_posix() if is_inside else ""


def _same(first: str, second: str) -> bool:
    one, other = Path(first).expanduser(), Path(second).expanduser()
    if not (first and one.exists() and other.exists()):
        return first == second
    return one.resolve() == other.resolve()


def _words(interval: Interval) -> tuple[str, str]:
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return _number(interval.value), "unknown"
    return _number(interval.value), f"{_number(interval.low)} to {_number(interval.high)}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.4f}" if abs(value) < 10 else typed(value, 5)


def _share(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "-"


def _plain(interval: Interval) -> dict[str, float | None]:
    pairs = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: value if math.isfinite(value) else None for name, value in pairs.items()}

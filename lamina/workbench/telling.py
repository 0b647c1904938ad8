"""What a run says to whoever waits for it: its data, its model, its results."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lamina.data.dataset import Dataset
from lamina.models.model import Model
from lamina.report.wording import counted, typed
from lamina.workbench.settings import Settings

Say = Callable[[str], Any]
"""Is told each line that a person should read."""

_MOST_NAMES = 12
_RESULTS = (
    ("accuracy", "test accuracy"),
    ("r2_score", "test R2"),
    ("mae", "test MAE"),
)
_HEADINGS = ("column", "kind", "missing", "distinct", "note")


def introduce(dataset: Dataset, model: Model, settings: Settings, say: Say) -> None:
    """Says what is learned from and what learns, before anything is trained."""
    schema, validation = dataset.schema, dataset.validation
    say(f"data       {dataset.title}: {_examples(dataset)}, {_wanted(dataset)}")
    say(
        f"           {dataset.train.num_examples:,} for training, "
        f"{0 if validation is None else validation.num_examples:,} for validation, "
        f"{dataset.test.num_examples:,} for the test"
    )
    if schema.class_names:
        say(f"classes    {_listed(schema.class_names)}")
    for row in _columns(dataset):
        say(f"           {row}".rstrip())
    for note in notes_of(dataset):
        say(f"note       {note}")
    say(
        f"model      {settings.model}, {model.count_params():,} parameters, "
        f"{counted(settings.epochs or 0, 'epoch')} of batches of {settings.batch_size}"
    )
    details = [f"learning rate {settings.learning_rate:g}", f"seed {settings.seed}"]
    details += [f"augmentation {settings.augment}"] * (settings.augment != "none")
    details += ["convolutions in bfloat16"] * (settings.precision == "bfloat16")
    say(f"           {', '.join(details)}")


def notes_of(dataset: Dataset) -> list[str]:
    """What was noticed while reading a source, without what the table of its columns says.

    Args:
        dataset: The source.
    """
    known = tuple(f"Column {column.name!r} is ignored" for column in dataset.schema.columns)
    return [note for note in dataset.notes if not note.startswith(known)]


def _examples(dataset: Dataset) -> str:
    x = dataset.train.x
    if isinstance(x, dict):
        used = [column for column in dataset.schema.columns if column.kind != "ignored"]
        return f"rows of {len(used)} columns"
    shape = "x".join(map(str, x.shape[1:])) or "one number"
    return f"pictures of {shape}" if dataset.schema.form == "pictures" else f"examples of {shape}"


def _wanted(dataset: Dataset) -> str:
    schema = dataset.schema
    of = f" of {schema.target!r}" if schema.target and dataset.schema.form == "table" else ""
    return f"{schema.num_classes} classes{of}" if schema.num_classes else f"one number{of}"


def _listed(names: Sequence[str]) -> str:
    text = ", ".join(names[:_MOST_NAMES])
    left = len(names) - _MOST_NAMES
    return f"{text} and {left:,} more" if left > 0 else text


def _columns(dataset: Dataset) -> list[str]:
    """The columns of a table, as a table."""
    columns = dataset.schema.columns
    rows = [_HEADINGS] * bool(columns) + [
        (_cut(c.name), c.kind, f"{c.missing:,}", f"{c.distinct:,}", c.note) for c in columns
    ]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in (2, 3) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _cut(text: str) -> str:
    return text if len(text) <= 32 else f"{text[:31]}…"


def conclude(
    results: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], path: Path, say: Say
) -> None:
    """Says what came out, and where it is.

    Args:
        results: The numbers of the test part, and their 95 % intervals under "intervals".
        findings: What the checks found, as plain data.
        path: The run folder.
        say: Is told the lines.
    """
    if findings:
        place = "the report" if (path / "report.html").is_file() else "run.json"
        say(f"findings       {_counted(findings)}; they are in {place}")
    intervals = results.get("intervals", {})
    for name, label in _RESULTS:
        if name in results:
            line = f"{label:<14} {score_words(name, results[name])}"
            if name in intervals:
                low, high = intervals[name]
                ends = f"{score_words(name, low)} to {score_words(name, high)}"
                line += f"  (95 % interval {ends})"
            say(line)
    if (path / "report.html").is_file():
        say(f"report         {path / 'report.html'}")
    say(f"run folder     {path}")


def score_words(name: str, value: float) -> str:
    """A number of the test in a terminal: shares with four decimals, errors with four digits.

    Args:
        name: The number's name in the record.
        value: The number.
    """
    return typed(value) if name == "mae" else f"{value:.4f}"


def _counted(findings: Sequence[Mapping[str, Any]]) -> str:
    kinds = [finding["severity"] for finding in findings]
    words = [
        f"{kinds.count(kind)} {kind}{'s' if kinds.count(kind) > 1 else ''}"
        for kind in ("error", "warning", "hint")
        if kind in kinds
    ]
    return f"{', '.join(words)} ({', '.join(dict.fromkeys(f['code'] for f in findings))})"

"""What a run says to whoever waits for it: its data, its model, its results."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lamina.data.dataset import Dataset
from lamina.models.model import Model
from lamina.report.wording import clean, counted, typed
from lamina.workbench.settings import Settings
from lamina.workbench.terminal import fitted

Say = Callable[[str], Any]
"""Is told each line that a person should read."""

_MOST_NAMES = 12
_ALIKE = 1e-6  # what float32 may differ by
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
        _say(say, "classes    ", _listed(schema.class_names))
    for start, note in _columns(dataset):
        _say(say, f"           {start}", note)
    for note in notes_of(dataset):
        _say(say, "note       ", note)
    say(
        f"model      {settings.model}, {model.count_params():,} parameters, "
        f"{counted(settings.epochs or 0, 'epoch')} of batches of {settings.batch_size}"
    )
    details = [f"learning rate {settings.learning_rate:g}", f"seed {settings.seed}"]
    details += [f"augmentation {settings.augment}"] * (settings.augment != "none")
    details += ["convolutions in bfloat16"] * (settings.precision == "bfloat16")
    _say(say, "           ", ", ".join(details))


def _say(say: Say, start: str, text: str) -> None:
    for line in fitted(start, text):
        say(line)


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


def _columns(dataset: Dataset) -> list[tuple[str, str]]:
    """The columns of a table, as a table: each row, and the note at its end."""
    columns = dataset.schema.columns
    rows = [_HEADINGS] * bool(columns) + [
        (_cut(c.name), c.kind, f"{c.missing:,}", f"{c.distinct:,}", c.note) for c in columns
    ]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)][:-1]
    return [
        (
            "".join(
                f"{cell.rjust(width) if place >= 2 else cell.ljust(width)}  "
                for place, (cell, width) in enumerate(zip(row[:-1], widths, strict=True))
            ),
            row[-1],
        )
        for row in rows
    ]


def _cut(text: str) -> str:
    return text if len(text) <= 32 else f"{text[:31]}…"


def conclude(facts: Mapping[str, Any], path: Path, say: Say) -> None:
    """Says what came out, and where it is.

    Args:
        facts: What run.json says.
        path: The run folder.
        say: Is told the lines.
    """
    findings = facts.get("findings") or []
    found = facts.get("results") or {}
    results = found.get("test", {})
    if findings:
        place = "the report" if (path / "report.html").is_file() else "run.json"
        _say(say, "findings       ", f"{_counted(findings)}; they are in {place}")
    kept = facts.get("weights") or {}
    if kept.get("is_best"):
        say(
            f"weights        of epoch {kept['epoch']} of {kept['epochs']}, the best by validation "
            "loss"
        )
    elif kept:
        say(f"weights        of the last epoch, {kept['epoch']}")
    intervals = results.get("intervals", {})
    for name, label in _RESULTS:
        if name in results:
            line = f"{label:<14} {score_words(name, results[name])}"
            if name in intervals:
                low, high = intervals[name]
                ends = f"{score_words(name, low)} to {score_words(name, high)}"
                line += f"  (95 % interval {ends})"
            say(line)
    nothing = learned_nothing(found)
    if nothing:
        _say(say, "warning        ", nothing)
    if (path / "report.html").is_file():
        say(f"report         {path / 'report.html'}")
    say(f"run folder     {path}")


def learned_nothing(results: Mapping[str, Any]) -> str:
    """Words for a model that is no better than an answer that looks at no example, else "".

    Args:
        results: Those of a run: numbers of the test under "test", the answer under "constant".
    """
    constant, test = results.get("constant") or {}, results.get("test") or {}
    name = "accuracy" if "accuracy" in constant else "r2_score"
    if name not in test or "answer" not in constant:
        return ""
    reached = constant.get("accuracy", 0.0) + _ALIKE
    low = test.get("intervals", {}).get(name, [test[name]])[0]
    if low > reached:
        return ""
    if name == "accuracy":
        answer = repr(clean(constant["answer"], 40))
        reaches = f"an accuracy of {score_words('accuracy', constant['accuracy'])}"
    else:
        answer = typed(constant["answer"])
        reaches = f"a mean error of {score_words('mae', constant['mae'])}"
    if test[name] <= reached:
        return f"nothing was learned: always answering {answer} reaches {reaches}"
    return f"not clearly better than always answering {answer}, which reaches {reaches}"


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

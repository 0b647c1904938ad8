"""Everything a run folder holds, read within limits; what is missing or damaged becomes a note."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lamina.core.errors import ArgumentError, LoadError, StorageError
from lamina.core.names import shown_path
from lamina.files import limits, read_json
from lamina.files.opening import read_whole
from lamina.models.saving import load_model
from lamina.report import storing
from lamina.report.reading import find, unusable
from lamina.report.records import Evidence

Found = TypeVar("Found")

_MOST_EPOCHS = 100_000
_MISSING = {
    "history.jsonl": "No epoch was recorded",
    "evidence.json": "No answers to the test part were kept",
    "model.lamina": "No model was kept",
}
_HISTORY_BYTES = 64 * limits.MIB


@dataclass(frozen=True)
class Record:
    """What is known of a run.

    Args:
        path: The run folder.
        facts: What run.json says.
        history: One table of numbers an epoch.
        evidence: What was seen on the test part; `None` without one.
        model: The trained model; `None` where it is missing or needs code.
        notes: What could not be read, and why.
    """

    path: Path
    facts: dict[str, Any]
    history: list[dict[str, Any]]
    evidence: Evidence | None = None
    model: Any = None
    notes: tuple[str, ...] = field(default=())

    def fact(self, *path: str, kind: Any = str, default: Any = None) -> Any:
        """The entry of run.json at a path of names, or `default` where there is none."""
        return find(self.facts, *path, kind=kind, default=default)

    @property
    def status(self) -> str:
        """How it ended: "finished", "interrupted", "diverged", "failed"; "running" if killed."""
        return self.fact("status", default="unknown")

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        if self.evidence is not None:
            return self.evidence.is_classification
        return self.fact("data", "task") != "regression"

    def series(self, name: str) -> list[float]:
        """A number of the history, NaN in epochs that lack it; empty where all do."""
        values = [_number(row.get(name)) for row in self.history]
        return values if any(math.isfinite(value) for value in values) else []

    @property
    def epochs(self) -> list[int]:
        """The numbers of the epochs, the first being 1."""
        return [int(row["epoch"]) for row in self.history]


def read_record(path: Path, model: Any = None) -> Record:
    """Reads a run folder; never runs code that a file holds.

    Args:
        path: The run folder.
        model: The trained model; that of the folder's file when `None`.

    Raises:
        ArgumentError: The folder holds no run.
        LoadError: run.json is damaged.
    """
    if not (path / "run.json").is_file():
        raise ArgumentError(
            f"{shown_path(path)} holds no run.",
            expected="a folder with a run.json, as `lamina train` leaves it.",
            fix="name the folder of a run.",
        )
    facts = read_json(path / "run.json", max_string_bytes=limits.MIB)
    if not isinstance(facts, dict):
        raise unusable(str(path / "run.json"), "it is no object.")
    notes: list[str] = []
    history = _if_there(path / "history.jsonl", lambda: read_history(path), notes)
    evidence = _if_there(path / storing.DOCUMENT, lambda: storing.read(path), notes)
    model_path = path / "model.lamina"
    if model is None:
        model = _if_there(model_path, lambda: load_model(model_path, compile=False), notes)
    return Record(path, facts, history or [], evidence, model, tuple(notes))


def _if_there(file: Path, read: Callable[[], Found], notes: list[str]) -> Found | None:
    """What `read` returns, or `None` and a note."""
    if not file.exists():
        notes.append(f"{_MISSING[file.name]}: {file.name} is not there.")
        return None
    try:
        return read()
    except (LoadError, StorageError, ArgumentError) as error:
        notes.append(f"{file.name} is left out: {error.problem}")
        return None


def read_history(path: Path) -> list[dict[str, Any]]:
    """The numbers of each epoch; a last line that a kill cut short is left out.

    Raises:
        LoadError: Another line is damaged.
        StorageError: The file is missing.
    """
    file = path / "history.jsonl"
    lines = read_whole(file, _HISTORY_BYTES).split(b"\n")
    whole = [line for line in lines[:-1] if line.strip()][:_MOST_EPOCHS]
    rows = []
    for place, line in enumerate(whole, start=1):
        row = read_json(line, name=f"{file}, line {place}")
        is_row = isinstance(row, dict) and type(row.get("epoch")) is int
        if not is_row:
            raise unusable(str(file), f"line {place} is not the record of an epoch.")
        rows.append(row)
    return rows


def _number(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else math.nan

"""The runs of a folder as a table, the newest first."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import LaminaError, StorageError
from lamina.core.names import shown_path
from lamina.files import limits, read_json
from lamina.report.reading import find
from lamina.report.wording import clean, typed
from lamina.workbench import resuming
from lamina.workbench.aligned import table

RUNS = Path("runs")
_DEPTH = 3
_MOST = 2_000
_TO_GO_ON = ("interrupted", "stopped")
_SHOWN = 3
_SCORES = (("accuracy", "accuracy"), ("r2_score", "R2"), ("mae", "MAE"))


@dataclass(frozen=True)
class Entry:
    """One run.

    Args:
        path: Its folder.
        status: "finished", "interrupted", "diverged", "failed", "running", "stopped" (it was
            killed: nobody is at it any more) or "unreadable".
        started: When, in ISO form; empty where unknown.
        data: What it was trained on.
        model: The name of its model.
        score_name: What `score` is; empty without one.
        score: The number of its test.
        seconds: How long it took.
        go_on: The command that goes on with it, where it was interrupted or stopped.
    """

    path: str
    status: str
    started: str = ""
    data: str = ""
    model: str = ""
    score_name: str = ""
    score: float | None = None
    seconds: float | None = None
    go_on: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The run as plain data."""
        return asdict(self)


def runs_in(folder: str | Path | None = None) -> list[Entry]:
    """All runs in a folder and in its folders, the newest first.

    Args:
        folder: Where to look; `runs` where there is such a folder, else this one, when `None`.

    Raises:
        StorageError: There is no such folder.
    """
    root = (RUNS if RUNS.is_dir() else Path()) if folder is None else Path(folder).expanduser()
    if not root.is_dir():
        raise StorageError(
            f"there is no folder {shown_path(root)}.",
            expected="a folder with runs in it.",
            fix="train first: lamina train digits.",
        )
    found = [_entry(path) for path in _folders(root, _DEPTH)]
    return sorted(found, key=lambda entry: (entry.started, entry.path), reverse=True)


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """Folders with a run.json; what lies inside one is not looked at. Links are not followed."""
    if (root / "run.json").is_file():
        yield root
        return
    if not depth:
        return
    try:
        children = sorted(os.scandir(root), key=lambda child: child.name)
    except PermissionError:
        return
    for child in children[:_MOST]:
        if child.is_dir(follow_symlinks=False) and not child.name.startswith("."):
            yield from _folders(Path(child.path), depth - 1)


def _entry(path: Path) -> Entry:
    try:
        facts = read_json(path / "run.json", max_string_bytes=limits.MIB)
    except LaminaError:
        return Entry(str(path), "unreadable")
    status = find(facts, "status", default="unknown")
    if status == "running" and not resuming.is_at_work(path):
        status = "stopped"
    number = (int, float)
    scores = [(s, find(facts, "results", "test", s, kind=number)) for s, _ in _SCORES]
    name, score = next((pair for pair in scores if pair[1] is not None), ("", None))
    return Entry(
        path=str(path),
        status=status,
        started=find(facts, "started", default=""),
        data=find(facts, "data", "title", default=""),
        model=find(facts, "model", "name", default=""),
        score_name=name,
        score=score,
        seconds=find(facts, "seconds", kind=number),
        go_on=resuming.command_to_go_on(path) if status in _TO_GO_ON else "",
    )


def lines(entries: list[Entry]) -> list[str]:
    """Runs as a table for a terminal.

    Args:
        entries: What `runs_in` found.
    """
    if not entries:
        return ["no runs here; make one: lamina train digits"]
    rows: list[tuple[str, ...]] = [
        ("run", "status", "data", "model", "test score", "seconds", "started")
    ]
    rows += [_row(entry) for entry in entries]
    return table(rows, right=(5,)) + _how_to_go_on(entries)


def _how_to_go_on(entries: list[Entry]) -> list[str]:
    """The commands for the newest runs that did not come to their end."""
    commands = [entry.go_on for entry in entries if entry.go_on]
    left = len(commands) - _SHOWN
    more = [f"and {left} more, with --json"] if left > 0 else []
    return ["", "to go on:"] * bool(commands) + [f"  {one}" for one in commands[:_SHOWN]] + more


def _row(entry: Entry) -> tuple[str, ...]:
    label = dict(_SCORES).get(entry.score_name, "")
    score = "-" if entry.score is None else f"{typed(entry.score)} {label}"
    seconds = "-" if entry.seconds is None else f"{entry.seconds:,.1f}"
    started = entry.started[5:16].replace("T", " ") or "-"
    names = (clean(entry.data or "-", 14), clean(entry.model or "-", 8))
    return (_tail(entry.path, 24), entry.status[:11], *names, score, seconds, started)


def _tail(path: str, limit: int) -> str:
    """The end of a path, which tells runs apart."""
    return path if len(path) <= limit else f"…{path[1 - limit :]}"

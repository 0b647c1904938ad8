"""A run folder that holds a run already: is it the same run, did it end, is somebody at it?"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, LaminaError
from lamina.core.names import shown_path
from lamina.files import limits, read_json
from lamina.files.locks import FolderLock, is_held
from lamina.train import circumstances
from lamina.train.run_folder import RunFolder
from lamina.workbench import own_models, plan_file
from lamina.workbench.settings import Settings

CHECKPOINTS = "checkpoints"
_LOCK = "run.lock"
_UNFINISHED = ("running", "interrupted")
_FREE = ("source", "every", "check", "ignore", "seeds")
"""Settings that change no bit of a run; what stands at the source is compared by its hash."""


@dataclass(frozen=True)
class Earlier:
    """A run that a folder holds.

    Args:
        path: The folder.
        plan: What its plan file says.
        facts: What its run.json says.
    """

    path: Path
    plan: dict[str, Any]
    facts: dict[str, Any]

    @property
    def has_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.facts.get("status") == "finished"

    def open(self) -> RunFolder:
        """The folder, to go on in."""
        folder = RunFolder(self.path)
        folder.go_on(self.facts)
        return folder


def find(path: Path | None) -> Earlier | None:
    """The run in a folder, or `None` where it holds none.

    Raises:
        LoadError: Its run.json or its plan is damaged.
        StorageError: They cannot be read.
    """
    if path is None or not ((path / "run.json").is_file() and (path / plan_file.NAME).is_file()):
        return None
    facts = read_json(path / "run.json", max_string_bytes=limits.MIB)
    if not isinstance(facts, dict):
        return None
    return Earlier(path, plan_file.read(path / plan_file.NAME), facts)


def compare(earlier: Earlier, decided: Settings, fingerprint: str) -> None:
    """Passes a run that is the same as the one in the folder.

    Raises:
        ArgumentError: Settings or data differ; the message lists how.
    """
    changed = _differences(earlier, decided, fingerprint)
    if changed:
        raise ArgumentError(
            f"the run in {shown_path(earlier.path, 60)} was begun with other settings: "
            f"{', '.join(changed)}."[:200],
            expected="the same run. " + "; ".join(changed.values()) + ".",
            fix=f"take these back, or choose another folder: --out {_next(earlier.path)}.",
        )


def _differences(earlier: Earlier, decided: Settings, fingerprint: str) -> dict[str, str]:
    plan = decided.to_plan()
    names = [name for name in {**earlier.plan, **plan} if name not in _FREE]
    changed = {
        name: f"{name} was {_word(earlier.plan.get(name))}, now {_word(plan.get(name))}"
        for name in names
        if earlier.plan.get(name) != plan.get(name)
    }
    data = earlier.facts.get("data")
    before = data.get("fingerprint") if isinstance(data, dict) else None
    if before != fingerprint:
        changed["data"] = f"data had the hash {str(before)[:12]}, now {fingerprint[:12]}"
    return changed


def unfinished(root: Path, stem: str, decided: Settings, fingerprint: str) -> Path | None:
    """The newest run in a folder that was stopped, and that the same command can go on with.

    It has the same settings, data and versions, and for a model of the user's own the same file.

    Args:
        root: Where runs lie.
        stem: What their names begin with, before the number.
        decided: With nothing left open.
        fingerprint: That of the data.
    """
    for path in _numbered(root, stem):
        try:
            earlier = find(path)
        except LaminaError:  # one that cannot be read is not gone on with
            continue
        if earlier is None or earlier.facts.get("status") not in _UNFINISHED:
            continue
        is_same = not _differences(earlier, decided, fingerprint)
        if is_same and _is_made_alike(earlier, decided) and not is_at_work(path):
            return path
    return None


def _numbered(root: Path, stem: str) -> Iterator[Path]:
    """Folders called `stem-1`, `stem-2` ..., the last one first."""
    if not root.is_dir():
        return
    names = [path.name for path in root.iterdir() if path.name.startswith(f"{stem}-")]
    numbers = [int(word) for name in names if (word := name[len(stem) + 1 :]).isdecimal()]
    yield from (root / f"{stem}-{number}" for number in sorted(numbers, reverse=True))


def _is_made_alike(earlier: Earlier, decided: Settings) -> bool:
    model = earlier.facts.get("model")
    code = model.get("code") if isinstance(model, dict) else None
    is_same_code = code == own_models.code_of(decided.model or "")
    return is_same_code and earlier.facts.get("versions") == circumstances.versions()


def unfinished_seeds(root: Path, stem: str, decided: Settings, fingerprint: str) -> Path | None:
    """The newest folder of runs with several seeds that the same command can go on with.

    Args:
        root: As for `unfinished`.
        stem: Likewise.
        decided: Likewise, for the first seed.
        fingerprint: Likewise.
    """
    for path in _numbered(root, stem):
        try:
            plan = plan_file.read(path / plan_file.NAME)
            first = find(path / f"seed-{decided.seed}")
            facts = read_json(path / "seeds.json") if (path / "seeds.json").is_file() else {}
        except LaminaError:
            continue
        if first is None or is_held(path, _LOCK) or plan.get("seeds") != decided.seeds:
            continue
        has_ended = isinstance(facts, dict) and facts.get("status") == "finished"
        is_same = not _differences(first, decided, fingerprint) and _is_made_alike(first, decided)
        if is_same and not has_ended:
            return path
    return None


def held(path: Path) -> FolderLock:
    """The hold of a process on the folder of its run, from the first file to the last.

    Raises:
        StorageError: Another process is at it.
    """
    return FolderLock(path / CHECKPOINTS, _LOCK)


def held_for_seeds(path: Path) -> FolderLock:
    """The hold of a process on a folder of runs with several seeds.

    Raises:
        StorageError: Another process is at it.
    """
    return FolderLock(path, _LOCK)


def is_at_work(path: Path) -> bool:
    """Whether a process is at the run in a folder now."""
    folder = path / CHECKPOINTS
    return is_held(folder, _LOCK) or is_held(folder)


def command_to_go_on(path: Path) -> str:
    """The shell command that goes on with the run in a folder.

    Args:
        path: The run folder; its plan names the source.
    """
    plan = path / plan_file.NAME
    return shlex.join(["lamina", "train", "--config", str(plan), "--out", str(path)])


def _word(value: Any) -> str:
    return "not set" if value is None else str(value)


def _next(path: Path) -> Path:
    """A folder beside this one that is free."""
    number = 2
    while (found := path.with_name(f"{path.name}-{number}")).exists():
        number += 1
    return found

"""A run folder that holds a run already: is it the same run, and did it end?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.names import shown_path
from lamina.files import limits, read_json
from lamina.train.run_folder import RunFolder
from lamina.workbench import plan_file
from lamina.workbench.settings import Settings

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
    if changed:
        raise ArgumentError(
            f"the run in {shown_path(earlier.path, 60)} was begun with other settings: "
            f"{', '.join(changed)}."[:200],
            expected="the same run. " + "; ".join(changed.values()) + ".",
            fix=f"take these back, or choose another folder: --out {_next(earlier.path)}.",
        )


def _word(value: Any) -> str:
    return "not set" if value is None else str(value)


def _next(path: Path) -> Path:
    """A folder beside this one that is free."""
    number = 2
    while (found := path.with_name(f"{path.name}-{number}")).exists():
        number += 1
    return found

"""The folder of a run: run.json, history.jsonl and model.lamina, plain files.

run.json is replaced as a whole whenever something is known; history.jsonl grows by a line an
epoch, so that a killed run leaves what it had done.
"""

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, StorageError
from lamina.core.names import shown_path
from lamina.files import atomic, write_text
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.scalars import scalar

FORMAT = "lamina run 1"


class RunFolder:
    """Keeps what a run was asked for and what came out.

    Args:
        path: A folder that `create` or `create_next` made.

    Attributes:
        path: The folder.
        facts: What run.json says.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts: dict[str, Any] = {"format": FORMAT, "status": "running", "started": _now()}

    @property
    def history_path(self) -> Path:
        """One line of JSON an epoch."""
        return self.path / "history.jsonl"

    @property
    def model_path(self) -> Path:
        """The trained model."""
        return self.path / "model.lamina"

    def note(self, **facts: Any) -> None:
        """Adds to run.json, or replaces what it said under the same names.

        Raises:
            StorageError: The file cannot be written.
        """
        self.facts.update(facts)
        text = json.dumps(_plain(self.facts), indent=2, ensure_ascii=False, allow_nan=False)
        write_text(self.path / "run.json", text + "\n")

    def go_on(self, facts: Mapping[str, Any]) -> None:
        """Takes up what run.json said of a run that was begun before."""
        self.facts = {**self.facts, **facts, "status": "running"}
        self.facts.pop("ended", None)

    def end(self, status: str, **facts: Any) -> None:
        """Notes how the run ended: "finished", "interrupted", "diverged" or "failed"."""
        self.note(status=status, ended=_now(), **facts)


def create(path: Path) -> RunFolder:
    """Makes the folder of a run, which must not hold anything yet.

    Raises:
        ArgumentError: The folder holds files, or is a file.
        StorageError: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        is_free = not any(path.iterdir())
    except (FileExistsError, NotADirectoryError):
        is_free = False
    except OSError as error:
        raise _unmakeable(path, error) from error
    if not is_free:
        raise ArgumentError(
            f"{shown_path(path)} holds something already, so no run is written there.",
            expected="a new or empty folder for each run.",
            fix="choose another folder, or remove that one first.",
        )
    return RunFolder(path)


def create_next(root: Path, stem: str) -> RunFolder:
    """Makes the first folder `root/stem-1`, `root/stem-2` ... that does not exist yet.

    Raises:
        StorageError: It cannot be made.
    """
    number = 1
    while True:
        path = root / f"{stem}-{number}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not root.is_dir():
                raise _unmakeable(root, NotADirectoryError("a file has that name")) from None
            number += 1
        except OSError as error:
            raise _unmakeable(path, error) from error
        else:
            return RunFolder(path)


class HistoryLog(Callback):
    """Writes the numbers of each epoch as a line of JSON that is on the disk when it ends.

    A number that is not finite becomes null, which JSON knows. A run that goes on from a
    checkpoint first drops the lines of later epochs, which it will do again.

    Args:
        path: The file; lines are added at its end.

    Raises:
        StorageError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.num_lines = 0

    def state(self) -> dict[str, Any]:
        """The number of lines so far."""
        return {"num_lines": self.num_lines}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on after so many lines.

        Raises:
            StorageError: The file cannot be read or written.
        """
        self.num_lines = state["num_lines"]
        try:
            whole = self.path.read_bytes().splitlines(keepends=True)
        except OSError as error:
            raise self._unusable(error) from error
        if len(whole) > self.num_lines:
            atomic.write_bytes(self.path, b"".join(whole[: self.num_lines]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds the line of an epoch, the first being 1."""
        row = {"epoch": epoch + 1, **{k: scalar(v) for k, v in (logs or {}).items()}}
        line = json.dumps(_plain(row), allow_nan=False) + "\n"
        try:
            if self.num_lines == 0:  # what a run left that was killed before its first checkpoint
                atomic.write_bytes(self.path, b"")
            self._append(line.encode())
        except StorageError:  # an OSError too, which says what it has to say
            raise
        except OSError as error:
            raise self._unusable(error) from error
        self.num_lines += 1

    def _unusable(self, error: OSError) -> StorageError:
        return StorageError(
            f"{shown_path(self.path)} cannot be written: {error.strerror or error}.",
            expected="a folder with free space that this user may change.",
            fix="free space, or choose another folder for the run.",
        )

    def _append(self, line: bytes) -> None:
        descriptor = atomic.effects.append(os.fspath(self.path))
        try:
            atomic.effects.write(descriptor, line)
            atomic.effects.sync(descriptor)
        finally:
            os.close(descriptor)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: paths as text, tuples as lists, no NaN."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unmakeable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"folder {shown_path(path)} cannot be made: {error.strerror or error}.",
        expected="a place where this user may make folders.",
        fix="choose another folder for the run.",
    )

"""Checkpoint files of one folder: written whole or not at all, checked byte by byte when read.

What stands in them is the business of `snapshot`; when they are written, that of `keeping`.
"""

import hashlib
import json
import os
import re
import struct
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from torch import Tensor

from lamina.core.errors import LoadError, StorageError
from lamina.core.names import shown_path
from lamina.files import atomic, limits
from lamina.files.documents import read_json
from lamina.files.locks import FolderLock
from lamina.files.opening import damaged, open_source, printable
from lamina.files.tensors import lay_out_safetensors, read_safetensors

MAGIC = b"LAMCKPT1"
KEEP = 2
_PREFIX = struct.Struct("<8sQ32s")  # magic, bytes that follow, their SHA-256
_LENGTH = struct.Struct("<Q")  # bytes of the document, in front of it
_NAME = re.compile(r"step-(\d{1,15})\.ckpt")
_LITTER = re.compile(r"step-\d{1,15}\.ckpt\.tmp\.\d+")
_TEXT_BYTES = limits.MIB


class Saved(NamedTuple):
    """What a checkpoint file holds."""

    path: Path
    document: dict[str, Any]
    tensors: dict[str, Tensor]


class Checkpoints:
    """The checkpoints of one run, in a folder that it alone writes to.

    Args:
        folder: The folder; made where it is missing.
        keep: How many checkpoints stay.

    Raises:
        StorageError: Another run holds the folder, or it cannot be written to.

    Example:
        >>> with Checkpoints("runs/x") as checkpoints:
        ...     checkpoints.save(10, {"epoch": 1}, {"kernel": kernel})
    """

    def __init__(self, folder: str | os.PathLike, keep: int = KEEP) -> None:
        self.folder = Path(folder)
        self._keep = keep
        self._damaged: set[int] = set()
        self._lock = FolderLock(self.folder)
        self._remove_litter()

    def latest(self) -> Saved | None:
        """The newest checkpoint that is whole; `None` where there is none at all.

        A damaged one is passed over with a warning, and removed when the next one is on the disk.

        Raises:
            LoadError: There are checkpoints, and all of them are damaged.
        """
        numbers = sorted(self._numbers(), reverse=True)
        for number in numbers:
            try:
                return read(self._path(number))
            except LoadError as error:
                self._damaged.add(number)
                problem = error.problem
                if number != numbers[-1]:
                    _warn(problem)
        if not numbers:
            return None
        raise LoadError(
            f"no checkpoint in {shown_path(self.folder, 60)} can be read; {problem}"[:200],
            expected="at least one whole checkpoint.",
            fix="begin anew in another folder, or remove the files step-*.ckpt.",
        )

    def save(self, number: int, document: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Path:
        """Writes a checkpoint; when this returns, it survives a loss of power.

        Args:
            number: Steps made so far, which name the file.
            document: Plain data for JSON.
            tensors: Tensors by name; copied to the CPU where they are not there.

        Raises:
            StorageError: It cannot be written. The checkpoints before it are as they were.
        """
        path = atomic.write_bytes(self._path(number), pack(document, tensors))
        self._damaged.discard(number)
        good = sorted(self._numbers() - self._damaged)
        for old in sorted(self._damaged) + good[: -self._keep]:
            atomic.remove(self._path(old))
        self._damaged.clear()
        return path

    def remove_all(self) -> None:
        """Removes every checkpoint, the oldest first."""
        for number in sorted(self._numbers()):
            atomic.remove(self._path(number))

    def close(self) -> None:
        """Lets the folder go."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _path(self, number: int) -> Path:
        return self.folder / f"step-{number}.ckpt"

    def _numbers(self) -> set[int]:
        try:
            names = os.listdir(self.folder)
        except OSError as error:
            raise StorageError(
                f"folder {shown_path(self.folder, 120)} cannot be listed: {error.strerror}.",
                expected="a folder that this user may read.",
                fix="check that it still exists, and its permissions.",
            ) from error
        return {int(found[1]) for name in names if (found := _NAME.fullmatch(name))}

    def _remove_litter(self) -> None:
        """Removes what a killed run left half written; only the holder of the lock may."""
        for name in os.listdir(self.folder):
            if _LITTER.fullmatch(name):
                with suppress(OSError):
                    atomic.effects.unlink(os.fspath(self.folder / name))


def pack(document: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> list[Any]:
    """The bytes of a checkpoint in pieces; equal content gives equal bytes."""
    text = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
    pieces = [_LENGTH.pack(len(text)), text, *lay_out_safetensors(tensors)]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return [_PREFIX.pack(MAGIC, sum(map(len, pieces)), digest.digest()), *pieces]


def read(path: str | os.PathLike) -> Saved:
    """Reads one checkpoint file, after its length and its checksum were verified.

    Raises:
        LoadError: It is damaged, cut off or no checkpoint.
        StorageError: It cannot be opened.
    """
    path = Path(path)
    name = path.name
    with open_source(path, name=name) as opened:
        prefix = opened.file.read(_PREFIX.size)
        if len(prefix) < _PREFIX.size or not prefix.startswith(MAGIC):
            raise _unusable(name, f"it starts with the bytes {printable(prefix[:8], 40)}.")
        _, length, checksum = _PREFIX.unpack(prefix)
        if length != opened.size - _PREFIX.size or not length >= _LENGTH.size:
            raise _unusable(name, f"{length:,} bytes are promised, {opened.size:,} are there.")
        front = opened.file.read(_LENGTH.size)
        size = min(_LENGTH.unpack(front)[0], length - _LENGTH.size)
        text = opened.file.read(size)
        payload = opened.file.read(length - _LENGTH.size - size)
    digest = hashlib.sha256(front)
    digest.update(text)
    digest.update(payload)
    if digest.digest() != checksum:
        raise _unusable(name, "its bytes changed (SHA-256).")
    document = read_json(text, name=name, max_string_bytes=_TEXT_BYTES)
    if not isinstance(document, dict):
        raise _unusable(name, "its document is no object.")
    return Saved(path, document, read_safetensors(payload, name=name).tensors)


def _unusable(name: str, what: str) -> LoadError:
    return damaged(
        name,
        what,
        expected="a complete checkpoint, as fit(checkpoint=...) writes it.",
        fix="remove the file; the checkpoint before it is then used.",
    )


def _warn(problem: str) -> None:
    warnings.warn(
        f"{problem}\n  expected: a complete checkpoint.\n"
        "  fix: nothing; the run goes on from the checkpoint before it.",
        stacklevel=4,
    )

"""Writes a file beside its target, syncs it and renames it, so that no reader sees a half.

Every durable effect goes through `effects`, which a test replaces to stop or fail the nth one.
"""

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lamina.core.errors import StorageError
from lamina.core.names import shown_path

Content = bytes | bytearray | memoryview
Chunks = Content | Iterable[Content]
"""The content of a file, at once or piece by piece."""


class Effects:
    """The calls that change the disk, one method each."""

    def create(self, path: str) -> int:
        """Creates a file that must not exist, and opens it for writing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)

    def append(self, path: str) -> int:
        """Opens a file for writing at its end, creating it if there is none."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)

    def write(self, descriptor: int, data: Content) -> None:
        """Writes all of `data`."""
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync(self, descriptor: int) -> None:
        """Waits until the disk has a file or a folder."""
        os.fsync(descriptor)

    def rename(self, source: str, target: str) -> None:
        """Puts `source` in the place of `target`, all at once."""
        os.replace(source, target)

    def unlink(self, path: str) -> None:
        """Removes a file."""
        os.unlink(path)


_BINARY = getattr(os, "O_BINARY", 0)
effects = Effects()


def write_bytes(path: str | os.PathLike, chunks: Chunks) -> Path:
    """Replaces or creates a file so that it is whole after any crash: the old one or the new one.

    Writes `<name>.tmp.<pid>` in the same folder, syncs it, renames it over the target and syncs
    the folder. When this returns, the content survives a loss of power.

    Args:
        path: The file to write. A link is followed: the file it points to is replaced.
        chunks: The content, as bytes or as an iterable of bytes.

    Returns:
        The path of the written file.

    Raises:
        StorageError: The folder is missing or full, or the disk refused a write. The target is
            then as it was, and the temporary file is gone.
    """
    target = writable_target(path)
    temporary = f"{target}.tmp.{os.getpid()}"
    try:
        _write_beside(temporary, target, chunks)
        effects.rename(temporary, target)
        sync_folder(os.path.dirname(target))
    except OSError as error:
        _discard(temporary)
        raise _unwritten(target, error) from error
    except BaseException:
        _discard(temporary)
        raise
    return Path(target)


def write_text(path: str | os.PathLike, text: str) -> Path:
    """Replaces or creates a UTF-8 text file, with the promises of `write_bytes`."""
    return write_bytes(path, text.encode())


def remove(path: str | os.PathLike) -> None:
    """Removes a file if it is there, and waits until the disk knows.

    Raises:
        StorageError: The file is there and cannot be removed.
    """
    try:
        with suppress(FileNotFoundError):
            effects.unlink(os.fspath(path))
            sync_folder(os.path.dirname(os.path.abspath(path)))
    except OSError as error:
        raise StorageError(
            f"file {shown_path(path)} cannot be removed: {error.strerror}.",
            expected="a folder that this user may change.",
            fix="check the permissions of the folder.",
        ) from error


def remove_litter(folder: str | os.PathLike, pattern: re.Pattern[str]) -> None:
    """Removes what killed processes left half written beside the files of these names.

    Args:
        folder: Where the files are; it need not exist.
        pattern: Matches the names of the files that are written there.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            target, _, number = name.rpartition(".tmp.")
            if number.isdecimal() and pattern.fullmatch(target) and not _is_running(int(number)):
                effects.unlink(os.path.join(folder, name))


def _is_running(process: int) -> bool:
    if os.name == "nt":  # where asking would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def sync_folder(folder: str) -> None:
    """Waits until the disk has the names in a folder (Windows does so by itself)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        effects.sync(descriptor)
    finally:
        os.close(descriptor)


def _write_beside(temporary: str, target: str, chunks: Chunks) -> None:
    descriptor = _create(temporary)
    try:
        if os.path.exists(target) and hasattr(os, "fchmod"):
            os.fchmod(descriptor, stat.S_IMODE(os.stat(target).st_mode))
        for chunk in _pieces(chunks):
            effects.write(descriptor, chunk)
        effects.sync(descriptor)
    finally:
        os.close(descriptor)


def _pieces(chunks: Chunks) -> Iterable[Content]:
    return (chunks,) if isinstance(chunks, (bytes, bytearray, memoryview)) else chunks


def _create(temporary: str) -> int:
    try:
        return effects.create(temporary)
    except FileExistsError:  # left by a killed process that had our number
        effects.unlink(temporary)
        return effects.create(temporary)


def _discard(temporary: str) -> None:
    with suppress(OSError):
        effects.unlink(temporary)


def writable_target(path: str | os.PathLike) -> str:
    """The file that a path leads to, links followed; its folder exists.

    Raises:
        StorageError: It is a folder, or its folder is missing.
    """
    target = os.path.realpath(os.fsdecode(path))
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        raise StorageError(
            f"{shown_path(target)} is a folder and cannot be written as a file.",
            expected="the path of a file.",
            fix="add a file name to the path.",
        )
    if not os.path.isdir(folder):
        raise StorageError(
            f"folder {shown_path(folder, 76)} does not exist, "
            f"so {shown_path(target)} is not written.",
            expected="the path of a file in an existing folder.",
            fix=f"create the folder first: os.makedirs({str(folder)!r}).",
        )
    return target


def _unwritten(target: str, error: OSError) -> StorageError:
    return StorageError(
        f"file {shown_path(target)} cannot be written: {error.strerror or error}.",
        expected="a folder with free space that this user may change.",
        fix="free space, or choose another folder.",
    )

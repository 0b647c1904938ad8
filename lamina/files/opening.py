"""Opens what a user named: a local, regular file or bytes, once, with a size known beforehand."""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from lamina.core.errors import LoadError, StorageError
from lamina.core.names import shown_path

Source = str | os.PathLike | bytes | bytearray | memoryview
"""A path (str or PathLike) or the content itself (bytes)."""


class Opened(NamedTuple):
    """An open file with the size it had when it was opened."""

    file: BinaryIO
    size: int
    name: str


def printable(value: object, limit: int = 80) -> str:
    """`repr` of text from a file, cut to `limit` characters, control characters escaped."""
    text = ascii(value) if isinstance(value, bytes) else repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def label_of(source: Source) -> str:
    """What messages call a source: its path, or that it was bytes."""
    return os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else "<bytes>"


def damaged(name: str, what: str, *, expected: str, fix: str) -> LoadError:
    """The error for a file whose content cannot be used; `what` may start with a place in it."""
    room = min(90, max(40, 198 - len(what)))
    return LoadError(f"{shown_path(name, room)}: {what}"[:200], expected=expected, fix=fix)


@contextmanager
def open_source(source: Source, *, name: str | None = None) -> Iterator[Opened]:
    """Opens a path, or wraps bytes, for one reader.

    Args:
        source: Path of a local, regular file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Raises:
        StorageError: There is no such file, or it cannot be opened.
        LoadError: It is a folder, a pipe, a socket, a device or a URL.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield Opened(io.BytesIO(source), len(source), name or "<bytes>")
        return
    path = os.fsdecode(source)
    name = name or path
    with os.fdopen(_open_regular(path, name), "rb") as file:
        yield Opened(file, os.fstat(file.fileno()).st_size, name)


def read_whole(source: Source, limit: int, *, name: str | None = None) -> bytes:
    """Reads a file of at most `limit` bytes into memory."""
    with open_source(source, name=name) as opened:
        if opened.size > limit:
            raise damaged(
                opened.name,
                f"the file has {opened.size:,} bytes.",
                expected=f"at most {limit:,} bytes.",
                fix="check that this is the file you mean.",
            )
        data = opened.file.read(opened.size + 1)
    if len(data) != opened.size:
        raise damaged(
            opened.name,
            "the file changed while it was read.",
            expected="a file that no other program is writing.",
            fix="wait for the other program to finish, then read the file again.",
        )
    return data


def _open_regular(path: str, name: str) -> int:
    if "://" in path:
        raise damaged(
            name,
            "this is an address, not a file on this machine.",
            expected="the path of a local file.",
            fix="download it first, for example with lamina.utils.get_file(origin=...).",
        )
    # Without O_NONBLOCK, opening a pipe would wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise _unopened(name, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"
        raise damaged(
            name,
            f"this is {kind}, not a file.",
            expected="the path of a regular file.",
            fix="pass the path of the file itself.",
        )
    return descriptor


def _unopened(name: str, error: OSError | ValueError) -> LoadError | StorageError:
    if isinstance(error, ValueError):
        return damaged(
            name,
            "the path contains a NUL character.",
            expected="the path of a local file.",
            fix="remove the NUL character from the path.",
        )
    if error.errno in (errno.EISDIR, errno.EACCES) and os.path.isdir(name):
        return damaged(
            name,
            "this is a folder, not a file.",
            expected="the path of a regular file.",
            fix="pass the path of the file itself.",
        )
    if isinstance(error, FileNotFoundError):
        return StorageError(
            f"file {shown_path(name)} does not exist.",
            expected="the path of an existing file.",
            fix=f"check the spelling; the current folder is {shown_path(os.getcwd())}.",
        )
    return StorageError(
        f"file {shown_path(name)} cannot be opened: {error.strerror}.",
        expected="a file that this user may read.",
        fix="check the permissions of the file and of its folders.",
    )

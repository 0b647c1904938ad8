"""One writer per folder: a lock that the kernel frees when its process ends, however it ends."""

import errno
import os
import weakref
from pathlib import Path
from typing import Any

from lamina.core.errors import StorageError
from lamina.files.opening import printable

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None  # type: ignore[assignment]  # not on Windows

LOCK_NAME = "lock"
_BUSY = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


class FolderLock:
    """Holds a folder until `release`, or until the process is gone.

    The file `lock` stays in the folder; it is the hold on it that counts. Child processes made by
    a fork do not keep the hold alive.

    Args:
        folder: The folder; made where it is missing.
        name: Name of the file in it; holds with different names know nothing of each other.

    Raises:
        StorageError: Another run holds the folder, or it cannot be written to.
    """

    def __init__(self, folder: str | os.PathLike, name: str = LOCK_NAME) -> None:
        self.folder = Path(folder)
        self._descriptor: int | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o666)
            _hold(self._descriptor)
        except OSError as error:
            self.release()
            raise _unheld(self.folder, error) from error
        _held.add(self)

    def release(self) -> None:
        """Lets the folder go; does nothing the second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_held(folder: str | os.PathLike, name: str = LOCK_NAME) -> bool:
    """Whether some process holds a folder now; a folder that cannot be looked into is not held.

    Args:
        folder: The folder; nothing is made.
        name: Name of the file in it.
    """
    try:
        descriptor = os.open(Path(folder) / name, os.O_RDWR)
    except OSError:
        return False
    try:
        _hold(descriptor)
    except OSError as error:
        return error.errno in _BUSY
    finally:
        os.close(descriptor)
    return False


_held: weakref.WeakSet[FolderLock] = weakref.WeakSet()


def _release_in_child() -> None:
    """Closes the copies that a fork made; the hold stays with the parent alone."""
    for lock in list(_held):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)


def _hold(descriptor: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        windows: Any = msvcrt
        windows.locking(descriptor, windows.LK_NBLCK, 1)


def _unheld(folder: Path, error: OSError) -> StorageError:
    shown = printable(str(folder), 120)
    if error.errno in _BUSY and os.access(folder, os.W_OK):
        return StorageError(
            f"another run is writing in {shown}.",
            expected="one run at a time in a folder.",
            fix="wait until it ends, or choose another folder.",
        )
    return StorageError(
        f"folder {shown} cannot be used for checkpoints: {error.strerror or error}.",
        expected="a folder that this user may make and change.",
        fix="check its permissions, or choose another folder.",
    )

"""Files that a command is asked to write: looked at before anything is computed."""

from collections.abc import Collection
from pathlib import Path

from lamina.core.errors import ArgumentError, StorageError
from lamina.core.names import shown, shown_path
from lamina.files.atomic import writable_target


def checked(path: Path, endings: Collection[str], *, overwrite: bool) -> Path:
    """Passes a file that can be written, so that a long computation does not end in an error.

    Args:
        path: The file.
        endings: Endings that it may have, lower case.
        overwrite: Whether it may exist.

    Raises:
        ArgumentError: It has another ending.
        StorageError: It exists, is a folder, or its folder does not exist.
    """
    place = path.expanduser()
    if not place.name.lower().endswith(tuple(endings)):
        raise ArgumentError(
            f"{shown_path(path)} does not end in what is written here.",
            expected=f"a file that ends in {' or '.join(endings)}.",
            fix=f"write {shown(place.stem + next(iter(endings)))}.",
        )
    target = Path(writable_target(place))
    if target.exists() and not overwrite:
        raise StorageError(
            f"file {shown_path(path)} exists already.",
            expected="a name that is not taken.",
            fix="choose another name, or add --overwrite.",
        )
    return target

"""Lists the pictures of a folder tree in one fixed order, with the class of each."""

import os
from dataclasses import dataclass, field

from lamina.core.errors import DataError
from lamina.files.opening import printable
from lamina.files.pictures import is_picture_name

_SYSTEM_FILES = ("thumbs.db", "desktop.ini")


@dataclass
class PictureIndex:
    """Paths in order, a class number each, and what was left out on the way."""

    paths: list[str] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    class_names: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def index_classes(
    directory: str, class_names: list[str] | None, *, follow_links: bool
) -> PictureIndex:
    """Lists the pictures below each class folder of `directory`.

    Class folders are sorted by their bytes, and so are the folders and files below them.

    Args:
        directory: The folder that holds one folder a class.
        class_names: Folders to use, in this order. All of them when `None`.
        follow_links: Whether links are followed out of `directory`.

    Raises:
        DataError: The folder is missing, has fewer than two class folders, lacks one of
            `class_names`, or a class folder holds no picture.
    """
    found = _class_folders(directory, follow_links)
    _check_classes(directory, found, class_names)
    index = PictureIndex(class_names=list(class_names or found))
    for number, name in enumerate(index.class_names):
        paths = _pictures(os.path.join(directory, name), directory, follow_links, index.skipped)
        if not paths:
            raise DataError(
                f"the class folder {printable(os.path.join(directory, name), 120)} "
                "holds no picture.",
                expected="at least one .png, .jpg, .jpeg, .bmp or .gif file in each class folder.",
                fix="remove the empty folder, or list the classes to use in class_names=.",
            )
        index.paths += paths
        index.classes += [number] * len(paths)
    return index


def index_pictures(directory: str, *, follow_links: bool) -> PictureIndex:
    """Lists all pictures below `directory`, whatever folders they lie in.

    Raises:
        DataError: The folder is missing or holds no picture.
    """
    _check_folder(directory)
    index = PictureIndex()
    index.paths = _pictures(directory, directory, follow_links, index.skipped)
    if not index.paths:
        raise _no_pictures(directory)
    return index


def _class_folders(directory: str, follow_links: bool) -> list[str]:
    _check_folder(directory)
    with os.scandir(directory) as entries:
        folders = [entry for entry in entries if entry.is_dir() and entry.name[0] != "."]
    link = next((entry.name for entry in folders if entry.is_symlink()), None)
    if link is not None and not follow_links:
        raise DataError(
            f"the class folder {printable(link)} in {printable(directory, 100)} is a link.",
            expected="real folders, unless links are to be followed.",
            fix="pass follow_links=True.",
        )
    return sorted((entry.name for entry in folders), key=os.fsencode)


def _check_folder(directory: str) -> None:
    if not os.path.isdir(directory):
        kind = "is a file" if os.path.exists(directory) else "does not exist"
        raise DataError(
            f"the folder {printable(directory, 120)} {kind}.",
            expected="a folder of pictures.",
            fix=f"check the spelling; the current folder is {printable(os.getcwd(), 120)}.",
        )


def _check_classes(directory: str, found: list[str], wanted: list[str] | None) -> None:
    missing = [name for name in wanted or () if name not in found]
    if missing:
        raise DataError(
            f"the folder {printable(directory, 100)} has no class folder {printable(missing[0])}.",
            expected=f"names among {', '.join(map(repr, found[:20])) or '(no folders)'}.",
            fix="correct class_names=, or leave it out to use all folders.",
        )
    if not found:
        raise _no_pictures(directory)
    if len(set(wanted or ())) != len(wanted or ()):
        raise DataError(
            f"class_names names a class folder twice: {printable(wanted, 100)}.",
            expected="each folder once.",
            fix="remove the double from class_names=.",
        )
    if len(wanted or found) < 2:
        raise DataError(
            f"the folder {printable(directory, 100)} has one class only: "
            f"{printable((wanted or found)[0])}.",
            expected="one folder a class, and at least two of them.",
            fix="pass the folder that holds the class folders, or labels=None for no labels.",
        )


def _no_pictures(directory: str) -> DataError:
    return DataError(
        f"the folder {printable(directory, 120)} holds no class folders or pictures.",
        expected="one folder a class with .png, .jpg, .jpeg, .bmp or .gif files.",
        fix="pass the folder that holds the class folders.",
    )


def _pictures(folder: str, root: str, follow_links: bool, skipped: list[str]) -> list[str]:
    """All pictures below `folder`, sorted by folder and then by name."""
    inside = os.path.realpath(root)
    files: list[tuple[bytes, bytes, str]] = []
    visited: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        status = os.stat(current)
        if (status.st_dev, status.st_ino) in visited:
            continue  # a link that leads back
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(current) as entries:
            for entry in entries:
                hidden = entry.name[0] == "." or entry.name.lower() in _SYSTEM_FILES
                if hidden or not (follow_links or _stays(entry, inside)):
                    skipped.append(entry.path)
                elif entry.is_dir():
                    waiting.append(entry.path)
                elif is_picture_name(entry.name):
                    files.append((os.fsencode(current), os.fsencode(entry.name), entry.path))
                else:
                    skipped.append(entry.path)
    return [path for _, _, path in sorted(files)]


def _stays(entry: os.DirEntry, root: str) -> bool:
    """Whether an entry is no link, or a link to a file (not a folder) inside the root."""
    if not entry.is_symlink():
        return True
    target = os.path.realpath(entry.path)
    return not entry.is_dir() and os.path.commonpath([root, target]) == root

"""Reads parts and classes out of the names of files: train/cat/1.png is a cat to learn from."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lamina.core.errors import DataError
from lamina.data.loading.listing import Listing
from lamina.files.opening import printable

PartName = Literal["train", "validation", "test"]
PART_NAMES: dict[str, PartName] = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
_PARTS: tuple[PartName, ...] = ("train", "validation", "test")
_SHOWN = 20


@dataclass
class Arrangement:
    """The pictures of a source in their order: by part, by class, by name.

    Args:
        class_names: Names of the class folders, sorted by their bytes.
        places: Numbers of the pictures in the listing.
        classes: The class number of each.
        sizes: How many belong to each part; without part folders all are "train".
        strays: Pictures outside of class folders.
        misfits: Files in class folders that are not named like pictures.
        nested: Folders with pictures that lie deeper than a class folder, in the order of names.
    """

    class_names: tuple[str, ...] = ()
    places: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    sizes: dict[PartName, int] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)


def arrange(listing: Listing) -> Arrangement:
    """Finds the parts and classes of a source, below a single top folder where there is one.

    Raises:
        DataError: There is no picture, no class folder, one class only, a class without a
            picture, or a class that only the validation or test part has.
    """
    if not listing.pictures:
        raise _no_pictures(listing)
    parts = structure(listing)[1]
    by_part = {part: _classes_below(listing, roots) for part, roots in parts.items()}
    found = Arrangement()
    found.class_names = _class_names(listing, by_part)
    number_of = {name: number for number, name in enumerate(found.class_names)}
    known: set[int] = set()
    for part in _PARTS:
        groups = by_part.get(part, {})
        for name in sorted(groups, key=os.fsencode):
            found.places += groups[name]
            found.classes += [number_of[name]] * len(groups[name])
            known.update(groups[name])
        if part in by_part:
            found.sizes[part] = sum(map(len, groups.values()))
    found.strays = [
        member.name for place, member in enumerate(listing.pictures) if place not in known
    ]
    roots = [root for several in parts.values() for root in several]
    deep = {folder for member in listing.pictures if (folder := _deeper(member.name, roots))}
    found.nested = sorted(deep, key=os.fsencode)
    found.misfits = [name for name in listing.others if _lies_in_class(name, roots)]
    return found


def structure(listing: Listing) -> tuple[str, dict[PartName, list[str]]]:
    """The folder that holds everything ("" for the source), and the roots of each part below it.

    A root ends in "/" or is empty. Without part folders the one part is "train".
    """
    prefix = ""
    names = [member.name for member in listing.pictures]
    while True:
        tops = _tops(names, prefix)
        parts = _part_roots(tops, names, prefix)
        if parts:
            return prefix, parts
        deeper = prefix + next(iter(tops), "") + "/"
        is_single = len(tops) == 1 and all(name.startswith(deeper) for name in names)
        if not is_single or not any("/" in name[len(deeper) :] for name in names):
            return prefix, {"train": [prefix]}
        if len(child_folders(listing.folders, prefix)) > 1:
            return prefix, {"train": [prefix]}
        prefix = deeper


def _tops(names: Iterable[str], prefix: str) -> set[str]:
    """First folders of the names below a prefix."""
    rests = (name[len(prefix) :] for name in names if name.startswith(prefix))
    return {rest.split("/", 1)[0] for rest in rests if "/" in rest}


def _part_roots(tops: set[str], names: list[str], prefix: str) -> dict[PartName, list[str]]:
    roots: dict[PartName, list[str]] = {}
    for top in sorted(tops):
        if top.lower() in PART_NAMES:
            roots.setdefault(PART_NAMES[top.lower()], []).append(f"{prefix}{top}/")
    has_classes = any(
        name.count("/", len(root)) for root in roots.get("train", ()) for name in names
        if name.startswith(root)
    )  # fmt: skip
    is_all = sum(map(len, roots.values())) == len(tops)
    return roots if has_classes and (is_all or len(roots) > 1) else {}


def _classes_below(listing: Listing, roots: list[str]) -> dict[str, list[int]]:
    """Numbers of the pictures of each class folder; a folder without any has its entry, too."""
    groups: dict[str, list[int]] = {
        folder: [] for root in roots for folder in child_folders(listing.folders, root)
    }
    for place, member in enumerate(listing.pictures):
        for root in roots:
            if _lies_in_class(member.name, [root]):
                groups[member.name[len(root) :].split("/", 1)[0]].append(place)
    return groups


def _lies_in_class(name: str, roots: list[str]) -> bool:
    return any(name.startswith(root) and "/" in name[len(root) :] for root in roots)


def _deeper(name: str, roots: list[str]) -> str:
    """The folder of a picture that does not lie in its class folder itself; "" for others."""
    is_deep = any(name.startswith(root) and name.count("/", len(root)) > 1 for root in roots)
    return name.rpartition("/")[0] if is_deep else ""


def child_folders(folders: Iterable[str], prefix: str) -> set[str]:
    """Names of the folders directly below a prefix, which ends in "/" or is empty."""
    rests = (name[len(prefix) :] for name in folders if name.startswith(prefix))
    return {rest.split("/", 1)[0] for rest in rests if rest}


def _class_names(
    listing: Listing, by_part: dict[PartName, dict[str, list[int]]]
) -> tuple[str, ...]:
    names = tuple(sorted(by_part["train"], key=os.fsencode))
    shown = printable(listing.path, 90)
    if not names:
        raise DataError(
            f"{shown} holds {len(listing.pictures):,} pictures, but no class folders.",
            expected="one folder a class: cats/1.png, dogs/1.png.",
            fix="move the pictures of each class into a folder that has the name of the class.",
        )
    if len(names) < 2:
        raise DataError(
            f"{shown} has one class only: {printable(names[0])}.",
            expected="one folder a class, and at least two of them.",
            fix="name the folder that holds the class folders, or add the other classes.",
        )
    empty = next((name for name in names if not by_part["train"][name]), None)
    if empty is not None:
        raise DataError(
            f"{shown}: the class folder {printable(empty)} holds no picture to learn from.",
            expected="at least one .png, .jpg, .jpeg, .bmp or .gif file in each class folder.",
            fix="remove the empty folder, or put pictures in it.",
        )
    for part in ("validation", "test"):
        _check_known(names, (n for n, places in by_part.get(part, {}).items() if places), part)
    return names


def _check_known(known: tuple[str, ...], found: Iterable[str], where: str) -> None:
    """Passes when all classes of a part are classes that the model learns.

    Raises:
        DataError: One is not; both lists are named.
    """
    found = sorted(found, key=os.fsencode)
    strange = next((name for name in found if name not in known), None)
    if strange is not None:
        raise DataError(
            f"the class {printable(strange)} of the {where} part is not a class of the training "
            f"part.",
            expected=f"classes among {listed(known)}; the {where} part has {listed(found)}.",
            fix="rename the class folders so that they agree.",
        )


def listed(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(printable(name, 40) for name in names[:_SHOWN]) + more


def _no_pictures(listing: Listing) -> DataError:
    count = len(listing.others)
    what = f"{count:,} files, but no picture" if count else "no files"
    return DataError(
        f"{printable(listing.path, 90)} holds {what}.",
        expected="one folder a class with .png, .jpg, .jpeg, .bmp or .gif files.",
        fix="name the folder or archive that holds the class folders.",
    )

"""Pictures of a folder or an archive as a data set, divided and described."""

from collections.abc import Sequence

import numpy as np

from lamina.core.errors import DataError
from lamina.data.dataset import Dataset, Part, Schema
from lamina.data.fingerprint import fingerprint
from lamina.data.loading import picture_cache
from lamina.data.loading.arrangement import Arrangement, arrange
from lamina.data.loading.decoded import PictureChoices, Pictures, decode_places
from lamina.data.loading.listing import Listing, open_listing
from lamina.data.loading.parts import groups_of, hold_out, short_name, stem_of
from lamina.data.loading.pool import Say
from lamina.files.opening import printable

Examples = tuple[np.ndarray, np.ndarray, list[str]]
"""Pixels, class numbers and names of pictures, row by row."""


def load_pictures(
    path: str, form: str, choices: PictureChoices, *, test_share: float, seed: int, say: Say
) -> Dataset:
    """Decodes the pictures of a folder or an archive and divides them where they are not.

    Raises:
        DataError: The classes cannot be told, files are no pictures, or there are too few.
        LoadError: The archive is damaged.
    """
    with open_listing(path, form) as listing:
        found = arrange(listing)
        pictures = decode_places(listing, found.places, choices, say, misfits=found.misfits)
    notes = _left_out(listing, found)
    classes = np.array(found.classes, np.int64)[pictures.kept]
    names = [listing.pictures[found.places[row]].name for row in pictures.kept.tolist()]
    rows = _rows_of_parts(found, pictures.kept)
    _check_not_emptied(found, classes[rows["train"]])
    notes += pictures.notes
    if "test" in rows:
        notes += _repeated(pictures.digests, rows)
        whole = (pictures.pixels, classes, names)
    else:
        whole, rows, more = _with_test(path, pictures, classes, names, rows, test_share, seed)
        notes += more
    parts = {
        part: Part(whole[0][chosen], whole[1][chosen], whole[2][chosen])
        for part, chosen in rows.items()
    }
    notes += _absent(found.class_names, whole[1][rows["test"]])
    schema = Schema(
        form="pictures",
        task="classification",
        class_names=found.class_names,
        picture_size=(pictures.pixels.shape[1], pictures.pixels.shape[2]),
        color_mode=pictures.color_mode,
        input_shape=pictures.pixels.shape[1:],
        value_range=(0, 255),
    )
    return Dataset(
        name=short_name(path),
        title=stem_of(path),
        source=path,
        schema=schema,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts["test"],
        fingerprint=_fingerprint(pictures, classes, found),
        notes=tuple(notes),
    )


def _rows_of_parts(found: Arrangement, kept: np.ndarray) -> dict[str, slice]:
    """The rows of each part that the source itself has; they follow each other."""
    rows, start = {}, 0
    for part, size in found.sizes.items():
        first, last = np.searchsorted(kept, (start, start + size)).tolist()
        rows[part] = slice(first, last)
        start += size
    return {part: chosen for part, chosen in rows.items() if chosen.start < chosen.stop}


def _with_test(
    path: str,
    pictures: Pictures,
    classes: np.ndarray,
    names: list[str],
    rows: dict[str, slice],
    share: float,
    seed: int,
) -> tuple[Examples, dict[str, slice], list[str]]:
    """Takes the test part out of the training part, and puts all rows in the order of parts."""
    first, last = rows["train"].start, rows["train"].stop
    groups = groups_of(pictures.digests[first:last])
    division = hold_out(path, groups, classes[first:last], share, seed)
    num_train = len(division.train)
    order = np.concatenate([division.train, np.arange(last, len(classes)), division.test])
    whole = (
        picture_cache.reordered(pictures.pixels, order),
        classes[order],
        [names[row] for row in order.tolist()],
    )
    later = {
        part: slice(chosen.start - last + num_train, chosen.stop - last + num_train)
        for part, chosen in rows.items()
        if part != "train"
    }
    test = slice(len(order) - len(division.test), len(order))
    notes = [f"a share of {share:g} of each class is kept for the test (seed {seed})"]
    num_repeated = len(groups) - len(np.unique(groups))
    if num_repeated:
        notes.append(f"{num_repeated:,} pictures repeat others; equal ones stay in the same part")
    return whole, {"train": slice(0, num_train), **later, "test": test}, notes


# -- what a user should know -------------------------------------------------------------------


def _left_out(listing: Listing, found: Arrangement) -> list[str]:
    misfits = set(found.misfits)
    outside = [name for name in listing.others if name not in misfits]
    counts = (
        (listing.num_hidden, "hidden or system files", ""),
        (len(outside), "other files outside of the class folders", outside[:1]),
        (len(found.strays), "pictures outside of the class folders", found.strays[:1]),
    )
    told = [
        f"left out {count:,} {words}" + (f" ({printable(first[0], 60)} ...)" if first else "")
        for count, words, first in counts
        if count
    ]
    if found.nested:
        folders = "a folder" if len(found.nested) == 1 else f"{len(found.nested):,} folders"
        told.append(
            f"pictures in {folders} below the class folders belong to the class above "
            f"({printable(found.nested[0], 60)}{' ...' if len(found.nested) > 1 else ''})"
        )
    return told


def _repeated(digests: np.ndarray, rows: dict[str, slice]) -> list[str]:
    groups = groups_of(digests)
    learned = groups[rows["train"]]
    notes = []
    for part, chosen in rows.items():
        count = int(np.isin(groups[chosen], learned).sum())
        if part != "train" and count:
            notes.append(f"{count:,} pictures of the {part} part also stand in the training part")
    return notes


def _absent(class_names: Sequence[str], y: np.ndarray) -> list[str]:
    tested = set(np.unique(y).tolist())
    absent = [name for number, name in enumerate(class_names) if number not in tested]
    if not absent:
        return []
    more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
    listed = ", ".join(printable(name, 40) for name in absent[:5])
    return [f"the test part has no picture of {listed}{more}"]


def _check_not_emptied(found: Arrangement, classes: np.ndarray) -> None:
    missing = sorted(set(range(len(found.class_names))) - set(np.unique(classes).tolist()))
    if missing:
        raise DataError(
            f"the class {printable(found.class_names[missing[0]])} has no picture left to learn "
            "from: all of its files are broken.",
            expected="at least one picture that can be read in each class folder.",
            fix="put pictures into the folder, or remove it.",
        )


def _fingerprint(pictures: Pictures, classes: np.ndarray, found: Arrangement) -> str:
    """The same for the same pictures in the same classes and parts, however they are packed."""
    names = "\0".join(found.class_names).encode("utf-8", "backslashreplace")
    sizes = np.array(list(found.sizes.values()), np.int64)
    return fingerprint([np.frombuffer(names, np.uint8), sizes, classes, pictures.digests])

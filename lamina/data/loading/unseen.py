"""Unseen examples read as those of a training were: by their schema alone."""

import os
import re
from collections.abc import Sequence

import numpy as np

from lamina.core.errors import DataError
from lamina.data.dataset import Part, Schema
from lamina.data.loading.arrangement import listed, structure
from lamina.data.loading.array_files import Labels, as_inputs, class_numbers, read_pairs
from lamina.data.loading.catalogue import load_public
from lamina.data.loading.decoded import PictureChoices, decode_places
from lamina.data.loading.kinds import Kind
from lamina.data.loading.listing import Listing
from lamina.data.loading.parts import numbered
from lamina.data.loading.pool import Say
from lamina.files.opening import printable

_WHOLE = re.compile(r"-?\d{1,18}")


def read_pictures(
    listing: Listing,
    schema: Schema,
    *,
    labelled: bool | None,
    on_bad_file: str,
    say: Say,
) -> Part:
    """Decodes pictures to the size and mode of a schema, with labels where folders name classes.

    Raises:
        DataError: The model reads no pictures, there are none, or class folders have other names
            than the classes of the schema.
    """
    size = schema.picture_size
    if schema.form != "pictures" or size is None:
        raise DataError(
            f"{printable(listing.path or 'these files', 90)} are pictures; the model reads "
            f"{'tables' if schema.form == 'table' else 'arrays'}.",
            expected="examples in the form of the training.",
            fix="give a source of the same kind as the one that the model was trained on.",
        )
    places, y = _chosen(listing, schema, labelled, say)
    choices = PictureChoices((size[0], size[1]), schema.color_mode, on_bad_file)  # type: ignore[arg-type]  # checked by the caller
    pictures = decode_places(listing, places, choices, say)
    for note in pictures.notes:
        say(note)
    ids = [listing.pictures[places[row]].name for row in pictures.kept.tolist()]
    labels = None if y is None else np.array(y, np.int64)[pictures.kept]
    return Part(_in_range(pictures.pixels, schema), labels, ids)


def _in_range(pixels: np.ndarray, schema: Schema) -> np.ndarray:
    """Pixels from 0 to 255 in the range of values that the model was trained on."""
    low, high = schema.value_range or (0, 255)
    if (low, high) == (0, 255):
        return pixels
    scale = (high - low) / 255
    return np.round(pixels * scale + low).astype(np.uint8)


def _chosen(
    listing: Listing, schema: Schema, labelled: bool | None, say: Say
) -> tuple[list[int], list[int] | None]:
    """Numbers of the pictures to read, and the class of each where they have one."""
    everything = list(range(len(listing.pictures)))
    if not everything:
        raise DataError(
            f"{printable(listing.path, 90)} holds no picture.",
            expected="at least one .png, .jpg, .jpeg, .bmp or .gif file.",
            fix="name a picture, or a folder or archive that holds some.",
        )
    if labelled is False or not listing.path:
        return everything, None
    roots_of = structure(listing)[1]
    part = "test" if "test" in roots_of else next(iter(roots_of))
    if len(roots_of) > 1:
        say(f"reading the {part} part of {printable(listing.path, 90)}")
    roots = roots_of[part]  # type: ignore[index]  # a key of it
    found = ((place, _class_of(listing.pictures[place].name, roots)) for place in everything)
    class_of = {place: name for place, name in found if name is not None}
    inside, folders = list(class_of), set(class_of.values())
    is_flat = len(inside) < len(everything) and len(roots_of) == 1
    is_one_other = len(folders) == 1 and not folders <= set(schema.class_names)
    if not labelled and (not inside or is_flat or (is_one_other and len(roots_of) == 1)):
        return everything, None
    _check_classes(listing, schema, folders)
    number_of = {name: number for number, name in enumerate(schema.class_names)}
    return inside, [number_of[class_of[place]] for place in inside]


def _class_of(name: str, roots: Sequence[str]) -> str | None:
    root = next((root for root in roots if name.startswith(root)), None)
    rest = "" if root is None else name[len(root) :]
    return rest.split("/", 1)[0] if "/" in rest else None


def _check_classes(listing: Listing, schema: Schema, folders: set[str]) -> None:
    found = sorted(folders, key=os.fsencode)
    strange = next((name for name in found if name not in schema.class_names), None)
    if found and strange is None:
        return
    what = "no class folder" if strange is None else f"the class folder {printable(strange, 60)}"
    raise DataError(
        f"{printable(listing.path, 80)} has {what}, which is not a class of the model.",
        expected=f"folders among {listed(schema.class_names)}; there are {listed(found)}.",
        fix="rename the folders, or pass labelled=False to read the pictures without labels.",
    )


def read_array_source(kind: Kind, schema: Schema, *, labelled: bool | None) -> Part:
    """Reads arrays as examples of a schema: the test part where there is one.

    Raises:
        LoadError: A file is damaged.
        DataError: The examples have another shape, or the labels are no classes of the schema.
    """
    source = ",".join(kind.paths)
    pairs = read_pairs(kind)
    part = "test" if "test" in pairs else "train"
    x, y = pairs[part]
    x = as_inputs(schema, x)
    if schema.form == "table" or x.shape[1:] != schema.input_shape:
        wanted = "a table" if schema.form == "table" else f"the shape (n, *{schema.input_shape})"
        raise DataError(
            f"{printable(source, 90)} has examples of shape {x.shape[1:]}.",
            expected=f"{wanted}, as in the training.",
            fix="give examples in the form of the training.",
        )
    ids = numbered("row" if len(pairs) == 1 else f"{part} row", len(x))
    if labelled is False:
        return Part(x, None, ids)
    if y is None:
        _require_labels(source, labelled)
        return Part(x, None, ids)
    return Part(x, class_numbers(source, _labels_of(schema), y), ids)


def read_public(name: str, schema: Schema, *, labelled: bool | None) -> Part:
    """The test part of a data set of the catalogue.

    Raises:
        DataError: It has another form or other classes than the schema.
    """
    dataset = load_public(name)
    theirs, test = dataset.schema, dataset.test
    same = [(one.form, one.input_shape, one.class_names) for one in (theirs, schema)]
    names = [[c.name for c in one.columns if c.kind != "ignored"] for one in (theirs, schema)]
    if same[0] != same[1] or names[0] != names[1]:
        raise DataError(
            f"{dataset.title} has examples of the form {theirs.form} {theirs.input_shape or ''} "
            f"and the classes {listed(theirs.class_names[:5])}.",
            expected=f"{schema.form} {schema.input_shape or ''} and the classes "
            f"{listed(schema.class_names)}.",
            fix="give a source of the same kind as the one that the model was trained on.",
        )
    return Part(test.x, None if labelled is False else test.y, test.ids)


def _labels_of(schema: Schema) -> Labels:
    """How labels are read for a schema: by the numbers in the class names, or in their order."""
    names = schema.class_names
    if schema.task == "classification" and all(_WHOLE.fullmatch(name) for name in names):
        return Labels("classification", np.array([int(name) for name in names]), names)
    return Labels(schema.task, None, names)


def _require_labels(source: str, labelled: bool | None) -> None:
    if labelled:
        raise DataError(
            f"{printable(source, 90)} has examples, but no labels.",
            expected="labels, for they are to be compared with.",
            fix="give a file with labels, or predict instead of evaluating.",
        )

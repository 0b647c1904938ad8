"""Arrays from npz, npy and IDX files as a data set: what they hold is told by names and shapes."""

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lamina.core.errors import DataError
from lamina.data.dataset import Dataset, Part, Schema
from lamina.data.fingerprint import fingerprint
from lamina.data.loading.kinds import Kind, idx_files_in
from lamina.data.loading.parts import (
    Numbered,
    digests_of,
    groups_of,
    hold_out,
    numbered,
    short_name,
    stem_of,
)
from lamina.files.idx import read_idx
from lamina.files.opening import printable
from lamina.files.tensors import read_npy, read_npz

MOST_CLASSES = 1000
_X_NAMES = ("x", "images", "inputs", "data", "features")
_Y_NAMES = ("y", "labels", "targets", "target", "classes", "label")
_PART_ENDINGS: dict[str, tuple[str, ...]] = {
    "train": ("train", "training", "tr"),
    "validation": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "te"),
}
_SMALLEST_SIDE = 4

Pair = tuple[np.ndarray, np.ndarray | None]
"""Examples and their labels."""


class Labels(NamedTuple):
    """How labels are understood.

    Args:
        task: "classification" or "regression".
        values: The label that each class number stands for; `None` for one-hot rows and numbers.
        class_names: Names of the classes.
    """

    task: str
    values: np.ndarray | None
    class_names: tuple[str, ...]


def load_arrays(kind: Kind, *, task: str | None, test_share: float, seed: int) -> Dataset:
    """Reads arrays, understands their labels, and divides them where they are not divided.

    Raises:
        LoadError: A file is damaged.
        DataError: Arrays are missing or do not fit each other.
    """
    source = ",".join(kind.paths)
    pairs = read_pairs(kind)
    if pairs["train"][1] is None:
        raise DataError(
            f"{printable(source, 90)} has examples, but no labels.",
            expected=f"an array called one of {', '.join(_Y_NAMES)}.",
            fix="save the labels beside the examples: np.savez(path, x=x, y=y).",
        )
    labels = understand(source, [y for _, y in pairs.values() if y is not None], task)
    schema = _schema(pairs["train"][0], labels)
    notes = [_told(labels)]
    digest = fingerprint(array for pair in pairs.values() for array in pair if array is not None)
    found = {name: _examples(source, schema, labels, name, pair) for name, pair in pairs.items()}
    parts = {name: Part(x, y, numbered(f"{name} row", len(x))) for name, (x, y) in found.items()}
    if "test" not in parts:
        parts |= _held_out(source, *found["train"], labels, test_share, seed)
        notes.append(f"a share of {test_share:g} is kept for the test (seed {seed})")
    return Dataset(
        name=short_name(kind.paths[0]),
        title=stem_of(kind.paths[0]),
        source=source,
        schema=schema,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts["test"],
        fingerprint=digest,
        notes=tuple(notes),
    )


def read_pairs(kind: Kind) -> dict[str, Pair]:
    """The examples and labels of each part, "train" among them.

    Raises:
        LoadError: A file is damaged.
        DataError: There are no examples, or not as many labels.
    """
    if kind.form == "npz":
        pairs = _named_pairs(kind.paths[0], read_npz(kind.paths[0]))
    elif len(kind.paths) == 2:
        read = read_npy if kind.form == "npy" else read_idx
        pairs = {"train": (read(kind.paths[0]), read(kind.paths[1]))}
    elif kind.form == "idx" and os.path.isdir(kind.paths[0]):
        found = idx_files_in(kind.paths[0])
        pairs = {part: _idx_pair(found, part) for part, role in found if role == "images"}
    elif os.path.isdir(kind.paths[0]):
        x, y = (read_npy(os.path.join(kind.paths[0], name)) for name in ("x.npy", "y.npy"))
        pairs = {"train": (x, y)}
    else:
        read = read_npy if kind.form == "npy" else read_idx
        pairs = {"train": (read(kind.paths[0]), None)}
    for part, pair in pairs.items():
        _check_pair(",".join(kind.paths), part, pair)
    return pairs


def understand(source: str, labels: list[np.ndarray], task: str | None) -> Labels:
    """Tells classes from numbers: whole numbers or one-hot rows with few distinct values.

    Raises:
        DataError: The labels have several columns that are not one-hot, or are not finite.
    """
    y = np.concatenate([part.reshape(len(part), -1) for part in labels])
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        place = int(np.flatnonzero(~np.isfinite(y).all(axis=1))[0])
        raise DataError(
            f"{printable(source, 90)}: the label {place} is NaN or infinite.",
            expected="a finite number or a class for each example.",
            fix="leave out the examples without a label.",
        )
    if y.shape[1] > 1:
        if not (((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()):
            raise DataError(
                f"{printable(source, 90)} has labels of {y.shape[1]} columns.",
                expected="one label an example, or one-hot rows.",
                fix="save one column of labels, for example y[:, 0].",
            )
        return Labels("classification", None, tuple(map(str, range(y.shape[1]))))
    values = np.unique(y)
    is_whole = y.dtype.kind in "biu" or bool((values == np.round(values)).all())
    few = MOST_CLASSES if y.dtype.kind in "biu" else 20
    if task is None:
        task = "classification" if is_whole and len(values) <= few else "regression"
    if task == "regression":
        return Labels("regression", None, ())
    if len(values) < 2 or not is_whole or len(values) > MOST_CLASSES:
        what = "fractions" if not is_whole else f"{len(values):,} different labels"
        raise DataError(
            f"{printable(source, 90)} has {what}, which are no classes.",
            expected=f"whole numbers, from 2 to {MOST_CLASSES:,} different ones.",
            fix='pass task="regression", or save the numbers of the classes.',
        )
    return Labels(task, values, tuple(f"{int(value)}" for value in values))


def class_numbers(source: str, labels: Labels, y: np.ndarray) -> np.ndarray:
    """Labels as class numbers (int64), or as numbers (float32) for regression.

    Raises:
        DataError: A label is no class that is known.
    """
    if labels.task == "regression":
        return y.reshape(len(y)).astype(np.float32)
    if labels.values is None and y.size != len(y):
        return y.argmax(axis=1).astype(np.int64)
    values = np.arange(len(labels.class_names)) if labels.values is None else labels.values
    flat = y.reshape(len(y))
    numbers = np.searchsorted(values, flat).clip(0, len(values) - 1)
    wrong = np.flatnonzero(values[numbers] != flat)
    if len(wrong):
        raise DataError(
            f"{printable(source, 90)}: the label {flat[wrong[0]]} of example {wrong[0]} is not "
            "a class that is known.",
            expected=f"labels among {', '.join(map(str, values[:20]))}.",
            fix="check the labels, or leave these examples out.",
        )
    return numbers.astype(np.int64)


def as_inputs(schema: Schema, x: np.ndarray) -> np.ndarray:
    """Examples in the shape that the schema says: pictures get an axis of channels."""
    shape = schema.input_shape or x.shape[1:]
    if x.ndim == len(shape) and shape[-1] == 1:
        return x[..., None]
    return x[:, None] if x.ndim == 1 else x


# -- reading -----------------------------------------------------------------------------------


def _named_pairs(path: str, arrays: Mapping[str, np.ndarray]) -> dict[str, Pair]:
    """Finds x and y of each part by their names: x_train, train_images, X, labels ..."""
    pairs: dict[str, Pair] = {}
    for part in ("train", "validation", "test"):
        x = _one_of(arrays, _X_NAMES, _PART_ENDINGS[part], bare=part == "train")
        if x is not None:
            y = _one_of(arrays, _Y_NAMES, _PART_ENDINGS[part], bare=part == "train")
            pairs[part] = (x, y)
    if "train" not in pairs:
        raise DataError(
            f"{printable(path, 90)} holds the arrays {printable(', '.join(arrays), 80)}.",
            expected="x and y, or x_train, y_train, x_test, y_test (and x_val, y_val).",
            fix="save them under these names: np.savez(path, x=x, y=y).",
        )
    return pairs


def _one_of(
    arrays: Mapping[str, np.ndarray],
    names: tuple[str, ...],
    parts: tuple[str, ...],
    *,
    bare: bool,
) -> np.ndarray | None:
    by_name = {name.lower().replace("-", "_"): array for name, array in arrays.items()}
    forms = [f"{name}_{part}" for name in names for part in parts]
    forms += [f"{part}_{name}" for name in names for part in parts]
    forms += [f"{name}{part}" for name in names for part in parts]
    forms += names if bare else ()
    return next((by_name[form] for form in forms if form in by_name), None)


def _idx_pair(found: Mapping[tuple[str, str], str], part: str) -> Pair:
    labels = found.get((part, "labels"))
    return read_idx(found[part, "images"]), None if labels is None else read_idx(labels)


def _check_pair(source: str, part: str, pair: Pair) -> None:
    x, y = pair
    if x.ndim == 0 or not len(x) or not x.size:
        raise DataError(
            f"{printable(source, 90)}: the {part} part has examples of shape {x.shape}.",
            expected="at least one example, (n, ...).",
            fix="save an array with one row an example.",
        )
    if y is not None and (y.ndim == 0 or len(y) != len(x)):
        raise DataError(
            f"{printable(source, 90)}: the {part} part has {len(x):,} examples and labels of shape "
            f"{y.shape}.",
            expected="one label an example.",
            fix="check that both arrays come from the same rows.",
        )


# -- understanding -----------------------------------------------------------------------------


def _schema(x: np.ndarray, labels: Labels) -> Schema:
    shape = x.shape[1:] or (1,)
    form, size, mode = "arrays", None, None
    is_flat = len(shape) == 2 and min(shape) >= _SMALLEST_SIDE
    is_deep = len(shape) == 3 and shape[2] in (1, 3, 4) and min(shape[:2]) >= _SMALLEST_SIDE
    if x.dtype == np.uint8 and (is_flat or is_deep):
        form, size, shape = "pictures", (shape[0], shape[1]), (*shape, 1)[:3]
        mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[shape[2]]
    return Schema(
        form=form,  # type: ignore[arg-type]  # one of two words
        task=labels.task,  # type: ignore[arg-type]  # likewise
        class_names=labels.class_names,
        picture_size=size,
        color_mode=mode,
        input_shape=shape,
        value_range=(0, 255) if form == "pictures" else None,
    )


def _examples(
    source: str, schema: Schema, labels: Labels, name: str, pair: Pair
) -> tuple[np.ndarray, np.ndarray]:
    x, y = pair
    x = as_inputs(schema, x)
    if x.shape[1:] != schema.input_shape:
        raise DataError(
            f"{printable(source, 90)}: the {name} part has examples of shape {x.shape[1:]}.",
            expected=f"the shape of the training part, {schema.input_shape}.",
            fix="save all parts in one form.",
        )
    if y is None:
        raise DataError(
            f"{printable(source, 90)}: the {name} part has no labels.",
            expected="labels for every part.",
            fix=f"save them as y_{name}, or leave the part out.",
        )
    return x, class_numbers(source, labels, y)


def _held_out(
    source: str, x: np.ndarray, y: np.ndarray, labels: Labels, share: float, seed: int
) -> dict[str, Part]:
    classes = y if labels.task == "classification" else None
    division = hold_out(source, groups_of(digests_of(x)), classes, share, seed)
    return {
        name: Part(x[rows], y[rows], Numbered("row", rows))
        for name, rows in (("train", division.train), ("test", division.test))
    }


def _told(labels: Labels) -> str:
    if labels.task == "regression":
        return "labels are numbers: regression"
    return f"labels are {len(labels.class_names)} classes: classification"

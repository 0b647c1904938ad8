"""The inputs of a data set seen as columns that have names, and as texts that people read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lamina.core.text import hash_strings, is_text
from lamina.data.dataset import Inputs, Schema
from lamina.data.tables.inputs import NUMBERS, inputs_of
from lamina.preflight import rows

_CHUNK = 4_096  # examples looked at together, so that a memory-mapped array stays on the disk
_DATE_PARTS = 3  # days, month and weekday
_WHOLE = 1e9  # up to here numbers are written out
_MOST_CHARACTERS = 160


@dataclass(frozen=True)
class Feature:
    """One column of the inputs.

    Args:
        name: What people call it.
        key: Name of the array it is in; `None` where the inputs are one array.
        places: Places on the last axis of that array, three for a date; `None` where the array
            is the column.
        kind: As the column's: "number", "boolean", "category", "date" or "text".
    """

    name: str
    key: str | None = None
    places: tuple[int, ...] | None = None
    kind: str = "number"


def features_of(schema: Schema, x: Inputs) -> list[Feature]:
    """The columns of inputs that are a table; empty for pictures and sequences."""
    if isinstance(x, dict):
        known = _columns_of_table(schema, x)
        return known or [one for key, array in x.items() for one in _columns_of(key, array)]
    if x.ndim != 2:
        return []
    names = [column.name for column in schema.columns if column.kind != "ignored"]
    if len(names) != x.shape[1]:
        names = [f"input {number + 1}" for number in range(x.shape[1])]
    return [Feature(name, None, (index,)) for index, name in enumerate(names)]


def _columns_of_table(schema: Schema, x: dict[str, np.ndarray]) -> list[Feature]:
    """The columns of the schema, where the arrays are those that a table is read into."""
    inputs = inputs_of(schema) if schema.form == "table" else ()
    widths = {given.name: len(given.columns) for given in inputs}
    if widths != {key: array.shape[1] for key, array in x.items() if array.ndim == 2}:
        return []
    keys = {given.columns[0]: given.name for given in inputs if given.kind != "numbers"}
    found, place = [], 0
    for column in schema.columns:
        if column.kind == "ignored":
            continue
        if column.kind in ("category", "text"):
            found.append(Feature(column.name, keys[column.name], (0,), column.kind))
            continue
        width = _DATE_PARTS if column.kind == "date" else 1
        places = tuple(range(place, place + width))
        found.append(Feature(column.name, NUMBERS, places, column.kind))
        place += width
    return found


def _columns_of(key: str, array: np.ndarray) -> list[Feature]:
    if array.ndim == 1:
        return [Feature(key, key)]
    if array.ndim == 2 and array.shape[1] == 1:
        return [Feature(key, key, (0,))]
    if array.ndim == 2:
        return [Feature(f"{key} {index + 1}", key, (index,)) for index in range(array.shape[1])]
    return []


def take(x: Inputs, places: np.ndarray | slice) -> Inputs:
    """Copies of some examples."""
    if isinstance(x, dict):
        return {key: np.array(array[places]) for key, array in x.items()}
    return np.array(x[places])


def shuffled(x: Inputs, feature: Feature, order: np.ndarray) -> Inputs:
    """The inputs with one column in another order; the other columns are not copied."""
    array = _array_of(x, feature)
    if feature.places is None:
        changed: Any = array[order]
    else:
        changed = np.array(array)
        places = list(feature.places)
        changed[:, places] = array[order][:, places]
    return {**x, feature.key or "": changed} if isinstance(x, dict) else changed


def _array_of(x: Inputs, feature: Feature) -> np.ndarray:
    return x[feature.key or ""] if isinstance(x, dict) else x


def repeated(x: Inputs, times: int) -> Inputs:
    """All examples, `times` times over."""
    if isinstance(x, dict):
        return {key: np.concatenate([array] * times) for key, array in x.items()}
    return np.concatenate([x] * times)


def row_as_text(x: Inputs, features: Sequence[Feature], place: int) -> tuple[str, ...]:
    """The cells of one example, as people read them."""
    return tuple(_as_text(_cell(x, feature, place), feature.kind) for feature in features)


def _cell(x: Inputs, feature: Feature, place: int) -> Any:
    array = _array_of(x, feature)
    return array[place] if feature.places is None else array[place, feature.places[0]]


def _as_text(cell: Any, kind: str) -> str:
    value = cell.item() if isinstance(cell, np.generic) else cell
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if kind == "date":
        return str(np.datetime64(math.floor(value), "D"))
    if kind == "boolean":
        return "yes" if value else "no"
    if isinstance(value, float):
        return _short(value).replace("-", "\u2212")
    return plain(str(value))


def _short(value: float) -> str:
    """A number with five significant digits, in full where that is no longer."""
    if value == int(value) and abs(value) < _WHOLE:
        return f"{value:.0f}"
    text = f"{value:.5g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < _WHOLE else text


def plain(text: str) -> str:
    """Text from outside in a form that a file can hold: short, and valid Unicode."""
    text = text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
    return text.encode("utf-8", "backslashreplace").decode()


def fingerprints(x: Inputs, count: int) -> np.ndarray:
    """A 64-bit number for each example; equal examples have equal numbers."""
    parts = [
        rows.combined([_of_array(array) for array in _arrays(take(x, slice(at, at + _CHUNK)))])
        for at in range(0, count, _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _arrays(x: Inputs) -> list[np.ndarray]:
    return list(x.values()) if isinstance(x, dict) else [x]


def _of_array(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "mM":
        array = array.astype(np.int64)
    tensor = hash_strings(array) if is_text(array) or array.dtype.kind == "O" else None
    return rows.fingerprints(torch.from_numpy(array) if tensor is None else tensor)

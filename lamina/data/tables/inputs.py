"""The inputs that a model for a table has, as a function of the table's schema alone."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from lamina.data.dataset import Column, Schema
from lamina.data.tables import cells

NUMBERS = "numbers"
_DAY = 86_400.0
_LONGEST = 60


class TableInput(NamedTuple):
    """One input of a model for a table.

    Args:
        name: The key of `Part.x`, and the name of the model's input.
        kind: "numbers" (float32, NaN for a gap), "category" or "text" (strings, "" for a gap).
        columns: What the features are called, in their order.
    """

    name: str
    kind: Literal["numbers", "category", "text"]
    columns: tuple[str, ...]


def inputs_of(schema: Schema) -> tuple[TableInput, ...]:
    """The inputs of a table in their order: all numbers in one, each category and text by itself.

    A date becomes three numbers: days since 1970-01-01, the month (1 to 12) and the weekday (0 is
    Monday). Ignored columns have no part in it.

    Args:
        schema: A schema of form "table".

    Example:
        >>> age, city = Column("age", "number"), Column("home city", "category")
        >>> inputs_of(Schema("table", "regression", columns=(age, city)))[1]
        TableInput(name='home_city', kind='category', columns=('home city',))
    """
    features = tuple(name for column in schema.columns for name in _features(column))
    found = [TableInput(NUMBERS, "numbers", features)] if features else []
    taken = {NUMBERS}
    for column in schema.columns:
        if column.kind in ("category", "text"):
            name = _input_name(column.name, taken)
            taken.add(name.lower())
            found.append(TableInput(name, column.kind, (column.name,)))  # type: ignore[arg-type]
    return tuple(found)


def arrays_of(schema: Schema, values: Mapping[str, Any], rows: np.ndarray) -> dict[str, np.ndarray]:
    """The inputs of some rows.

    Args:
        schema: How the columns were understood.
        values: The values of each column that is not ignored.
        rows: The rows to take, in this order.

    Shape:
        numbers: (rows, features), float32
        categories and texts: (rows, 1), text
    """
    found = {}
    numeric = [
        part.astype(np.float32)
        for column in schema.columns
        if _features(column)
        for part in _parts(column, values[column.name][rows])
    ]
    if numeric:
        found[NUMBERS] = np.stack(numeric, axis=1)
    for given in inputs_of(schema):
        if given.kind != "numbers":
            words = values[given.columns[0]]
            found[given.name] = cells.as_array([words[row] for row in rows.tolist()])
    return found


def _features(column: Column) -> tuple[str, ...]:
    if column.kind == "date":
        return tuple(f"{column.name} ({part})" for part in ("days", "month", "weekday"))
    return (column.name,) if column.kind in ("number", "boolean") else ()


def _parts(column: Column, values: np.ndarray) -> list[np.ndarray]:
    if column.kind != "date":
        return [values]
    gaps = np.isnan(values)
    moments = np.where(gaps, 0, values).astype("int64").astype("datetime64[s]")
    days = moments.astype("datetime64[D]").astype("int64")
    months = moments.astype("datetime64[M]").astype("int64") % 12 + 1
    weekdays = (days + 3) % 7  # the first day of 1970 was a Thursday
    return [np.where(gaps, np.nan, part) for part in (values / _DAY, months, weekdays)]


def _input_name(column: str, taken: set[str]) -> str:
    """A name of letters, digits, dots, lines and dashes that no other input has."""
    base = re.sub(r"[^A-Za-z0-9_.-]+", "_", column).strip("_")[:_LONGEST] or "column"
    name, count = base, 1
    while name.lower() in taken:
        count += 1
        name = f"{base[: _LONGEST - 1]}_{count}"
    return name

"""Unseen rows, read as the rows of the training were: from a file, a data frame or columns."""

import os
from collections.abc import Collection
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.core.names import shown, suggestion
from lamina.data.dataset import Part, Schema
from lamina.data.tables import cells, frames
from lamina.data.tables import kinds as column_kinds
from lamina.data.tables.cells import Place
from lamina.data.tables.inputs import arrays_of
from lamina.data.tables.loading import RowNames
from lamina.data.tables.targets import check_table, known_labels
from lamina.files.opening import printable
from lamina.files.table_files import read_table_file
from lamina.files.tables import TableFile


def read_table(
    path: str | os.PathLike,
    schema: Schema,
    *,
    labelled: bool | None = None,
    keep: Collection[str] = (),
) -> Part:
    """Reads unseen rows as those of the training were read.

    Columns are found by name; others are passed over. Categories that were not there in training
    are kept as they are.

    Args:
        path: A CSV, TSV, JSON-lines or Parquet file.
        schema: How the table of the training was understood.
        labelled: `True` reads the target, and leaves rows without one out. `False` passes over it.
            `None` reads it where it is there in every row.
        keep: Columns to keep beside those that name a row.

    Raises:
        LoadError: The file is damaged or no table.
        DataError: A column is absent, or a cell cannot be used; the message names the place.
        ArgumentError: The schema is not that of a table.
    """
    check_table(schema)
    file = read_table_file(path)
    for name in keep:
        _require(file, name, "a column of this file, to keep beside the answers.")
    return _rows_of(file, schema, labelled, keep)


def inputs_from(x: Any, schema: Schema) -> dict[str, np.ndarray] | None:
    """The inputs of a model for a table, from a data frame or a dict of columns.

    Columns are found by name, in any order; others are passed over.

    Args:
        x: A frame of pandas, polars, pyarrow and others, or columns by name.
        schema: How the table of the training was understood.

    Returns:
        An array for each input by its name; `None` where `x` is neither frame nor dict.

    Raises:
        DataError: A column is absent, or a cell cannot be used; the message names the place.
    """
    file = frames.table_of(x)
    return None if file is None else _rows_of(file, schema, False, ()).x  # type: ignore[return-value]


def _rows_of(file: TableFile, schema: Schema, labelled: bool | None, keep: Collection[str]) -> Part:
    used = [column for column in schema.columns if column.kind != "ignored"]
    names = [column.name for column in used]
    for name in names:
        _require(file, name, taken=names)
    values = {
        column.name: column_kinds.read(
            Place(file, column.name, is_fixed=True), column.kind, column.form
        )
        for column in used
    }
    rows, y = np.arange(file.num_rows), None
    if labelled:
        _require(file, schema.target or "")
    if labelled or (labelled is None and schema.target in file.columns):
        y, is_there = known_labels(file, schema) if labelled else _labels_if_whole(file, schema)
        rows = rows if y is None else np.flatnonzero(is_there)
        y = None if y is None else y[rows]
    if not len(rows):
        raise DataError(
            f"{printable(file.name, 70)}: no row has a value of {shown(schema.target, 60)}.",
            expected="rows with the target filled in.",
            fix="predict instead of evaluating, or fill the column in.",
        )
    return Part(arrays_of(schema, values, rows), y, RowNames(rows), _kept(file, schema, keep, rows))


def _kept(
    file: TableFile, schema: Schema, keep: Collection[str], rows: np.ndarray
) -> dict[str, list[Any]]:
    """The columns that name the rows, and those that were asked for, as the file has them."""
    names = [one.name for one in schema.columns if column_kinds.names_rows(one)]
    chosen = [name for name in file.columns if name in names or name in keep]
    found = {}
    for name in chosen:
        values = cells.as_written(Place(file, name))
        found[name] = [values[row] for row in rows.tolist()]
    return found


def _labels_if_whole(file: TableFile, schema: Schema) -> tuple[np.ndarray | None, np.ndarray]:
    y, is_there = known_labels(file, schema)
    return (y if is_there.all() else None), is_there


def _require(
    file: TableFile,
    name: str,
    expected: str = "the columns that the model was trained on.",
    taken: Collection[str] = (),
) -> None:
    if name not in file.columns:
        raise DataError(
            f"{printable(file.name, 70)} has no column {shown(name, 60)}.",
            expected=expected,
            fix=_near(name, list(file.columns), taken),
        )


def _near(name: str, names: list[str], taken: Collection[str]) -> str:
    """What to do: rename the column that may be meant, which is none that is read by its name."""
    free = [one for one in names if one not in taken]
    found = suggestion(name, free) if free else ""
    if found.startswith("did you mean"):
        return f"{found} Rename that column to {shown(name, 60)}."
    listed = ", ".join(shown(one, 30) for one in names[:10])
    return f"add the column; the file has {listed}{' and more' if len(names) > 10 else ''}."

"""From a file with a table to a data set; unseen tables are the business of `unseen`."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, overload

import numpy as np

from lamina.core import checks
from lamina.core.errors import ArgumentError, DataError
from lamina.core.names import shown
from lamina.data.dataset import Column, Dataset, Part, Schema
from lamina.data.tables import kinds as column_kinds
from lamina.data.tables import leaks
from lamina.data.tables.cells import Place
from lamina.data.tables.inputs import arrays_of
from lamina.data.tables.kinds import Understood
from lamina.data.tables.notes import fingerprint_of, notes_of, reasons
from lamina.data.tables.splitting import Division, divide, num_distinct, row_keys
from lamina.data.tables.targets import (
    Target,
    choose_target,
    read_target,
)
from lamina.files.opening import printable
from lamina.files.table_files import read_table_file
from lamina.files.tables import TableFile


def load_table(
    path: str | os.PathLike,
    *,
    target: str | None = None,
    task: str | None = None,
    kinds: Mapping[str, str] | None = None,
    test_share: float = 0.2,
    validation_share: float = 0.1,
    seed: int = 1,
) -> Dataset:
    """Reads a table, understands its columns and divides its rows.

    Cells that are empty, NA, N/A, NaN, null, None, ? or - are missing; they stay so, for the model
    to fill in. Rows without a target are left out. Columns that say nothing are ignored, with the
    reason in their note.

    Args:
        path: A CSV, TSV, JSON-lines or Parquet file.
        target: The column to predict. May be left out where one is called target, label, class
            or y.
        task: "classification" or "regression"; found out when `None`.
        kinds: What columns are to be read as, by name: "number", "boolean", "category", "date",
            "text" or "ignored".
        test_share: Share of the rows for the test.
        validation_share: Share of the rows for validation; 0 for none.
        seed: The same seed divides in the same way.

    Returns:
        The data set. Its notes say what was found and assumed.

    Raises:
        LoadError: The file is damaged or no table.
        DataError: The target or a cell cannot be used; the message names the place.
        ArgumentError: An argument has no possible value.
    """
    _check_shares(test_share, validation_share)
    checks.whole("load_table", "seed", seed)
    file = read_table_file(path)
    target = choose_target(file, target)
    answer = read_target(file, target, task)
    found = _understand(file, target, kinds)
    used = [one for one in found if one.column.kind != "ignored"]
    labels = np.unique(answer.y, return_inverse=True)[1]
    codes = (one.codes[answer.rows] for one in used)  # one column in memory at a time
    keys = row_keys(chain(codes, (labels,)), len(answer.rows))
    del labels
    division = divide(
        keys,
        answer.y if answer.task == "classification" else None,
        validation_share=validation_share,
        test_share=test_share,
        seed=seed,
    )
    _check_parts(file, division, num_distinct(keys))
    copies = leaks.copies_of(used, answer.rows, answer.y, answer.task)
    trained = answer.rows[division.train]
    values = {one.column.name: one.values for one in used}
    schema = Schema(
        form="table",
        task=answer.task,
        class_names=answer.class_names,
        target=target,
        columns=tuple(_counted(one, trained, copies) for one in found),
    )
    del found, used  # and with them a number for each cell
    train, validation, test = (_part(schema, values, answer, rows) for rows in division)
    stem = Path(os.fsdecode(path)).stem
    return Dataset(
        name=re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.").lower() or "table",
        title=stem,
        source=os.fsdecode(path),
        schema=schema,
        train=train,
        validation=validation if validation.num_examples else None,
        test=test,
        fingerprint=fingerprint_of(file),
        notes=notes_of(file, schema, answer, division, keys),
    )


def _understand(file: TableFile, target: str, kinds: Mapping[str, str] | None) -> list[Understood]:
    """The columns beside the target, in their order.

    Raises:
        DataError: There is none to predict from.
    """
    names = [name for name in file.columns if name != target]
    given = column_kinds.check_kinds(kinds, names, target)
    found = [column_kinds.understand(Place(file, name), given.get(name)) for name in names]
    columns = [one.column for one in found]
    if all(column.kind == "ignored" for column in columns):
        raise DataError(
            f"{printable(file.name, 70)} has no column to predict {shown(target, 60)} from.",
            expected="at least one column whose values differ and come again.",
            fix=f"look at why each is ignored: {reasons(columns)} "
            f'To read one all the same: kinds={{"{columns[0].name}": "number"}}.'
            if columns
            else "add a column to predict from.",
        )
    return found


def _check_shares(test_share: Any, validation_share: Any) -> None:
    checks.number(
        "load_table",
        "test_share",
        test_share,
        low=0.0,
        high=1.0,
        open_low=True,
        open_high=True,
        example=0.2,
    )
    checks.number(
        "load_table",
        "validation_share",
        validation_share,
        low=0.0,
        high=1.0,
        open_high=True,
        example=0.1,
    )
    if test_share + validation_share >= 1:
        raise ArgumentError(
            f"test_share={test_share:g} and validation_share={validation_share:g} leave no rows "
            "to train on.",
            expected="two shares that are less than 1 together.",
            fix="pass test_share=0.2, validation_share=0.1.",
        )


def _check_parts(file: TableFile, division: Division, distinct: int) -> None:
    if len(division.test) and len(division.train):
        return
    rows = "1 different row" if distinct == 1 else f"{distinct} different rows"
    raise DataError(
        f"{printable(file.name, 70)} has {rows} with a target, too few to divide.",
        expected="enough different rows for training and test, with two or more of a class.",
        fix="collect more rows.",
    )


def _part(schema: Schema, values: dict[str, Any], answer: Target, chosen: np.ndarray) -> Part:
    rows = answer.rows[chosen]
    return Part(arrays_of(schema, values, rows), answer.y[chosen], RowNames(rows))


class RowNames(Sequence[str]):
    """What rows are called, the first being "row 1"; written when asked for.

    Args:
        rows: Their numbers, from 0.
    """

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [f"row {row + 1}" for row in self._rows[place].tolist()]
        return f"row {self._rows[place] + 1}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


def _counted(found: Understood, rows: np.ndarray, copies: set[str]) -> Column:
    """The column with what the training part says of it."""
    column, values, codes = found
    if column.kind == "ignored":
        return column
    low = high = None
    if column.kind in column_kinds.NUMERIC:
        there = values[rows][~np.isnan(values[rows])]
        missing = len(rows) - len(there)
        low, high = (float(there.min()), float(there.max())) if len(there) else (None, None)
    else:
        missing = sum(not values[row] for row in rows.tolist())
    distinct = int(np.count_nonzero(np.bincount(codes[rows]))) - (missing > 0)
    notes = [column.note] if column.note else []
    notes += [leaks.NOTE] if column.name in copies else []
    told = "; ".join(notes)
    return replace(column, missing=missing, distinct=distinct, low=low, high=high, note=told)

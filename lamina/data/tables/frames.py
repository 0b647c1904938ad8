"""Data frames and dicts of columns as tables, as if they had been read from a file."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.core.names import shown
from lamina.files.tables import CellColumn, TableFile


def table_of(x: Any) -> TableFile | None:
    """The table that a data frame or a dict of columns is; `None` for anything else.

    Args:
        x: A frame of pandas, polars, pyarrow or another that narwhals knows, or values by name of
            the column: a list, an array, a series, or a single value for a single row.

    Raises:
        DataError: Columns have several axes, or different numbers of rows, or there is no row.
    """
    columns = _columns_of(x)
    if columns is None:
        return None
    read = {name: _column(name, values) for name, values in columns.items()}
    sizes = {name: len(one.values) for name, one in read.items()}
    first = next(iter(sizes), None)
    for name, size in sizes.items():
        if size != sizes[first or ""]:
            raise DataError(
                f"x has columns of different lengths: {shown(first, 40)} has "
                f"{sizes[first or '']:,} values, {shown(name, 40)} has {size:,}.",
                expected="one value a row in every column.",
                fix="give every column the same number of values.",
            )
    if not sum(sizes.values()):
        raise DataError("x has no rows.", expected="at least one row.", fix="pass rows to answer.")
    return TableFile("x", read, sizes[first or ""])


def _columns_of(x: Any) -> dict[str, Any] | None:
    if isinstance(x, Mapping):
        return {str(name): values for name, values in x.items()}
    import narwhals as nw  # noqa: PLC0415  (only programs with data frames pay for it)

    table = nw.from_native(x, pass_through=True)
    table = table.collect() if isinstance(table, nw.LazyFrame) else table
    if not isinstance(table, nw.DataFrame):
        return None
    return dict(zip(map(str, table.columns), table.iter_columns(), strict=True))


def _column(name: str, values: Any) -> CellColumn:
    if hasattr(values, "detach"):  # a tensor
        values = values.detach().cpu().numpy()
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        values = [values]
    array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.ndim == 0:
        array = array[None]
    if array.ndim != 1:
        raise DataError(
            f"column {shown(name, 60)} of x has the shape {array.shape}.",
            expected="one value a row.",
            fix="pass a list, an array with one axis, or a column of a data frame.",
        )
    return _cells(array)


def _cells(array: np.ndarray) -> CellColumn:
    """The values in the form that a file would have given them."""
    kind = array.dtype.kind
    if kind == "b":
        return CellColumn("boolean", array.astype(np.float64))
    if kind in "iuf":
        return CellColumn("number", array)
    if kind == "M":
        return CellColumn("date", array.astype("datetime64[s]"))
    return CellColumn("text", [_text(value) for value in array.tolist()])


def _text(value: Any) -> str:
    """A value as a cell of text; what is missing in a data frame is an empty one."""
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

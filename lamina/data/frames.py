"""Reads data frames and series of pandas, polars, pyarrow and others into one NumPy array.

Rows are taken by position, whatever their index says. Missing values become NaN.
"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.core.names import shown, suggestion


def read(
    name: str, value: Any, columns: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """The numbers of a frame (rows, columns) or series (rows,) and the names of its columns.

    Args:
        name: The argument as the user knows it.
        value: Any object; what is neither frame nor series gives `None`.
        columns: The columns to take, in this order; all of them when `None`.

    Raises:
        DataError: A column holds no numbers, occurs twice or is absent.
    """
    import narwhals as nw  # noqa: PLC0415  (only programs with data frames pay for it)

    table = _opened(name, value)
    if isinstance(table, nw.Series):
        return _numbers(name, table), (str(table.name),)
    if not isinstance(table, nw.DataFrame):
        return None
    # pandas allows numbers and tuples as names, which narwhals cannot look up
    series = dict(zip(map(str, table.columns), table.iter_columns(), strict=True))
    taken = list(series) if columns is None else _present(name, list(series), columns)
    parts = [_numbers(f"column {shown(column, 60)} of {name}", series[column]) for column in taken]
    dtype = np.result_type(*parts) if parts else np.dtype(np.float32)
    values = np.empty((len(table), len(parts)), dtype)
    for index, part in enumerate(parts):
        values[:, index] = part
    return values, tuple(taken)


def _opened(name: str, value: Any) -> Any:
    """The narwhals view of a frame or series, or the value itself if it is neither."""
    import narwhals as nw  # noqa: PLC0415

    try:
        table = nw.from_native(value, allow_series=True, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        columns = list(value.columns)
        twice = next(column for column in columns if columns.count(column) > 1)
        raise DataError(
            f"{name} has two columns called {shown(twice)}.",
            expected="a name for each column.",
            fix=f"rename one of them, or pass the values alone: {name}.to_numpy().",
        ) from error
    return table.collect() if isinstance(table, nw.LazyFrame) else table


def _present(name: str, present: Sequence[str], columns: Sequence[str]) -> list[str]:
    for column in columns:
        if column not in present:
            raise DataError(
                f"{name} has no column {shown(column)}.",
                expected=f"the columns {', '.join(map(repr, columns))}.",
                fix=suggestion(column, present),
            )
    return list(columns)


def _numbers(label: str, series: Any) -> np.ndarray:
    """The values of one column; missing ones are NaN."""
    import narwhals as nw  # noqa: PLC0415

    dtype = series.dtype
    if dtype == nw.Boolean or dtype.is_numeric():
        is_plain = series.null_count() == 0 and dtype != nw.Decimal
        return (series if is_plain else series.cast(nw.Float64)).to_numpy()
    kind, fix = _described(label, dtype)
    strange = (
        (row, item)
        for row, item in enumerate(series)
        if item is not None and not isinstance(item, numbers.Number)
    )
    first = None if dtype.is_nested() else next(strange, None)
    example = "" if first is None else f" ({shown(first[1], 40)} at row {first[0]})"
    raise DataError(f"{label} {kind}{example}.", expected="columns of numbers.", fix=fix)


def text_fix(name: str) -> str:
    """What to do about text, which depends on whether it is a label."""
    if name.startswith(("y", "validation_data[1]")):
        return "number the classes: class_names, y = np.unique(y, return_inverse=True)."
    return "encode it first, for example with pandas.get_dummies, or leave it out."


def _described(label: str, dtype: Any) -> tuple[str, str]:
    import narwhals as nw  # noqa: PLC0415

    if dtype == nw.String:
        return "is text", text_fix(label)
    if dtype in (nw.Categorical, nw.Enum):
        return "holds categories", text_fix(label)
    if dtype.is_temporal():
        return "holds dates or times", "convert it to a number, such as days since a date."
    if dtype.is_nested():
        return "holds lists", "make one column of each of their values."
    return "holds objects", 'convert it with .astype("float32"), or leave it out.'

"""JSON lines: a table with one flat JSON object a line."""

import json
from array import array
from typing import Any

import numpy as np

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.documents import RefusedError, parse_strictly
from lamina.files.opening import Source, damaged, label_of, printable, read_whole
from lamina.files.tables import (
    CellColumn,
    TableFile,
    check_magic,
    check_size,
    too_large,
    without_rows,
)

_BOM = b"\xef\xbb\xbf"
_MOST_GAPS = 50  # a row: files that name other keys in every line ask for more than they hold
_FEW_CELLS = 1_000_000


def read_jsonl(source: Source, *, name: str | None = None) -> TableFile:
    """Reads a table of JSON objects, one a line; a key that a line lacks is a gap.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        Numbers, booleans and text by column. A column that mixes them becomes text.

    Raises:
        LoadError: A line is no JSON object, holds a list or another object, has a key twice, a
            number that is not finite or beyond 2**53, is over 1 MiB, or the table is too large.
    """
    label = name or label_of(source)
    data = read_whole(source, limits.TABLE_BYTES, name=name).removeprefix(_BOM)
    check_magic(label, data[:8])
    columns: dict[str, list[Any]] = {}
    lines = array("q")
    num_cells = start = 0
    for line in range(1, data.count(b"\n") + 2):
        stop = data.find(b"\n", start)
        part = data[start : stop if stop >= 0 else len(data)].strip()
        start = stop + 1
        if not part:
            continue
        row = _row(label, line, part)
        for key, value in row.items():
            if key not in columns:
                columns[key] = [None] * len(lines)
            columns[key].append(value)
        lines.append(line)
        if len(row) < len(columns):
            for values in columns.values():
                values.extend([None] * (len(lines) - len(values)))
        num_cells += len(row)
        _check_growth(label, line, len(lines), len(columns), num_cells)
    if not columns:
        raise without_rows(label)
    cells = {key: cell_column(values) for key, values in columns.items()}
    return TableFile(label, cells, len(lines), lines)


def _check_growth(label: str, line: int, rows: int, columns: int, num_cells: int) -> None:
    check_size(label, rows, columns, f"line {line}: up to here ")
    if rows * columns > _FEW_CELLS and rows * columns > _MOST_GAPS * num_cells:
        raise too_large(label, f"line {line}: nearly every line has other keys ({columns:,}).")


def _row(label: str, line: int, part: bytes) -> dict[str, Any]:
    """The object of one line, its values checked."""
    if len(part) > limits.TABLE_LINE_BYTES:
        raise _unusable(label, line, f"it has {len(part):,} bytes")
    try:
        row = parse_strictly(part.decode("utf-8"))
    except RefusedError as error:
        raise _unusable(label, line, str(error).rstrip(".")) from error
    except json.JSONDecodeError as error:
        raise _unusable(label, line, error.msg.lower(), error.colno) from error
    except UnicodeDecodeError as error:
        raise _unusable(label, line, "there is no UTF-8 text", error.start + 1) from error
    except RecursionError as error:
        raise _unusable(label, line, "it is nested too deeply") from error
    if not isinstance(row, dict):
        raise _unusable(label, line, f"it is {_kind(row)}, not an object")
    for key, value in row.items():
        if isinstance(value, (dict, list)):
            what = f"the value of {printable(key, 40)} is {_kind(value)}"
            raise _unusable(label, line, what)
    return row


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return "text" if isinstance(value, str) else "a single value"


def _unusable(label: str, line: int, what: str, column: int | None = None) -> LoadError:
    place = f"line {line}" if column is None else f"line {line}, column {column}"
    return damaged(
        label,
        f"{place}: {what}.",
        expected='one flat JSON object a line, such as {"age": 31, "city": "Bonn"}.',
        fix="write one object a line, with numbers, text, true, false or null as its values.",
    )


def cell_column(values: list[Any]) -> CellColumn:
    """Numbers, booleans and text as a column; what is mixed becomes text.

    Args:
        values: Plain Python values, `None` for a gap.
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        numbers = [np.nan if value is None else value for value in values]
        return CellColumn("boolean", np.array(numbers, dtype=np.float64))
    if kinds and kinds <= {int, float}:
        if kinds == {int} and None not in values:
            return CellColumn("number", np.array(values, dtype=np.int64))
        numbers = [np.nan if value is None else value for value in values]
        return CellColumn("number", np.array(numbers, dtype=np.float64))
    return CellColumn("text", ["" if value is None else str(value) for value in values])

"""Tables of answers as files: CSV, TSV, JSON lines or Parquet, each whole or not at all.

In CSV and TSV a text that a spreadsheet would take for a formula gets an apostrophe in front, by
which spreadsheets know plain text; JSON lines and Parquet hold every text as it is.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lamina.core.errors import MissingExtraError
from lamina.files import write_bytes
from lamina.workbench import targets

Columns = Mapping[str, list[Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def checked(path: Path, *, overwrite: bool) -> Path:
    """Passes a file that can be written as a table.

    Raises:
        ArgumentError: Its ending is not that of a table.
        MissingExtraError: It is a Parquet file, and pyarrow is not installed.
        StorageError: It exists, is a folder, or its folder does not exist.
    """
    target = targets.checked(path, tuple(_WRITERS), overwrite=overwrite)
    if path.suffix.lower() in _PARQUET:
        _pyarrow()
    return target


def write(path: Path, columns: Columns) -> None:
    """Writes columns as a table, in the format of the file's ending.

    Args:
        path: The file; `checked` has passed it.
        columns: Values by name, all of one length: text, numbers, or `None` for nothing.

    Raises:
        StorageError: The file cannot be written.
    """
    write_bytes(path, _WRITERS[path.suffix.lower()](columns))


def as_text(cell: Any) -> Any:
    """A cell of a CSV file, such that a spreadsheet does not compute it.

    Example:
        >>> as_text("=1+1"), as_text("-3.5"), as_text("rose")
        ("'=1+1", '-3.5', 'rose')
    """
    if not isinstance(cell, str) or not cell.startswith(_FORMULA) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def _csv(columns: Columns, separator: str = ",") -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    writer.writerow([as_text(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([as_text(cell) for cell in row])
    return file.getvalue().encode()


def _tsv(columns: Columns) -> bytes:
    return _csv(columns, "\t")


def _jsonl(columns: Columns) -> bytes:
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(columns: Columns) -> bytes:
    arrow, parquet = _pyarrow()
    file = io.BytesIO()
    parquet.write_table(arrow.table(dict(columns)), file)
    return file.getvalue()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415  (an extra; only Parquet files need it)
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "pyarrow is needed to write Parquet files, and is not installed.",
            expected="the extra 'tables'.",
            fix="pip install 'lamina[tables]', or write a .csv or .jsonl file.",
        ) from error
    return pyarrow, pyarrow.parquet


_PARQUET = (".parquet", ".pq")
_WRITERS: dict[str, Callable[[Columns], bytes]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
    ".pq": _parquet,
}

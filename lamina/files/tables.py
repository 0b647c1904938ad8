"""A table as its file holds it: columns of cells, and where in the file each row stands.

What the cells mean (kinds, missing values, the target) is left to `lamina.data.tables`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.opening import damaged, printable

Form = Literal["text", "number", "boolean", "date"]
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""The format of a table by the ending of its name."""

_INSTEAD = {
    ".gz": "unpack it first, for example with gunzip.",
    ".zip": "unpack it first.",
    ".xls": "save the sheet as CSV (UTF-8).",
    ".xlsx": "save the sheet as CSV (UTF-8).",
    ".json": "write one object a line and call the file .jsonl.",
    ".feather": 'convert it with pandas: read_feather(path).to_parquet("table.parquet").',
    ".pkl": "write the table as Parquet where it was made; a pickle can run code.",
}


@dataclass(frozen=True)
class CellColumn:
    """The cells of one column in the form in which the file holds them.

    Args:
        form: "text" (strings, also packed as `TextCells`; a gap is ""), "number" (floats with NaN
            for a gap, or whole numbers), "boolean" (0.0, 1.0, NaN) or "date" (datetime64[s] with
            NaT).
        values: One value a row.
    """

    form: Form
    values: Any  # a list or an array by the form, which a type cannot say


@dataclass(frozen=True)
class TableFile:
    """The content of a file with a table.

    Args:
        name: What messages call the file.
        columns: The cells of each column by its name, in the order of the file.
        num_rows: Number of rows; the header is none.
        lines: The line in which each row starts, from 1; `None` for files without lines.
        delimiter: What stands between two cells; `None` for files that have no such thing.
        notes: What a user should know about how the file was read.
    """

    name: str
    columns: dict[str, CellColumn]
    num_rows: int
    lines: Sequence[int] | None = None
    delimiter: str | None = None
    notes: tuple[str, ...] = ()

    def place(self, row: int, column: str) -> str:
        """Where a cell stands, in words: "line 5, column 2 ('age')"."""
        shown = printable(column, 40)
        if self.lines is None:
            return f"row {row + 1}, column {shown}"
        if self.delimiter is None:
            return f"line {self.lines[row]}, key {shown}"
        return f"line {self.lines[row]}, column {list(self.columns).index(column) + 1} ({shown})"


def format_of(path: str | os.PathLike) -> str:
    """The format that the name of a file promises: "csv", "jsonl" or "parquet".

    Raises:
        LoadError: The name has no ending that belongs to a table.
    """
    ending = Path(os.fsdecode(path)).suffix.lower()
    if ending in FORMATS:
        return FORMATS[ending]
    raise damaged(
        os.fsdecode(path),
        f"the ending {printable(ending, 20)} is not that of a table that is read here."
        if ending
        else "the name has no ending, which says what kind of table it is.",
        expected=f"a name that ends in {', '.join(FORMATS)}.",
        fix=_INSTEAD.get(ending, "rename the file to what it is, for example table.csv."),
    )


def check_size(name: str, num_rows: int, num_columns: int, where: str = "") -> None:
    """Passes a table with a number of columns and cells that is worked with here.

    Raises:
        LoadError: There are more.
    """
    if num_columns > limits.TABLE_COLUMNS:
        raise too_large(name, f"{where}the table has {num_columns:,} columns.")
    if num_rows * num_columns > limits.TABLE_CELLS:
        raise too_large(name, f"{where}the table has {num_rows * num_columns:,} cells.")


def too_large(name: str, what: str) -> LoadError:
    """The error for a table beyond the limits."""
    return damaged(
        name,
        what,
        expected=f"at most {limits.TABLE_COLUMNS:,} columns and {limits.TABLE_CELLS:,} cells.",
        fix="keep the columns and rows that are needed, or train on batches from your own loader.",
    )


def without_rows(name: str) -> LoadError:
    """The error for a table that has names of columns and nothing below them."""
    return damaged(
        name,
        "the table has no rows.",
        expected="at least one row below the names of the columns.",
        fix="look at the program that wrote the file.",
    )


def disagreeing(name: str, content: str) -> LoadError:
    """The error for a file that is not what its name promises."""
    return damaged(
        name,
        f"the content is {content}, which its name does not say.",
        expected="a name that ends in the format of the content.",
        fix="rename the file to what it is, or fetch it again.",
    )


def check_magic(name: str, start: bytes) -> None:
    """Passes the first bytes of a text file.

    Raises:
        LoadError: They are those of a format that is no text.
    """
    for magic, content in _MAGIC.items():
        if start.startswith(magic):
            raise disagreeing(name, content)


_MAGIC = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip file (perhaps a spreadsheet)",
    b"\x1f\x8b": "gzip data",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"ARROW1": "an Arrow file",
    b"%PDF": "a PDF file",
    b"\x89PNG": "a PNG picture",
}

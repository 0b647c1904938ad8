"""What a user should know about a table that was read, and its fingerprint."""

import hashlib

import numpy as np

from lamina.core.names import shown
from lamina.data.dataset import Column, Schema
from lamina.data.tables.splitting import Division, num_distinct
from lamina.data.tables.targets import Target
from lamina.files.cell_text import chunks_of
from lamina.files.tables import TableFile

_SHOWN = 5


def reasons(columns: list[Column]) -> str:
    """Why columns are ignored, in one line."""
    told = [f"{shown(column.name, 30)} {column.note}" for column in columns[:5]]
    return "; ".join(told) + "." if told else "there is none besides the target."


def notes_of(
    file: TableFile, schema: Schema, answer: Target, division: Division, keys: np.ndarray
) -> tuple[str, ...]:
    """Lines that say what was found, left out and assumed.

    Args:
        file: The file.
        schema: How its columns were understood.
        answer: The target.
        division: The rows of each part.
        keys: The same number for equal rows.
    """
    notes = [*file.notes, answer.note]
    left_out = file.num_rows - len(answer.rows)
    if left_out:
        notes.append(f"{_rows(left_out)} without a target left out, of {file.num_rows:,}.")
    for column in schema.columns:
        ignored = " is ignored" if column.kind == "ignored" else ""
        if column.note:
            notes.append(f"Column {shown(column.name, 60)}{ignored}: {column.note}.")
    repeated = len(keys) - num_distinct(keys)
    if repeated:
        verb = "repeats another" if repeated == 1 else "repeat others"
        notes.append(f"{_rows(repeated)} {verb}; equal rows stay in the same part.")
    absent = _absent(answer, division)
    if absent:
        notes.append(f"Not in the test part, for lack of rows: {absent}.")
    return tuple(notes)


def _absent(answer: Target, division: Division) -> str:
    """The classes that have no row in the test part, in words."""
    tested = set(np.unique(answer.y[division.test]).tolist())
    absent = [name for number, name in enumerate(answer.class_names) if number not in tested]
    more = "" if len(absent) <= _SHOWN else f" and {len(absent) - _SHOWN} more"
    listed = ", ".join(shown(name, 40) for name in absent[:_SHOWN])
    return f"{'class' if len(absent) == 1 else 'classes'} {listed}{more}" if absent else ""


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def fingerprint_of(file: TableFile) -> str:
    """SHA-256 over the names of the columns and all cells."""
    digest = hashlib.sha256()
    for name, column in file.columns.items():
        digest.update(f"{name!r} {column.form}\n".encode("utf-8", "backslashreplace"))
        if column.form == "text":
            lengths = np.fromiter(map(len, column.values), dtype="<u4", count=file.num_rows)
            digest.update(lengths.tobytes())
            for chunk in chunks_of(column.values):
                digest.update("".join(chunk).encode("utf-8", "surrogatepass"))
        else:
            values = column.values
            digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()

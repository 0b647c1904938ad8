"""Parquet files, decoded by pyarrow once their sizes have been checked against the file."""

import os
from typing import Any

import numpy as np

from lamina.core.errors import LoadError, MissingExtraError
from lamina.files import limits
from lamina.files.opening import Source, damaged, label_of, printable, read_whole
from lamina.files.parquet_footer import Footer, read_footer
from lamina.files.parquet_pages import walk
from lamina.files.tables import (
    CellColumn,
    TableFile,
    check_size,
    disagreeing,
    format_of,
    without_rows,
)
from lamina.files.thrift import ThriftFault

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_TAIL = 8  # length of the footer, magic
_CELL_BYTES = 8
_FOOTER_ENTRIES = 1_000_000


def read_parquet(source: Source, *, name: str | None = None) -> TableFile:
    """Reads a Parquet file of flat columns.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        Numbers, booleans, dates and text by column.

    Raises:
        LoadError: The file is damaged, encrypted, asks for more memory than its size justifies,
            or a column is none of boolean, number, text, dictionary of text, date or decimal.
        MissingExtraError: pyarrow is not installed.
    """
    label = name or label_of(source)
    if isinstance(source, (str, os.PathLike)):
        format_of(source)
    data = read_whole(source, limits.TABLE_BYTES, name=name)
    footer = _described(label, data)
    has_dictionary = _check_memory(label, data, footer)
    if not footer.num_rows or not footer.names:
        raise without_rows(label)
    arrow, parquet = _pyarrow()
    broken = (arrow.ArrowException, OSError, ValueError, KeyError, OverflowError, TypeError)
    settings = {
        "pre_buffer": False,
        "page_checksum_verification": True,
        "thrift_string_size_limit": limits.PARQUET_FOOTER_BYTES,
        "thrift_container_size_limit": _FOOTER_ENTRIES,
    }
    try:
        schema = parquet.ParquetFile(arrow.BufferReader(data), **settings).schema_arrow
    except broken as error:
        raise _damaged(label, _reason(error)) from error
    _check_kinds(label, arrow, schema)
    # Read as a dictionary, a text that stands in a million rows is kept once.
    texts = [
        field.name
        for field in schema
        if field.name in has_dictionary and _is_text(arrow, field.type)
    ]
    try:
        again = parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts, **settings)
        table = again.read(use_threads=False)
        table.validate(full=True)
        columns = {
            key: _cells(arrow, table.column(place)) for place, key in enumerate(table.column_names)
        }
    except broken as error:
        raise _damaged(label, _reason(error)) from error
    return TableFile(label, columns, table.num_rows)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415  (an extra; only Parquet files need it)
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "pyarrow is needed to read Parquet files, and is not installed.",
            expected="the extra 'tables'.",
            fix="pip install 'lamina[tables]', or save the table as CSV.",
        ) from error
    return pyarrow, pyarrow.parquet


def _described(label: str, data: bytes) -> Footer:
    """The footer of a file with Parquet's first and last bytes, checked."""
    if _ENCRYPTED in (data[:4], data[-4:]):
        raise _damaged(label, "it is encrypted")
    if data[:4] != _MAGIC:
        raise disagreeing(label, f"no Parquet file (it starts with {printable(data[:8])})")
    if data[-4:] != _MAGIC or len(data) < 4 + _TAIL:
        raise _damaged(label, "it is cut off, or something follows its end")
    size = int.from_bytes(data[-8:-4], "little")
    if size > len(data) - 4 - _TAIL:
        raise _damaged(label, f"the footer is said to have {size:,} of {len(data):,} bytes")
    if size > limits.PARQUET_FOOTER_BYTES:
        raise _damaged(label, f"the footer has {size:,} bytes")
    try:
        footer = read_footer(data, len(data) - _TAIL - size, len(data) - _TAIL)
    except ThriftFault as error:
        raise _damaged(label, str(error)) from error
    _check_names(label, footer.names)
    return footer


def _check_names(label: str, names: list[str]) -> None:
    check_size(label, 0, len(names))
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            shown = printable(name, 40)
            raise _damaged(label, f"column {place + 1}: the name {shown} occurs twice")
        seen.add(name)


def _check_kinds(label: str, arrow: Any, schema: Any) -> None:
    for place, field in enumerate(schema):
        if not _is_flat(arrow, field.type):
            raise damaged(
                label,
                f"column {place + 1} ({printable(field.name, 40)}) holds "
                f"{printable(str(field.type), 60)[1:-1]}.",
                expected="columns of booleans, numbers, text, dates or decimals.",
                fix="drop the column, or make a plain column of each of its values.",
            )


def _is_flat(arrow: Any, kind: Any) -> bool:
    known = arrow.types
    if known.is_dictionary(kind):
        return _is_text(arrow, kind.value_type)
    return (
        _is_text(arrow, kind)
        or known.is_boolean(kind)
        or known.is_integer(kind)
        or known.is_floating(kind)
        or known.is_decimal(kind)
        or known.is_date(kind)
        or known.is_timestamp(kind)
        or known.is_null(kind)
    )


def _is_text(arrow: Any, kind: Any) -> bool:
    known = arrow.types
    return known.is_string(kind) or known.is_large_string(kind) or known.is_string_view(kind)


def _check_memory(label: str, data: bytes, footer: Footer) -> set[str]:
    """Passes a file whose cells and unpacked pages are justified by its size.

    Returns:
        The columns that have a dictionary of their values.
    """
    rows, columns = footer.num_rows, len(footer.names)
    check_size(label, rows, columns)
    room = max(limits.SMALL_TABLE_BYTES, limits.PARQUET_RATIO * len(data))
    if rows * columns * _CELL_BYTES > room:
        raise _damaged(label, f"it claims {rows:,} rows, and has {len(data):,} bytes")
    total = 0
    has_dictionary = set()
    for group in footer.groups:
        for name, chunk in zip(footer.names, group, strict=True):
            try:
                pages = walk(data, chunk)
            except ThriftFault as error:
                raise _damaged(label, str(error)) from error
            total += pages.unpacked_bytes
            if total > room:
                raise _damaged(label, f"it unpacks to over {room:,} bytes")
            if pages.has_dictionary:
                has_dictionary.add(name)
    return has_dictionary


def _cells(arrow: Any, column: Any) -> CellColumn:
    kind = column.type
    known = arrow.types
    if known.is_null(kind):
        return CellColumn("text", [""] * len(column))
    if known.is_dictionary(kind) or _is_text(arrow, kind):
        return CellColumn("text", _texts(arrow, column))
    if known.is_boolean(kind):
        return CellColumn("boolean", _floats(arrow, column.cast(arrow.uint8())))
    if known.is_date(kind) or known.is_timestamp(kind):
        return CellColumn("date", _dates(arrow, column))
    if known.is_integer(kind) and not column.null_count:
        return CellColumn("number", column.to_numpy())
    return CellColumn("number", _floats(arrow, column))


def _texts(arrow: Any, column: Any) -> list[str]:
    """One string a row; equal ones are the same object."""
    texts: list[str] = []
    for chunk in column.chunks:
        if not arrow.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_encode()
        words = ["" if word is None else word for word in chunk.dictionary.to_pylist()]
        words.append("")
        places = chunk.indices.fill_null(len(words) - 1) if chunk.null_count else chunk.indices
        texts.extend(map(words.__getitem__, places.to_pylist()))
    return texts


def _floats(arrow: Any, column: Any) -> np.ndarray:
    numbers = column.cast(arrow.float64(), safe=False)
    return np.asarray(numbers.fill_null(np.nan).to_numpy(), dtype=np.float64)


def _dates(arrow: Any, column: Any) -> np.ndarray:
    if arrow.types.is_date(column.type):
        column = column.cast(arrow.timestamp("s" if column.type == arrow.date32() else "ms"))
    unit = column.type.unit
    whole = column.cast(arrow.timestamp(unit)).cast(arrow.int64())
    gaps = np.asarray(column.is_null().to_numpy(), dtype=bool)
    dates = whole.fill_null(0).to_numpy().astype(f"datetime64[{unit}]").astype("datetime64[s]")
    dates[gaps] = np.datetime64("NaT")
    return dates


def _reason(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"its content cannot be decoded ({printable(first, 70)[1:-1]})"


def _damaged(label: str, what: str) -> LoadError:
    return damaged(
        label,
        f"{what}.",
        expected="a complete Parquet file with flat columns whose sizes agree.",
        fix="write the file again with the program that made it, or save the table as CSV.",
    )

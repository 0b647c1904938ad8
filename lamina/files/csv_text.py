"""Comma-separated text (also ; tab |), strictly read: every fault is named with line and column.

Cells stay text. A formula is text like any other.
"""

import codecs
import csv
import io
import re
from array import array
from collections.abc import Iterator

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.cell_text import CHUNK_CELLS, TextCells
from lamina.files.opening import Source, damaged, label_of, printable, read_whole
from lamina.files.tables import (
    CellColumn,
    TableFile,
    check_magic,
    check_size,
    disagreeing,
    without_rows,
)

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SNIFFED_BYTES = 1 << 16
_SNIFFED_RECORDS = 50
_CELLS_AT_ONCE = 1 << 18  # as Python strings, before they are packed
_BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
_YEAR = re.compile(r"(19|20)\d\d")


def read_csv(source: Source, *, name: str | None = None) -> TableFile:
    """Reads a table of text: a line with the names of the columns, then one record a row.

    The delimiter is found by looking at the first lines; a file called .tsv has tabs. The text is
    strict UTF-8, with or without a byte order mark. Blank lines are passed over.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        The cells as text.

    Raises:
        LoadError: The text is no UTF-8, has a NUL character, a quote that is never closed, records
            of different lengths, no header, a name twice, no rows, or is too large.
    """
    label = name or label_of(source)
    data = read_whole(source, limits.TABLE_BYTES, name=name)
    check_magic(label, data[:8])
    delimiter = _delimiter_of(label, data)
    _check_text(label, data, delimiter)
    records = _records(label, data, delimiter)
    first = next(records, None)
    if first is None:
        raise damaged(
            label,
            "the file is empty.",
            expected="a line with the names of the columns, then the rows.",
            fix="look at the program that wrote the file.",
        )
    names, notes = _header(label, *first)
    columns, lines = _columns(label, records, names, delimiter)
    if not lines:
        raise without_rows(label)
    if delimiter != ",":
        notes = (f"Cells are separated by a {DELIMITERS[delimiter]}.", *notes)
    cells = {key: CellColumn("text", packed) for key, packed in columns.items()}
    return TableFile(label, cells, len(lines), lines, delimiter, notes)


# -- text --------------------------------------------------------------------------------------


def _opened(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", errors="replace", newline="")


def _check_text(label: str, data: bytes, delimiter: str) -> None:
    """Passes UTF-8 without NUL characters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _no_text(label, "the text is UTF-16")
    nul = data.find(b"\0")
    if nul >= 0:
        place = _place_of(data, nul, delimiter)
        raise damaged(
            label,
            f"{place}: there is a NUL character.",
            expected="text without the character \\0.",
            fix="export the file again; it may have been cut off or be no text at all.",
        )
    wrong = _first_not_utf8(data)
    if wrong is not None:
        byte, place = data[wrong], _place_of(data, wrong, delimiter)
        what = f"{place}: the byte 0x{byte:02X} is not UTF-8 ({chr(byte)!r} in Latin-1)"
        raise _no_text(label, what)


def _first_not_utf8(data: bytes) -> int | None:
    """Where text stops being UTF-8; looked at in pieces, for one rare letter widens them all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), limits.MIB):
        end = start + limits.MIB
        try:
            decoder.decode(view[start:end], final=end >= len(data))
        except UnicodeDecodeError as error:  # its object begins with what the last piece left over
            return min(end, len(data)) - len(error.object) + error.start
    return None


def _no_text(label: str, what: str) -> LoadError:
    return damaged(
        label,
        f"{what}.",
        expected="text in UTF-8.",
        fix='save it as "CSV UTF-8", or convert it: iconv -f LATIN1 -t UTF-8 old.csv > new.csv.',
    )


def _place_of(data: bytes, position: int, delimiter: str) -> str:
    """Line and column of a byte; a quoted cell with line ends counts as one."""
    before = data[:position].removeprefix(_BOM).decode("latin-1")
    line_ends = before.count("\n") or before.count("\r")
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    column, _ = _scanned(before[start:], delimiter)
    return f"line {line_ends + 1}, column {column}"


def _scanned(text: str, delimiter: str) -> tuple[int, bool]:
    """The column in which a record has a fault or ends, and whether a quote is open there."""
    column, is_quoted, is_fresh = 1, False, True
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if is_quoted:
            if letter != '"':
                continue
            if text[position : position + 1] == '"':
                position += 1
                continue
            is_quoted = False
            if text[position : position + 1] not in ("", delimiter, "\n", "\r"):
                return column, False
        elif letter == '"' and is_fresh:
            is_quoted, is_fresh = True, False
        elif letter == delimiter:
            column, is_fresh = column + 1, True
        elif letter != " ":
            is_fresh = False
    return column, is_quoted


# -- delimiter ---------------------------------------------------------------------------------


def _delimiter_of(label: str, data: bytes) -> str:
    """The delimiter by which the first records have the same number of cells, the most of them."""
    excerpt = data[:_SNIFFED_BYTES].removeprefix(_BOM).decode("utf-8", "replace")
    first = excerpt.lstrip("\r\n").partition("\n")[0].strip()
    if first.startswith("{") and first.endswith("}"):
        raise disagreeing(label, "JSON lines")
    scores = {mark: _agreement(excerpt, mark) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    best = best if scores[best][1] > 1 else ","
    if label.lower().endswith(".tsv") and best != "\t" and scores[best][1] > 1:
        raise damaged(
            label,
            f"line 1: cells are separated by a {DELIMITERS[best]}, the name promises tabs.",
            expected="tabs between the cells of a .tsv file.",
            fix="rename the file so that it ends in .csv.",
        )
    return best


def _agreement(excerpt: str, delimiter: str) -> tuple[float, int]:
    """Share of the first records as long as the header, and the length of the header."""
    reader = csv.reader(io.StringIO(excerpt, newline=""), delimiter=delimiter)
    lengths: list[int] = []
    try:
        for record in reader:
            lengths += [len(record)] if record else []
            if len(lengths) == _SNIFFED_RECORDS:
                break
    except csv.Error:
        pass  # the strict reader says what is wrong, and where
    if not lengths or lengths[0] < 2:
        return 0.0, 1
    return sum(length == lengths[0] for length in lengths) / len(lengths), lengths[0]


# -- records -----------------------------------------------------------------------------------


def _records(label: str, data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line in which it starts."""
    reader = csv.reader(_opened(data), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _faulty(label, data, line, delimiter, str(error)) from error
        if record is None:
            return
        if len(record) > 1 or (record and record[0].strip()):
            yield line, record


def _faulty(label: str, data: bytes, line: int, delimiter: str, reason: str) -> LoadError:
    text = _opened(data)
    for _ in range(line - 1):
        text.readline()
    column, is_open = _scanned(text.read(2 * csv.field_size_limit()), delimiter)
    if is_open:
        what = "a quote is opened and never closed"
        fix = 'close the quote; a quote inside a quoted cell is written twice: "say ""yes""".'
    elif "field larger" in reason:
        what = f"a cell has over {csv.field_size_limit():,} characters"
        fix = "leave that column out, or shorten its text."
    else:
        what = "something stands between the end of a quoted cell and the next one"
        fix = 'write a quote inside a quoted cell twice: "say ""yes""".'
    return damaged(
        label,
        f"line {line}, column {column}: {what}.",
        expected="cells as they are, or quoted from their beginning to their end.",
        fix=fix,
    )


def _columns(
    label: str,
    records: Iterator[tuple[int, list[str]]],
    names: list[str],
    delimiter: str,
) -> tuple[dict[str, TextCells], array]:
    """The cells by column, and the line of each row."""
    width = len(names)
    columns = [TextCells() for _ in names]
    lines = array("q")
    chunk: list[list[str]] = []
    rows_at_once = max(1, min(CHUNK_CELLS, _CELLS_AT_ONCE // width))
    for line, record in records:
        if len(record) != width:
            raise _uneven(label, line, record, names, delimiter)
        chunk.append(record)
        lines.append(line)
        if len(chunk) == rows_at_once:
            check_size(label, len(lines), width, f"line {line}: up to here ")
            _move(chunk, columns)
    _move(chunk, columns)
    return dict(zip(names, columns, strict=True)), lines


def _move(chunk: list[list[str]], columns: list[TextCells]) -> None:
    for column, cells in zip(columns, zip(*chunk, strict=True), strict=False):
        column.add(cells)
    chunk.clear()


def _uneven(
    label: str, line: int, record: list[str], names: list[str], delimiter: str
) -> LoadError:
    found, width = len(record), len(names)
    where = f"line {line}, column {min(found, width) + 1}"
    cells = "1 cell" if found == 1 else f"{found} cells"
    if found < width:
        what = f"nothing for {printable(names[found], 40)}; the line has {cells} of {width}"
        fix = "fill the line up; an empty cell still needs its delimiter."
    else:
        what = f"{printable(record[width], 40)} is too much; the line has {cells}, not {width}"
        fix = f"put quotes around a cell that holds a {DELIMITERS[delimiter]}."
    return damaged(
        label, f"{where}: {what}.", expected="as many cells in each line as in the first.", fix=fix
    )


# -- header ------------------------------------------------------------------------------------


def _header(label: str, line: int, record: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The names of the columns; those without one are called by their number."""
    check_size(label, 0, len(record))
    names = [name.strip() for name in record]
    _check_is_header(label, line, names)
    nameless = [place for place, name in enumerate(names) if not name]
    for place in nameless:
        names[place] = f"column {place + 1}"
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in seen:
            raise damaged(
                label,
                f"line {line}, column {place + 1}: the name {printable(name, 60)} is that of "
                f"column {seen[name] + 1} too.",
                expected="a name of its own for each column.",
                fix="rename one of the two columns.",
            )
        seen[name] = place
    notes = [
        f"Column {place + 1} has no name; it is called {names[place]!r}." for place in nameless
    ]
    return names, tuple(notes)


def _check_is_header(label: str, line: int, names: list[str]) -> None:
    """Refuses a first line that looks like a row: fractions, or numbers that are no years."""
    numeric = [place for place, name in enumerate(names) if _NUMBER.fullmatch(name)]
    strange = [place for place in numeric if not _YEAR.fullmatch(names[place])]
    fractions = [place for place in strange if not names[place].strip("+-").isdigit()]
    if not strange or not (fractions or 3 * len(strange) >= len(names)):
        return
    place = (fractions or strange)[0]
    raise damaged(
        label,
        f"line {line}, column {place + 1}: the first line holds {printable(names[place], 40)}, "
        "which is no name of a column.",
        expected="a first line with the names of the columns.",
        fix="put a line with names above the rows.",
    )

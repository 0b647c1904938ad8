"""The footer of a Parquet file, read by ourselves before pyarrow sees it.

pyarrow 26 ends the whole process at some wrong values in a footer (an unknown codec is one), which
no `except` can catch. What passes here has known kinds and codecs and lies inside the file.
"""

from typing import Any, NamedTuple

from lamina.files.parquet_pages import Chunk
from lamina.files.thrift import ThriftFault, ThriftReader, Wide

_PHYSICAL = range(8)
_CODECS = range(8)
_REQUIRED, _OPTIONAL = 0, 1
_CONVERTED = range(22)


class Footer(NamedTuple):
    """What a footer says: names of the columns, number of rows, and the chunks of each group."""

    names: list[str]
    num_rows: int
    groups: list[list[Chunk]]


def read_footer(data: bytes, start: int, stop: int) -> Footer:
    """Reads the footer and checks it against the file.

    Args:
        data: The whole file.
        start: Where the footer starts.
        stop: Where it ends.

    Raises:
        ThriftFault: It is cut, nested columns, unknown kinds, places outside of the file, or
            numbers that contradict each other.
    """
    fields = ThriftReader(data, start, stop).struct()
    names = _names(fields.get(2))
    num_rows = _count(fields.get(3), "number of rows")
    groups = [_group(group, names, start) for group in _structs(fields.get(4, []))]
    held = sum(group[0].num_values for group in groups)
    if held != num_rows:
        raise ThriftFault(f"it claims {num_rows:,} rows, and its groups hold {held:,}")
    if 8 in fields:
        raise ThriftFault("it is encrypted")
    return Footer(names, num_rows, groups)


def _names(schema: Any) -> list[str]:
    elements = _structs(schema)
    if len(elements) < 2 or elements[0].get(5) != len(elements) - 1:
        raise ThriftFault("it has nested columns, or none")
    return [_name(element) for element in elements[1:]]


def _name(element: dict[int, Any]) -> str:
    """The name of one plain column (schema element: type 1, repetition 3, name 4, converted 6)."""
    raw = element.get(4)
    if not isinstance(raw, bytes):
        raise ThriftFault("a column has no name")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ThriftFault("the name of a column is no UTF-8 text") from error
    if element.get(1) not in _PHYSICAL or element.get(5):
        raise ThriftFault(f"column {name[:40]!r} is nested or of an unknown kind")
    if element.get(3, _REQUIRED) not in (_REQUIRED, _OPTIONAL):
        raise ThriftFault(f"column {name[:40]!r} holds lists")
    if element.get(6, 0) not in _CONVERTED:
        raise ThriftFault(f"column {name[:40]!r} is of an unknown kind")
    return name


def _group(group: dict[int, Any], names: list[str], stop: int) -> list[Chunk]:
    num_rows = _count(group.get(3), "number of rows")
    columns = _structs(group.get(1))
    if len(columns) != len(names):
        raise ThriftFault(f"a group has {len(columns):,} columns, not {len(names):,}")
    return [
        _chunk(column, name, num_rows, stop) for column, name in zip(columns, names, strict=True)
    ]


def _chunk(column: dict[int, Any], name: str, num_rows: int, stop: int) -> Chunk:
    """Where a column lies (meta_data: encodings 2, path 3, codec 4, values 5, bytes 7, places)."""
    about = column.get(3)
    if not isinstance(about, dict) or 1 in column or {8, 9} & column.keys():
        raise ThriftFault(f"column {name[:40]!r} lies in another file or is encrypted")
    if about.get(1) not in _PHYSICAL or about.get(4) not in _CODECS:
        raise ThriftFault(f"column {name[:40]!r} has an unknown kind or codec")
    if about.get(3) != [name.encode()]:
        raise ThriftFault(f"column {name[:40]!r} stands where another one is described")
    count = _count(about.get(5), "number of values")
    if count != num_rows:
        raise ThriftFault(f"a column claims {count:,} values in {num_rows:,} rows")
    if not count:
        return Chunk(start=0, num_bytes=0, num_values=0, is_packed=False)
    size = _count(about.get(7), "size of a column")
    start = _count(about.get(9), "place of a column")
    dictionary = about.get(11)
    if dictionary is not None and _count(dictionary, "place of a dictionary"):
        start = min(start, dictionary)
    if start < 4 or start + size > stop:
        raise ThriftFault(f"a column lies at byte {start}, outside of the file")
    return Chunk(start, size, count, is_packed=about[4] != 0)


def _structs(value: Any) -> list[dict[int, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ThriftFault("its footer is not as the format says")
    return value


def _count(value: Any, what: str) -> int:
    if not isinstance(value, Wide) or not 0 <= value < 2**62:
        raise ThriftFault(f"the {what} is not as the format says")
    return value

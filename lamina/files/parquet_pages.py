"""The pages of a Parquet file, walked before a decoder sees them.

A decoder believes what a page says of its own size. Here every page header is read, so that what
the file asks for is known beforehand and nothing asks for more than the file can justify.
"""

from typing import Any, NamedTuple

from lamina.files.thrift import ThriftFault, ThriftReader

# Ids of the fields, types and encodings, from parquet.thrift of the Apache Parquet format.
_TYPE, _UNPACKED, _PACKED = 1, 2, 3
_DATA_PAGE, _DICTIONARY_PAGE, _DATA_PAGE_V2 = 5, 7, 8
_DICTIONARY_TYPE = 2
_COUNT, _ENCODING, _ENCODING_V2 = 1, 2, 4
_FIELDS = {
    0: (_DATA_PAGE, _ENCODING),
    2: (_DICTIONARY_PAGE, _ENCODING),
    3: (_DATA_PAGE_V2, _ENCODING_V2),
}
"""Where a page of each type describes itself. Index pages (1) are written by nobody."""
ENCODINGS = {
    0: "PLAIN",
    2: "PLAIN_DICTIONARY",
    3: "RLE",
    4: "BIT_PACKED",
    5: "DELTA_BINARY_PACKED",
    6: "DELTA_LENGTH_BYTE_ARRAY",
    8: "RLE_DICTIONARY",
    9: "BYTE_STREAM_SPLIT",
}
"""What is decoded. DELTA_BYTE_ARRAY is not: its texts share beginnings, and need not fit."""


class Chunk(NamedTuple):
    """Where the pages of one column in one group of rows lie, and what the footer says of them."""

    start: int
    num_bytes: int
    num_values: int
    is_packed: bool


class Pages(NamedTuple):
    """What the pages of a chunk say of themselves."""

    unpacked_bytes: int
    has_dictionary: bool


def walk(data: bytes, chunk: Chunk) -> Pages:
    """Goes through the headers of a chunk's pages and adds up what they ask for.

    Args:
        data: The whole file.
        chunk: Where the pages lie.

    Raises:
        ThriftFault: A page is cut, lies outside the chunk, has an encoding not decoded here,
            or the pages hold another number of values than the footer says.
    """
    position, stop = chunk.start, chunk.start + chunk.num_bytes
    total = num_values = 0
    has_dictionary = False
    while position < stop and num_values < chunk.num_values:
        reader = ThriftReader(data, position, stop)
        header = reader.struct()
        position = reader.position
        packed, unpacked = header.get(_PACKED, -1), header.get(_UNPACKED, -1)
        if not (_is_size(packed) and _is_size(unpacked)) or packed > stop - position:
            raise ThriftFault(f"byte {position}: a page is said to have {packed} bytes")
        if not chunk.is_packed and packed != unpacked:
            raise ThriftFault(f"byte {position}: a page that is not packed has two sizes")
        num_values += _values_in(header, position)
        has_dictionary |= header[_TYPE] == _DICTIONARY_TYPE
        total += unpacked
        position += packed
    if num_values != chunk.num_values:
        raise ThriftFault(
            f"byte {chunk.start}: pages hold {num_values:,} values, not as many as said"
        )
    return Pages(total, has_dictionary)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _values_in(header: dict[int, Any], position: int) -> int:
    """Number of rows in a page; 0 for a dictionary."""
    field, key = _FIELDS.get(header.get(_TYPE, -1), (-1, -1))
    page = header.get(field)
    if not isinstance(page, dict):
        raise ThriftFault(f"byte {position}: a page of an unknown kind")
    count: Any = page.get(_COUNT)
    encoding = page.get(key)
    if encoding not in ENCODINGS:
        raise ThriftFault(f"byte {position}: a page has the encoding {encoding!r}"[:80])
    if not _is_size(count):
        raise ThriftFault(f"byte {position}: a page is said to hold {count!r} values"[:80])
    return 0 if field == _DICTIONARY_PAGE else count

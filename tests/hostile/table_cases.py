"""Hostile tables and settings: text that is none, sizes that lie, footers that end a process.

Each case is the form that its name claims, its bytes, and a part of what the refusal must say.
"""

import struct
import zlib

from tests.hostile.samples import SAMPLES

LONG = 3 * 2**20
ROWS = 3


def csv_cases():
    head = b"a,b,target\n"
    return {
        "a pickle": (b"\x80\x04\x95" + bytes(40), "NUL character"),
        "a zip file": (b"PK\x03\x04" + b"x" * 40, "the content is a zip file"),
        "a Parquet file": (SAMPLES["parquet"].data, "the content is a Parquet file"),
        "gzip": (b"\x1f\x8b\x08\x00" + b"x" * 40, "the content is gzip data"),
        "only a byte order mark": (b"\xef\xbb\xbf", "the file is empty"),
        "NUL at the end": (head + b"1,2,3\n\0", "line 3, column 1: there is a NUL character"),
        "surrogates as bytes": (head + b"\xed\xa0\x80,2,3\n", "line 2, column 1: the byte 0xED"),
        "an overlong slash": (head + b"1,\xc0\xaf,3\n", "line 2, column 2: the byte 0xC0"),
        "a quote over all of it": (head + b'"' + b"1,2,3\n" * 500_000, "line 2, column 1: a quote"),
        "a cell of megabytes": (head + b"1," + b"x" * LONG + b",3\n", "line 2, column 2: a cell"),
        "a header of megabytes": (b"x" * LONG + b",b\n1,2\n", "line 1, column 1: a cell has over"),
        "a million columns": (b"," * 1_000_000 + b"\n", "the table has 1,000,001 columns"),
        "a million quotes": (b'a,b\n"' + b'""' * 60_000, "line 2, column 1: a quote is opened"),
        "a row of a million cells": (head + b"," * 1_000_000, "line 2, column 4: '' is too much"),
        "control characters in a name": (b"\x1b[2Jx,\x1b[2Jx\n1,2\n", "the name '\\x1b[2Jx' is"),
        "a page of HTML": (b"<html><body>404, not found</body></html>", "the table has no rows"),
    }


def jsonl_cases():
    return {
        "deep lists": (b"[" * 500_000, "line 1: it is nested too deeply"),
        "deep objects": (b'{"a":' * 100_000, "line 1: it is nested too deeply"),
        "one long line": (b'{"a": "' + b"x" * LONG + b'"}', "line 1: it has 3,145,737 bytes"),
        "a long number": (b'{"a": ' + b"9" * 500_000 + b"}", "the whole number '9999"),
        "a long exponent": (b'{"a": 1e999999999}', "the number '1e999999999' is too large"),
        "a key twice": (b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        "a table inside": (b'{"a": {"__class__": "os.system"}}', "the value of 'a' is an object"),
        "half a character": (b'{"a": "\\udfff"}', "half of a surrogate pair"),
        "Infinity": (b'{"a": -Infinity}', "-Infinity is not a number"),
        "two objects in a line": (b'{"a": 1}{"a": 2}', "line 1, column 9: extra data"),
        "other keys in every line": (
            b"".join(b'{"%d":0}\n' % i for i in range(20_000)),
            "nearly every line has other keys",
        ),
        "a key of control characters": (b'{"\\u001b[2J": []}', "the value of '\\x1b[2J' is a list"),
    }


def toml_cases():
    return {
        "a YAML tag": (b"a: !!python/object/apply:os.system [ls]", "line 1: expected '='"),
        "deep lists": (b"a = " + b"[" * 30_000, "nested more than 16 deep"),
        "deep names": (b"a" + b".a" * 15_000 + b" = 1", "a name has over 100 parts"),
        "deep tables": (b"[a" + b".a" * 15_000 + b"]", "a name has over 100 parts"),
        "a long number": (b"a = " + b"9" * 30_000, "a number has over 400 digits"),
        "a long hexadecimal number": (b"a = 0x" + b"f" * 30_000, "'a' has over 64 bits"),
        "an infinite rate": (b"a = 1\nrate = inf", "line 2: 'rate' is inf"),
        "an endless line": (b"a" * 30_000, "line 1: expected"),
        "quotes": (b"a = " + b'"\\"' * 10_000, "line 1: "),
        "many tables": (b"\n".join(b"[a%d.b.c]" % i for i in range(8_000)), "the file has"),
        "NUL": (b"a = 1\0", "line 1: "),
    }


# -- Parquet, written by hand ------------------------------------------------------------------


class Wide(int):
    """A number of 64 bits."""


def varint(value):
    text = bytearray()
    while value > 127:
        text.append(value & 127 | 128)
        value >>= 7
    return bytes([*text, value])


def number(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def value_of(value):
    """Type and bytes of a value in Thrift's compact protocol."""
    if isinstance(value, dict):
        return 12, struct_of(value)
    if isinstance(value, bytes):
        return 8, varint(len(value)) + value
    if isinstance(value, list):
        kind = value_of(value[0])[0] if value else 12
        return 9, bytes([0xF0 | kind]) + varint(len(value)) + b"".join(
            value_of(one)[1] for one in value
        )
    return 6 if isinstance(value, Wide) else 5, number(value)


def struct_of(fields):
    """A struct with whole numbers, texts, lists and structs by the ids of their fields."""
    text = bytearray()
    for field, value in fields.items():
        kind, content = value_of(value)
        text += bytes([kind]) + number(field) + content
    return bytes(text) + b"\0"


def page(values, count=ROWS, unpacked=None, packed=None, encoding=0, **more):
    """A data page of PLAIN values."""
    header = {
        1: more.get("kind", 0),
        2: len(values) if unpacked is None else unpacked,
        3: len(values) if packed is None else packed,
        5: {1: count, 2: encoding, 3: 3, 4: 3},
    }
    return struct_of(header) + values


def parquet(pages=None, *, schema=None, groups=None, rows=ROWS, meta=None, chunk=None, top=None):
    """A Parquet file with one required int64 column 'a', and what is to be wrong with it."""
    pages = page(struct.pack("<3q", 1, 2, 3)) if pages is None else pages
    columns = [{1: 2, 3: 0, 4: b"a"}]
    about = {1: 2, 2: [0, 3], 3: [b"a"], 4: 0, 5: rows, 6: len(pages), 7: len(pages), 9: 4}
    about |= meta or {}
    about |= {field: Wide(about[field]) for field in (5, 6, 7, 9)}
    column = {2: Wide(4), 3: about} | (chunk or {})
    schema = [{4: b"schema", 5: 1}, *columns] if schema is None else schema
    group = {1: [column], 2: Wide(len(pages)), 3: Wide(rows)}
    fields = {1: 1, 2: schema, 3: Wide(rows), 4: [group] if groups is None else groups} | (
        top or {}
    )
    footer = struct_of(fields)
    return b"PAR1" + pages + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def parquet_cases():
    good = SAMPLES["parquet"].data
    numbers = struct.pack("<3q", 1, 2, 3)
    deep = b"\x1c" * 1000  # a struct in a struct in a struct ...
    zipped = zlib.compress(bytes(40 * 2**20), wbits=31)
    return {
        "CSV": (b"a,b\n1,2\n", "the content is no Parquet file"),
        "an encrypted footer": (b"PARE" + good[4:-4] + b"PARE", "it is encrypted"),
        "half": (good[: len(good) // 2], "it is cut off"),
        "a footer beyond the file": (good[:-8] + b"\xff\xff\xff\x7fPAR1", "the footer is said"),
        "a footer of nothing": (b"PAR1" + bytes(4) + b"PAR1", "the description is cut"),
        "a deep footer": (b"PAR1" + deep + len(deep).to_bytes(4, "little") + b"PAR1", "too deeply"),
        "a codec of no kind": (parquet(meta={4: 50}), "unknown kind or codec"),
        "a type of no kind": (parquet(meta={1: 50}), "unknown kind or codec"),
        "a column of no kind": (
            parquet(schema=[{4: b"s", 5: 1}, {1: 99, 3: 0, 4: b"a"}]),
            "nested or of an unknown kind",
        ),
        "a converted type of no kind": (
            parquet(schema=[{4: b"s", 5: 1}, {1: 2, 3: 0, 4: b"a", 6: 999}]),
            "is of an unknown kind",
        ),
        "lists": (parquet(schema=[{4: b"s", 5: 1}, {1: 2, 3: 2, 4: b"a"}]), "holds lists"),
        "a schema of nothing": (parquet(schema=[]), "nested columns, or none"),
        "children that are not there": (parquet(schema=[{4: b"s", 5: 9}]), "nested columns"),
        "a name that is no text": (
            parquet(schema=[{4: b"s", 5: 1}, {1: 2, 3: 0, 4: b"\xff"}]),
            "no UTF-8",
        ),
        "another file": (parquet(chunk={1: b"/etc/passwd"}), "lies in another file"),
        "a column of another name": (parquet(meta={3: [b"b"]}), "where another one is described"),
        "an encrypted column": (parquet(chunk={8: {1: 1}}), "is encrypted"),
        "a column before the file": (parquet(meta={9: 0}), "lies at byte 0"),
        "a column beyond the file": (parquet(meta={9: 2**40}), "outside of the file"),
        "a negative size": (parquet(meta={7: -5}), "the size of a column"),
        "rows that are not there": (parquet(rows=2**40, top={3: Wide(2**40)}), "cells"),
        "groups that are not there": (
            parquet(top={3: Wide(10)}),
            "claims 10 rows, and its groups hold",
        ),
        "a group without columns": (
            parquet(groups=[{1: [], 3: Wide(ROWS)}]),
            "a group has 0 columns",
        ),
        "a million rows in a few bytes": (
            parquet(page(numbers, count=50_000_000), rows=50_000_000),
            "it claims 50,000,000 rows",
        ),
        "a place of 32 bits, which a decoder passes over": (
            parquet(meta={11: 4}),
            "the place of a dictionary is not as the format says",
        ),
        "a thing said twice": (
            parquet(top={11: 1}).replace(b"\x05\x16\x02", b"\x05\x02\x02"),
            "says a thing twice",
        ),
        "a page that is described as two kinds": (
            parquet(page(numbers, kind=3)),
            "a page of an unknown kind",
        ),
        "values that are not there": (
            parquet(page(numbers, count=2)),
            "pages hold 2 values",
        ),
        "a page of two gigabytes": (
            parquet(page(zipped, unpacked=2**31 - 1), meta={4: 2}),
            "it unpacks to over",
        ),
        "a page that is not packed and has two sizes": (
            parquet(page(numbers, unpacked=2**30)),
            "two sizes",
        ),
        "a page beyond its column": (
            parquet(page(numbers, packed=2**20, unpacked=2**20)),
            "a page",
        ),
        "a page of negative size": (parquet(page(numbers, packed=-1, unpacked=-1)), "-1 bytes"),
        "texts that share beginnings": (parquet(page(numbers, encoding=7)), "the encoding 7"),
        "an encoding of no kind": (parquet(page(numbers, encoding=77)), "the encoding 77"),
        "fewer bytes than values": (
            parquet(page(numbers[:8])),
            "its content cannot be decoded",
        ),
        "a page that is no gzip": (
            parquet(page(numbers, unpacked=24), meta={4: 2}),
            "its content cannot be decoded",
        ),
        "a gzip page that is larger than said": (
            parquet(page(zipped, unpacked=24), meta={4: 2}),
            "its content cannot be decoded",
        ),
        "text that is no UTF-8": (
            parquet(
                page(struct.pack("<I2s", 2, b"\xff\xfe") * ROWS),
                schema=[{4: b"s", 5: 1}, {1: 6, 3: 0, 4: b"a", 6: 0}],
                meta={1: 6},
            ),
            "its content cannot be decoded",
        ),
        "a text longer than its page": (
            parquet(
                page(struct.pack("<I2s", 2**31 - 1, b"ab")),
                schema=[{4: b"s", 5: 1}, {1: 6, 3: 0, 4: b"a", 6: 0}],
                meta={1: 6},
            ),
            "its content cannot be decoded",
        ),
        "bytes as a column": (
            parquet(
                page(struct.pack("<I2s", 2, b"ab") * ROWS),
                schema=[{4: b"s", 5: 1}, {1: 6, 3: 0, 4: b"a"}],
                meta={1: 6},
            ),
            "column 1 ('a') holds binary",
        ),
    }


def _all(form, cases):
    return {f"{form}: {name}": (form, *case) for name, case in cases.items()}


CASES = {
    **_all("csv", csv_cases()),
    **_all("jsonl", jsonl_cases()),
    **_all("toml", toml_cases()),
    **_all("parquet", parquet_cases()),
}

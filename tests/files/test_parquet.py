"""Parquet files: flat columns are read, what asks for more than its size justifies is refused."""

import datetime
import io
import re
import sys
from decimal import Decimal

import numpy as np
import pytest

from lamina.core.errors import LoadError, MissingExtraError
from lamina.files import read_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

WRITTEN = [
    {},
    {"compression": "zstd"},
    {"compression": "none", "use_dictionary": False},
    {"compression": "gzip", "data_page_version": "2.0"},
    {"row_group_size": 2, "write_page_checksum": True},
    {"use_dictionary": False, "column_encoding": {"t": "DELTA_LENGTH_BYTE_ARRAY"}},
    {"write_page_index": True, "data_page_size": 16, "write_batch_size": 1},
]


def table():
    moment = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)
    return pa.table(
        {
            "i": pa.array([1, 2, 2**60], pa.int64()),
            "gap": pa.array([1, None, 3], pa.int32()),
            "f": pa.array([0.5, None, 1.5], pa.float64()),
            "b": pa.array([True, None, False]),
            "t": pa.array(["x", None, "ü"]),
            "dict": pa.array(["x", "y", None]).dictionary_encode(),
            "large": pa.array(["x", "y", "x"], pa.large_string()),
            "date": pa.array([datetime.date(1969, 12, 31), None, datetime.date(2024, 2, 29)]),
            "moment": pa.array([moment, None, moment], pa.timestamp("us", tz="Europe/Berlin")),
            "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")]),
            "half": pa.array(np.array([1, 2, 3], "float16")),
            "nothing": pa.nulls(3),
        }
    )


def written(data, **options):
    buffer = io.BytesIO()
    pq.write_table(data, buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", WRITTEN, ids=str)
def test_flat_columns_are_read_however_they_are_written(options):
    found = read_parquet(written(table(), **options)).columns

    forms = {name: column.form for name, column in found.items()}
    values = {name: column.values for name, column in found.items()}
    assert values["i"].tolist() == [1, 2, 2**60]
    np.testing.assert_array_equal(values["gap"], [1, np.nan, 3])
    np.testing.assert_array_equal(values["f"], [0.5, np.nan, 1.5])
    np.testing.assert_array_equal(values["b"], [1, np.nan, 0])
    np.testing.assert_array_equal(values["decimal"], [1.5, np.nan, -2.25])
    np.testing.assert_array_equal(values["half"], [1, 2, 3])
    assert values["t"] == ["x", "", "ü"]
    assert values["dict"] == ["x", "y", ""]
    assert values["large"] == ["x", "y", "x"]
    assert values["nothing"] == ["", "", ""]
    assert values["date"].astype(str).tolist() == [
        "1969-12-31T00:00:00",
        "NaT",
        "2024-02-29T00:00:00",
    ]
    assert values["moment"].astype(str)[0] == "2024-02-29T12:00:00"
    assert (forms["b"], forms["date"], forms["t"], forms["i"]) == (
        "boolean",
        "date",
        "text",
        "number",
    )


def test_a_text_that_stands_in_many_rows_is_kept_once():
    text = "x" * 100_000
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), [text])
    data = written(pa.table({"a": words}))
    values = read_parquet(data).columns["a"].values

    assert len(values) == 50_000
    assert len({id(value) for value in values}) == 1


def nested():
    return pa.table({"a": [[1, 2], [3]], "b": [1, 2]})


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: written(nested()), "it has nested columns, or none."),
        (lambda: written(pa.table({"a": [{"b": 1}]})), "it has nested columns, or none."),
        (lambda: written(pa.table({"a": [b"x"]})), "column 1 ('a') holds binary."),
        (lambda: written(pa.table({"a": pa.array([], pa.int8())})), "the table has no rows."),
        (lambda: written(pa.table([[1], [2]], names=["a", "a"])), "column 2: the name 'a' occurs"),
        (
            lambda: written(pa.table({"a": [1]}))[:-1],
            "it is cut off, or something follows its end.",
        ),
        (lambda: written(pa.table({"a": [1]})) + b"x", "it is cut off, or something follows"),
        (lambda: b"a,b\n1,2\n", "the content is no Parquet file (it starts with b'a,b\\n1,2\\n')"),
        (lambda: b"PAR1PAR1", "it is cut off, or something follows its end."),
        (lambda: b"PAR1" + bytes(8) + b"PARE", "it is encrypted."),
        (lambda: b"PAR1" + b"\xff" * 8 + b"PAR1", "the footer is said to have 4,294,967,295 of"),
        (lambda: b"PAR1" + bytes(4) + b"PAR1", "byte 4: the description is cut."),
    ],
)
def test_what_is_no_flat_table_is_refused(make, problem):
    with pytest.raises(LoadError, match=re.escape(f"'t.parquet': {problem}")):
        read_parquet(make(), name="t.parquet")


def test_a_million_rows_of_one_value_are_read_a_thousand_million_are_not():
    few = written(pa.table({"a": pa.array(np.ones(1_000_000))}))

    assert read_parquet(few).num_rows == 1_000_000
    with pytest.raises(LoadError, match=r"it claims 10,000,000 rows, and has [0-9,]+ bytes"):
        read_parquet(written(pa.table({"a": pa.array(np.ones(10_000_000))})))


def test_texts_that_share_their_beginning_are_refused():
    words = ["x" * 1000 + str(i) for i in range(100)]
    options = {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}}

    with pytest.raises(LoadError, match="a page has the encoding 7"):
        read_parquet(written(pa.table({"a": words}), **options))


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    message = (
        "pyarrow is needed to read Parquet files, and is not installed.\n"
        "  expected: the extra 'tables'.\n"
        "  fix: pip install 'lamina[tables]', or save the table as CSV."
    )
    with pytest.raises(MissingExtraError, match=f"^{re.escape(message)}$"):
        read_parquet(written(pa.table({"a": [1]})))


def test_a_bit_turned_anywhere_is_an_error_of_ours_or_another_table():
    good = written(table(), write_page_checksum=True)
    outcomes = {_outcome(good, place) for place in range(0, len(good), 7)}

    assert outcomes <= {"LoadError", "read"}
    assert "LoadError" in outcomes


def _outcome(good, place):
    changed = bytearray(good)
    changed[place] ^= 1 << place % 8
    try:
        read_parquet(bytes(changed))
    except LoadError:
        return "LoadError"
    return "read"

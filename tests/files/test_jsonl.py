"""JSON lines: flat objects become columns, everything else is refused with its line."""

import re
import time

import numpy as np
import pytest

from lamina.core.errors import LoadError
from lamina.files import read_jsonl


def columns(data: bytes) -> dict[str, tuple[str, list]]:
    found = read_jsonl(data).columns
    return {name: (column.form, list(column.values)) for name, column in found.items()}


def test_numbers_booleans_and_text_keep_their_form():
    data = b'{"n": 1, "f": 1.5, "b": true, "t": "x"}\n\n{"n": 2, "f": 2, "b": false, "t": "y"}\n'

    assert columns(data) == {
        "n": ("number", [1, 2]),
        "f": ("number", [1.5, 2.0]),
        "b": ("boolean", [1.0, 0.0]),
        "t": ("text", ["x", "y"]),
    }
    assert list(read_jsonl(data).lines) == [1, 3]


def test_null_and_absent_keys_are_gaps():
    found = read_jsonl(b'{"a": 1}\n{"a": null, "t": "x"}\n{"t": null}\n').columns

    np.testing.assert_array_equal(found["a"].values, [1, np.nan, np.nan])
    assert found["t"].values == ["", "x", ""]


def test_a_mixed_column_is_text():
    assert columns(b'{"a": 1}\n{"a": "x"}\n{"a": true}\n') == {"a": ("text", ["1", "x", "True"])}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the table has no rows."),
        (b"{}\n{}\n", "the table has no rows."),
        (b'{"a": 1}\n[1]\n', "line 2: it is a list, not an object."),
        (b'"x"\n', "line 1: it is text, not an object."),
        (b"[\n{}\n]\n", "line 1, column 2: expecting value."),
        (b'{"a": [1]}\n', "line 1: the value of 'a' is a list."),
        (b'{"a": {"b": 1}}\n', "line 1: the value of 'a' is an object."),
        (b'{"a": 1}\n{"a": 1\n', "line 2, column 8: expecting ',' delimiter."),
        (b'{"a": NaN}\n', "line 1: NaN is not a number that JSON knows."),
        (b'{"a": 1e400}\n', "line 1: the number '1e400' is too large for a float."),
        (b'{"a": 9007199254740993}\n', "line 1: the whole number '9007199254740993' is beyond"),
        (b'{"a": 1, "a": 2}\n', "line 1: the key 'a' stands twice in one object."),
        (b'{"a": "\\ud800"}\n', "line 1: a string holds half of a surrogate pair."),
        (b'{"a": "\xff"}\n', "line 1, column 8: there is no UTF-8 text."),
        (b'{"a": "\x01"}\n', "line 1, column 8: invalid control character at."),
        (b"[" * 200_000, "line 1: it is nested too deeply."),
        (b'{"a": "' + b"x" * 2**20 + b'"}', "line 1: it has 1,048,585 bytes."),
        (b"PAR1", "the content is a Parquet file, which its name does not say."),
    ],
)
def test_a_fault_is_named_with_its_line(data, problem):
    with pytest.raises(LoadError, match=re.escape(f"'t.jsonl': {problem}")):
        read_jsonl(data, name="t.jsonl")


def test_other_keys_in_every_line_are_refused_early():
    data = b"".join(b'{"k%d":1}\n' % i for i in range(9_000))
    start = time.perf_counter()
    with pytest.raises(LoadError, match=r"line 1001: nearly every line has other keys \(1,001\)"):
        read_jsonl(data)

    assert time.perf_counter() - start < 5


def test_the_message_has_three_parts():
    message = (
        "'t.jsonl': line 1: the value of 'a' is a list.\n"
        '  expected: one flat JSON object a line, such as {"age": 31, "city": "Bonn"}.\n'
        "  fix: write one object a line, with numbers, text, true, false or null as its values."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_jsonl(b'{"a": [1]}', name="t.jsonl")

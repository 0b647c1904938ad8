"""JSON from outside is capped and strict."""

import json
import re
import time

import pytest

from lamina.core.errors import LoadError
from lamina.files.documents import read_json


def test_a_plain_document_is_read(tmp_path):
    value = {"a": [1, -2.5, None, True, "ä\n"], "b": {"c": []}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))

    assert read_json(path) == read_json(json.dumps(value).encode()) == value


def test_the_deepest_and_largest_accepted_values_pass():
    assert read_json(b"[" * 64 + b"]" * 64) is not None
    assert read_json(b"[9007199254740992, -9007199254740992]") == [2**53, -(2**53)]
    assert read_json(b'"' + b"x" * 4096 + b'"') == "x" * 4096


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "line 1, column 1: expecting value."),
        (b"{", "line 1, column 2: expecting property name enclosed in double quotes."),
        (b'{"a": 1} x', "line 1, column 10: extra data."),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice in one object."),
        (b"[NaN]", "NaN is not a number that JSON knows."),
        (b"[-Infinity]", "-Infinity is not a number that JSON knows."),
        (b"[1e400]", "the number '1e400' is too large for a float."),
        (b"[9007199254740993]", "the whole number '9007199254740993' is beyond 2**53."),
        (b"1" * 100_000, f"the whole number {'1' * 38!r}".rstrip("'")),
        (b"[" * 65 + b"]" * 65, "byte 64: more than 64 levels."),
        (b'{"a":' * 5000, "byte 320: more than 64 levels."),
        (b'"' + b"x" * 4097 + b'"', "byte 0: a string is over 4,096 bytes."),
        (b"\xef\xbb\xbf[]", "<bytes>"),
        (b'["\xff"]', "byte 2 is not UTF-8 text."),
        ("[]".encode("utf-16"), "byte 0 is not UTF-8 text."),
        (b'["a\nb"]', "line 1, column 4: invalid control character at."),
    ],
)
def test_hostile_text_is_refused(text, reason):
    with pytest.raises(LoadError, match=re.escape(reason)):
        read_json(text)


def test_the_message_has_three_parts():
    message = (
        "'config.json': the key 'a' stands twice in one object.\n"
        "  expected: a JSON document with finite numbers, unique keys and at most 64 levels.\n"
        "  fix: write the file again with the program that made it."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_json(b'{"a": 1, "a": 2}', name="config.json")


def test_brackets_inside_strings_are_no_levels():
    text = json.dumps(["[" * 100 + '\\"' + "{" * 100])

    assert read_json(text.encode()) == json.loads(text)


def test_a_document_over_the_size_limit_is_refused():
    with pytest.raises(LoadError, match="the file has 5 bytes"):
        read_json(b"[1,2]", max_bytes=4)


def test_unfinished_strings_cost_linear_time():
    start = time.perf_counter()
    with pytest.raises(LoadError, match="over 4,096 bytes"):
        read_json(b'"' + b'\\"' * 2_000_000)

    assert time.perf_counter() - start < 5  # quadratic time would be hours

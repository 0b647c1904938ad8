"""JSON from outside, with caps on size, depth, strings and numbers, and without doubled keys."""

import json
import math
import re
import sys
from collections import Counter
from typing import Any

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.opening import Source, damaged, label_of, printable, read_whole

# Strings (also unfinished ones, so that the scan stays linear) and the four brackets.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
# What Python takes for a value, a member of an object with its key, and a list or an object.
_COSTS = {b",": 60, b":": 200, b"[": 60, b"{": 60}


class RefusedError(ValueError):
    """Leaves a parser with the sentence that says why."""


def read_json(
    source: Source,
    *,
    name: str | None = None,
    max_bytes: int = limits.JSON_BYTES,
    max_string_bytes: int = limits.JSON_STRING_BYTES,
) -> Any:
    """Reads a JSON file or bytes into plain lists, dictionaries, strings and numbers.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.
        max_bytes: Largest size accepted.
        max_string_bytes: Longest string accepted, as it is written in the file.

    Returns:
        The value of the document.

    Raises:
        LoadError: The text is no strict UTF-8 JSON, is too large or nested more than 64 deep, has
            a key twice in one object, NaN, an infinity, a whole number beyond 2**53, or so many
            small values that Python would need far more memory than the file has bytes.
    """
    label = name or label_of(source)
    data = read_whole(source, max_bytes, name=name)
    try:
        _scan(data, max_string_bytes)
        text = data.decode("utf-8")
        _check_cost(data, text)
        return parse_strictly(text)
    except RefusedError as error:
        raise _unusable(label, str(error)) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg.lower()}."
        raise _unusable(label, place) from error
    except UnicodeDecodeError as error:
        raise _unusable(label, f"byte {error.start} is not UTF-8 text.") from error


def parse_strictly(text: str) -> Any:
    """The value of a JSON text with finite numbers and unique keys.

    Raises:
        RefusedError: A key stands twice in one object, a number is not finite or too large, or
            a string holds half of a surrogate pair.
        json.JSONDecodeError: The text is no JSON.
    """
    value = _DECODER.decode(text)
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise RefusedError("a string holds half of a surrogate pair.") from error
    return value


def _unusable(name: str, what: str) -> LoadError:
    return damaged(
        name,
        what,
        expected="a JSON document with finite numbers, unique keys and at most "
        f"{limits.JSON_DEPTH} levels.",
        fix="write the file again with the program that made it.",
    )


def _scan(data: bytes, max_string_bytes: int) -> None:
    depth = 0
    for match in _TOKEN.finditer(data):
        first = data[match.start()]
        if first == ord('"'):
            if match.end() - match.start() - 2 > max_string_bytes:
                raise RefusedError(
                    f"byte {match.start()}: a string is over {max_string_bytes:,} bytes."
                )
        elif first in b"[{":
            depth += 1
            if depth > limits.JSON_DEPTH:
                raise RefusedError(f"byte {match.start()}: more than {limits.JSON_DEPTH} levels.")
        else:
            depth -= 1


def _check_cost(data: bytes, text: str) -> None:
    """Passes a text whose values, as Python objects, take memory in proportion to its size."""
    allowed = limits.JSON_OBJECT_BYTES + len(data)
    widened = max(0, sys.getsizeof(text) - len(data))  # one rare letter makes all of them wide
    if widened + _cost(data) > allowed and widened + _cost(_outside_strings(data)) > allowed:
        raise RefusedError(f"its values would take over {allowed:,} bytes of memory.")


def _outside_strings(data: bytes) -> bytearray:
    """What stands between the strings; gathered piece by piece, which takes no memory besides."""
    found, last = bytearray(), 0
    for match in _STRING.finditer(data):
        found += data[last : match.start()]
        last = match.end()
    return found + data[last:]


def _cost(data: bytes | bytearray) -> int:
    return sum(data.count(mark) * cost for mark, cost in _COSTS.items())


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        double = counts.most_common(1)[0][0]
        raise RefusedError(f"the key {printable(double)} stands twice in one object.")
    return table


def _refuse_constant(word: str) -> Any:
    raise RefusedError(f"{word} is not a number that JSON knows.")


def _whole(text: str) -> int:
    # Seventeen characters hold every accepted number; longer ones are costly to convert.
    if len(text) > 17 or abs(int(text)) > limits.JSON_WHOLE:
        raise RefusedError(f"the whole number {printable(text, 40)} is beyond 2**53.")
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise RefusedError(f"the number {printable(text, 40)} is too large for a float.")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_doubles,
    parse_constant=_refuse_constant,
    parse_int=_whole,
    parse_float=_real,
)

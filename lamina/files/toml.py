"""TOML from outside, for settings: capped in size and depth, every fault with its line."""

import math
import os
import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from lamina.core.errors import LoadError
from lamina.core.names import suggestion
from lamina.files import limits
from lamina.files.opening import Source, damaged, label_of, printable, read_whole

DEPTH = 16
_PARTS = 100  # in one dotted name; tomllib takes quadratic time for long ones
_WHOLE = 2**63
_DIGITS = 400  # Python refuses to read whole numbers of over 4,300
_LONG_NUMBER = re.compile(rf"[0-9_]{{{_DIGITS}}}")
_PLACE = re.compile(r"\(at (line (\d+), column \d+|end of document)\)$")
_TABLE = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?")
_KEY = re.compile(
    r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)


def read_toml(
    source: Source, *, known: Collection[str] | None = None, name: str | None = None
) -> dict[str, Any]:
    """Reads a TOML file or bytes into plain dictionaries, lists, numbers and text.

    Args:
        source: Path of a file that ends in .toml, or its content as bytes.
        known: The keys that may occur, dotted, such as "epochs" or "optimizer.learning_rate"; a
            name that ends in ".*" lets everything below it pass. All keys when `None`.
        name: What messages call the file. The path when `None`.

    Returns:
        The document.

    Raises:
        LoadError: The text is no TOML, is over 32 KiB or nested more than 16 deep, has a number
            that is not finite or has over 64 bits, or a key that is not known; the message names
            the line.

    Example:
        >>> read_toml(b"epochs = 3", known=["epochs"])
        {'epochs': 3}
    """
    label = name or label_of(source)
    if isinstance(source, (str, os.PathLike)) and Path(os.fsdecode(source)).suffix != ".toml":
        raise _unusable(label, "the name does not end in .toml.")
    data = read_whole(source, limits.TOML_BYTES, name=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unusable(label, f"line {line}: there is no UTF-8 text.") from error
    document = _parsed(label, text)
    lines = dict(_key_lines(text))
    for path, value in _entries(label, document, ()):
        dotted = ".".join(path)
        place = f"line {lines[path]}: " if path in lines else ""
        if isinstance(value, float) and not math.isfinite(value):
            raise _unusable(label, f"{place}{printable(dotted, 60)} is {value}.")
        if isinstance(value, int) and not -_WHOLE <= value < _WHOLE:
            raise _unusable(label, f"{place}{printable(dotted, 60)} has over 64 bits.")
        if known is not None and not (value and isinstance(value, dict)):
            _check_known(label, place, dotted, known)
    return document


def _parsed(label: str, text: str) -> dict[str, Any]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.partition("=")[0].count(".") >= _PARTS:
            raise _unusable(label, f"line {number}: a name has over {_PARTS} parts.")
        if _LONG_NUMBER.search(line):
            raise _unusable(label, f"line {number}: a number has over {_DIGITS} digits.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _unusable(label, f"it is nested more than {DEPTH} deep.") from error
    except ValueError as error:
        reason = str(error)
        found = _PLACE.search(reason)
        last = text.count("\n", 0, len(text.rstrip())) + 1
        place = "" if found is None else f"line {found[2] or last}: "
        said = _PLACE.sub("", reason).strip().rstrip(".").lower()
        raise _unusable(label, f"{place}{said[:100]}.") from error


def _entries(label: str, value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple, Any]]:
    """Every table, list and value below `value` with the names that lead to it."""
    if len(path) > DEPTH:
        raise _unusable(label, f"it is nested more than {DEPTH} deep.")
    if path:
        yield path, value
    inner = value.items() if isinstance(value, dict) else ()
    for key, item in inner:
        yield from _entries(label, item, (*path, key))
    for item in value if isinstance(value, list) else ():
        if isinstance(item, (dict, list)):
            yield from _listed(label, item, path, len(path) + 1)
        elif isinstance(item, (int, float)):
            yield path, item


def _listed(label: str, value: Any, path: tuple, depth: int) -> Iterator[tuple[tuple, Any]]:
    """What is inside a list in a list, or a table in a list."""
    if depth > DEPTH:
        raise _unusable(label, f"it is nested more than {DEPTH} deep.")
    if isinstance(value, dict):
        yield from _entries(label, value, path)
        return
    for item in value:
        if isinstance(item, (dict, list)):
            yield from _listed(label, item, path, depth + 1)
        elif isinstance(item, (int, float)):
            yield path, item


def _check_known(label: str, place: str, dotted: str, known: Collection[str]) -> None:
    is_below = any(
        dotted.startswith(word.removesuffix("*")) for word in known if word.endswith(".*")
    )
    if dotted in known or is_below:
        return
    raise damaged(
        label,
        f"{place}{printable(dotted, 60)} is not a setting.",
        expected=f"one of {', '.join(sorted(known))}.",
        fix=suggestion(dotted, known),
    )


def _key_lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """The line in which each name is written; names inside long strings may be among them."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        key = _KEY.match(line)
        if key:
            yield (*table, *_parts(key[1])), number
            continue
        header = _TABLE.match(line)
        if header:
            table = _parts(header[1])
            yield table, number


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _unusable(label: str, what: str) -> LoadError:
    return damaged(
        label,
        what,
        expected="a TOML file of settings, such as epochs = 20, with finite numbers.",
        fix="correct that line; text stands in double quotes, and # begins a comment.",
    )

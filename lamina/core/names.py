"""Looks words up in plain tables, and gives layers their automatic names."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from lamina.core.errors import ArgumentError

Entry = TypeVar("Entry")

_used: Counter[str] = Counter()


def look_up(kind: str, word: str, table: Mapping[str, Entry]) -> Entry:
    """Returns the entry of `table` under `word`, or says which words come near.

    Args:
        kind: What the table holds, with its article: "a loss", "an optimizer".
        word: The name to look up; tried as it is, then in lower case.
        table: Names and what they stand for.

    Raises:
        ArgumentError: The table has no such name.
    """
    for form in (word, word.lower()):
        if form in table:
            return table[form]
    raise ArgumentError(
        f"{shown(word)} is not {kind}.",
        expected=f"one of {', '.join(sorted(table))}.",
        fix=suggestion(word, table),
    )


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that names the known word nearest to `word`, if one is near."""
    known = list(known)
    by_folded = {_folded(name): name for name in known}
    near = difflib.get_close_matches(_folded(word), by_folded, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{by_folded[near[0]]}"?'
    return f"choose one of the {len(known)} names above." if known else "there is none to choose."


def _folded(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def shown(value: object, limit: int = 80) -> str:
    """`repr` of a value that came from outside, cut to `limit` characters, on one line."""
    text = repr(value)
    if "\n" in text:
        text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shown_path(path: object, limit: int = 80) -> str:
    """A path in quotes, control characters escaped; where it is long, its last characters.

    The end of a path says which file it is, so the beginning goes.
    """
    text = repr(str(path))
    return text if len(text) <= limit else f"{text[0]}…{text[2 - limit :]}"


def to_snake_case(name: str) -> str:
    """Turns a class name into the form of automatic layer names: Conv2D becomes conv2d."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def unique(base: str) -> str:
    """The next free automatic name: dense, dense_1, dense_2 ..."""
    count = _used[base]
    _used[base] += 1
    return base if count == 0 else f"{base}_{count}"


def clear() -> None:
    """Starts the automatic names again from the first."""
    _used.clear()

"""Plain data from a file, looked at one entry at a time: each has the promised type or is refused.

What a run folder holds may have been changed by anybody; nothing here trusts it.
"""

import math
from collections.abc import Iterator
from typing import Any, NoReturn

from lamina.core.errors import LoadError
from lamina.files.opening import damaged, printable


class Entry:
    """A value of a document together with its place, for messages.

    Args:
        value: What stands there.
        file: What messages call the document.
        place: Where in the document, such as "examples[3].label".
    """

    def __init__(self, value: Any, file: str, place: str = "") -> None:
        self.value = value
        self.file = file
        self.place = place

    def __getitem__(self, key: str) -> "Entry":
        if not isinstance(self.value, dict):
            self.refuse("an object")
        if key not in self.value:
            raise unusable(self.file, f"the entry {printable(self._inner(key))} is missing.")
        return Entry(self.value[key], self.file, self._inner(key))

    def __iter__(self) -> Iterator["Entry"]:
        if not isinstance(self.value, list):
            self.refuse("a list")
        for number, value in enumerate(self.value):
            yield Entry(value, self.file, f"{self.place}[{number}]")

    def items(self) -> Iterator[tuple[str, "Entry"]]:
        """The names of an object with their entries."""
        if not isinstance(self.value, dict):
            self.refuse("an object")
        for key, value in self.value.items():
            yield key, Entry(value, self.file, self._inner(key))

    def text(self) -> str:
        """The string that stands here."""
        if not isinstance(self.value, str):
            self.refuse("text")
        return self.value

    def whole(self, low: int = 0, high: int = 2**53) -> int:
        """The whole number that stands here, within bounds."""
        if type(self.value) is not int or not low <= self.value <= high:
            self.refuse(f"a whole number from {low} to {high}")
        return self.value

    def number(self) -> float:
        """The finite number that stands here."""
        is_number = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        if not is_number or not math.isfinite(self.value):
            self.refuse("a number")
        return float(self.value)

    def word(self, *allowed: str) -> str:
        """The string that stands here, one of a few."""
        if not isinstance(self.value, str) or self.value not in allowed:
            self.refuse(f"one of {', '.join(allowed)}")
        return self.value

    @property
    def is_none(self) -> bool:
        """Whether null stands here."""
        return self.value is None

    def refuse(self, wanted: str) -> NoReturn:
        """Says what should stand here.

        Raises:
            LoadError: Always.
        """
        where = printable(self.place) if self.place else "the document"
        raise unusable(self.file, f"{where} is {printable(str(self.value), 40)}, not {wanted}.")

    def _inner(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


def unusable(file: str, what: str) -> LoadError:
    """The error for a file of a run folder that is not as lamina wrote it."""
    return damaged(
        file,
        what,
        expected="a file as lamina wrote it into the run folder.",
        fix="train again, or evaluate the run again.",
    )


def find(facts: Any, *path: str, kind: type | tuple[type, ...] = str, default: Any = None) -> Any:
    """The value at a path of nested objects, or `default` where there is none of that type.

    Args:
        facts: The outermost object.
        *path: Names, outermost first.
        kind: What it must be; a bool does not pass for a number.
        default: What stands in for it.
    """
    for name in path:
        if not isinstance(facts, dict) or name not in facts:
            return default
        facts = facts[name]
    is_bool = isinstance(facts, bool) and kind is not bool
    return facts if isinstance(facts, kind) and not is_bool else default

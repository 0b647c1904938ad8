"""File names with places for numbers: epoch-{epoch:02d}-{val_loss:.2f}.lamina."""

import re
import string
from collections.abc import Iterable, Mapping
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.names import shown, suggestion


class PathPattern:
    """Puts numbers of the logs into a file name; nothing else can be reached through it.

    Args:
        text: The name, with places such as {epoch:02d}.

    Raises:
        ArgumentError: A place is empty or asks for more than one number's format.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = _parsed(text)
        self.fields = {name for _, name, _ in self._parts if name}

    def names(self) -> re.Pattern[str]:
        """What the last part of every path that it can give looks like."""
        text = "".join(
            re.escape(literal) + (".*" if name else "") for literal, name, _ in self._parts
        )
        return re.compile(text.rpartition("/")[2])

    def check(self, known: Iterable[str]) -> None:
        """Refuses places for numbers that do not exist.

        Raises:
            ArgumentError: One does not.
        """
        known = list(known)
        unknown = sorted(self.fields - set(known))
        if unknown:
            raise ArgumentError(
                f"the file name {shown(self.text)} has a place for {unknown[0]!r}, "
                "which is not there.",
                expected=f"names among {', '.join(known)}.",
                fix=suggestion(unknown[0], known),
            )

    def fill(self, numbers: Mapping[str, Any]) -> str:
        """The file name with these numbers.

        Raises:
            ArgumentError: A number is missing or does not take its format.
        """
        self.check(numbers)
        return "".join(
            literal + (self._formatted(name, numbers[name], form) if name else "")
            for literal, name, form in self._parts
        )

    def _formatted(self, name: str, value: Any, form: str) -> str:
        try:
            return format(value, form)
        except (ValueError, TypeError) as error:
            raise ArgumentError(
                f"the file name {shown(self.text)} cannot show {name} = {shown(value)} "
                f"as {form!r}.",
                expected="a format that fits the number: 02d for epochs, .4f for others.",
                fix=f"write {{{name}}} or another format.",
            ) from error


def _parsed(text: str) -> list[tuple[str, str | None, str]]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise _unusable(text, str(error)) from error
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name or any(mark in name for mark in ".[]"):
            raise _unusable(text, f"{{{name}}} names no number of the logs")
        if conversion or "{" in (form or ""):
            raise _unusable(text, f"the place for {name!r} has more than a plain format")
    return [(literal, name, form or "") for literal, name, form, _ in parts]


def _unusable(text: str, why: str) -> ArgumentError:
    return ArgumentError(
        f"the file name {shown(text)} cannot be used: {why}.",
        expected="places such as {epoch:02d} and {val_loss:.2f}.",
        fix="write {{ and }} for braces that belong to the name.",
    )

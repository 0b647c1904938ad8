"""What a row of the table of bad input holds."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Refused(NamedTuple):
    """Input that ends in an error: the row, what was given, the call, the error's three parts.

    `<folder>` stands for the test's own folder. A late error comes with a later batch of a
    stream, which nobody can see beforehand, or from within a training that goes on.
    """

    row: int
    given: str
    call: Callable[[], Any]
    problem: str
    expected: str
    fix: str
    is_late: bool = False


class Accepted(NamedTuple):
    """Input that works: the row, what was given, the call, and what it must be equal to."""

    row: int
    given: str
    call: Callable[[], Any]
    wanted: Callable[[], Any]

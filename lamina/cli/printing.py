"""How results are printed: lines for people, or one JSON document and nothing else."""

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from lamina.train.printing import say
from lamina.workbench.terminal import terminal_width


@contextmanager
def silence(wanted: bool) -> Iterator[None]:
    """Sends whatever is printed in a block to standard error, where only JSON is wanted.

    Args:
        wanted: Whether it is.
    """
    if not wanted:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def tell(line: str) -> None:
    """Prints a line of progress on standard error, apart from the result."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def as_json(document: Any) -> None:
    """Prints plain data as one JSON document."""
    say(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def as_lines(lines: list[str]) -> None:
    """Prints lines; a note or a sentence that is too long for a terminal goes on below itself."""
    wide = terminal_width()
    say("\n".join(piece for line in lines for piece in _fitting(line, wide)))


def _fitting(line: str, wide: int) -> list[str]:
    name, _, text = line.partition("  ")
    is_told = name in ("note", "advice", "verdict") or " against " in line
    if len(line) <= wide or not is_told:
        return [line]
    indent = " " * (len(line) - len(text.lstrip())) if name in ("note", "advice", "verdict") else ""
    return textwrap.wrap(
        line, wide, subsequent_indent=indent, break_on_hyphens=False, replace_whitespace=False
    )

"""Writes to standard output without stopping a run: a closed pipe or full disk is silence."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def say(text: str, end: str = "\n") -> bool:
    """Writes a text to standard output at once.

    Args:
        text: What to write. Characters that the output cannot show become "?".
        end: What follows it.

    Returns:
        Whether it could be written; `False` where nobody listens any more.
    """
    stream = sys.stdout
    if stream is None:
        return False
    try:
        _write(stream, text + end)
    except BrokenPipeError:
        _let_go(stream)
        return False
    except (OSError, ValueError):  # a full disk; a closed file
        return False
    return True


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        plain = text.replace("━", "=").replace("─", "-")
        stream.write(plain.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _let_go(stream: TextIO) -> None:
    """Sends what is still buffered nowhere; it would raise again when Python ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

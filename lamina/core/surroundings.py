"""Where standard output goes: a terminal, the cell of a notebook, or elsewhere."""

import os
import sys
from typing import Any


def is_terminal() -> bool:
    """Whether standard output is a terminal whose lines can be written again."""
    stream = sys.stdout
    if stream is None or stream.closed or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def is_notebook() -> bool:
    """Whether standard output is a notebook's cell."""
    return type(sys.stdout).__module__.startswith("ipykernel.")


def display(content: dict[str, str], handle: Any = None) -> Any:
    """Shows something in a notebook's cell, or puts it in the place of what was shown before.

    Args:
        content: The same thing as "text/html" and as "text/plain".
        handle: What an earlier call returned; `None` to show it below everything else.

    Returns:
        What a later call needs to replace it.
    """
    from IPython.display import display as show  # noqa: PLC0415 (there in notebooks alone)

    if handle is None:
        return show(content, raw=True, display_id=True)
    handle.update(content, raw=True)
    return handle

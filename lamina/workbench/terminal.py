"""How wide the terminal is, and paragraphs that fit into it."""

import shutil
import sys
import textwrap

_USUAL_WIDTH = 80


def terminal_width() -> int:
    """Columns of the terminal; 80 where the output goes elsewhere."""
    try:
        is_terminal = sys.stdout.isatty()
    except (AttributeError, ValueError):  # closed, or replaced by something else
        is_terminal = False
    return shutil.get_terminal_size((_USUAL_WIDTH, 24)).columns if is_terminal else _USUAL_WIDTH


def fitted(start: str, text: str, wide: int | None = None) -> list[str]:
    """A text after its label in lines that fit, each further line below the first word.

    Args:
        start: The label, with the blanks after it.
        text: The text.
        wide: Columns of a line; those of the terminal when `None`.

    Example:
        >>> fitted("note  ", "one two three", 13)
        ['note  one two', '      three']
    """
    wide = max(wide or terminal_width(), len(start) + 20)
    lines = textwrap.wrap(
        f"{start}{text}",
        wide,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return lines or [start.rstrip()]

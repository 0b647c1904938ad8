"""TerminalLine: the last line of a terminal, written again and again.

The line is rewritten with a carriage return and nothing of the terminal is changed, so a run that
is killed, interrupted or raises leaves it as it was.
"""

import io
import sys
import textwrap
from typing import Any

from lamina.train.printing import say

_CLEAR = "\r\x1b[K"


class TerminalLine:
    """Shows one line that is replaced, and lines above it that stay.

    Attributes:
        echoes: Columns in which the terminal may write ^C.
    """

    echoes = 2

    def __init__(self) -> None:
        self._console: Any = None
        self._is_shown = False

    @property
    def width(self) -> int:
        """Columns that a line may have."""
        return int(self._writer().width) - 1

    def replace(self, pieces: list[tuple[str, str]]) -> bool:
        """Shows pieces of text with styles in the line; says whether that was possible."""
        self._is_shown = True
        return say(f"\r{self._styled(pieces)}\x1b[K", end="")

    def clear(self, *, always: bool = False) -> None:
        """Empties the line, `always` for what others wrote on it, such as ^C."""
        if self._is_shown or always:
            say(_CLEAR, end="")
            self._is_shown = False

    def write(self, pieces: list[tuple[str, str]]) -> bool:
        """Writes a line that stays."""
        self.clear()
        return say(self._styled(pieces))

    def write_text(self, text: str) -> bool:
        """Writes a text in lines that stay, broken between words."""
        self.clear()
        lines = (
            textwrap.wrap(line, self.width, subsequent_indent="  ", break_on_hyphens=False)
            for line in text.splitlines()
        )
        return say("\n".join(line for wrapped in lines for line in wrapped))

    def _styled(self, pieces: list[tuple[str, str]]) -> str:
        """The line with colours as far as the terminal has them."""
        from rich.text import Text  # noqa: PLC0415 (slow to import)

        console = self._writer()
        line = Text.assemble(*pieces)
        line.truncate(self.width)
        if console.no_color or console.color_system is None:
            return line.plain
        written = io.StringIO()
        for piece in line.render(console):
            style = piece.style
            written.write(style.render(piece.text) if style else piece.text)
        return written.getvalue()

    def _writer(self) -> Any:
        """What knows the terminal's width and colours."""
        from rich.console import Console  # noqa: PLC0415 (slow to import)

        if self._console is None:
            self._console = Console(file=sys.stdout)
        return self._console

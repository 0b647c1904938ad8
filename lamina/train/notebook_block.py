"""NotebookBlock: lines in the cell of a notebook, the last of which is replaced.

The whole block is one output of the cell, so that a saved notebook holds each line once.
"""

import html
from typing import Any

from lamina.core.surroundings import display

_MOST_LINES = 100  # a block that is full stays, and the next one begins
_STYLES = {
    "bold": "font-weight:600",
    "bold yellow": "font-weight:600;color:#b7791f",
    "bright_black": "opacity:.65",
    "cyan": "color:#0e8a9e",
    "green": "color:#1f9254",
}
_BLOCK = (
    "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em;line-height:1.4;"
    "margin:0;padding:0;white-space:pre;overflow-x:auto;background:none"
)


class NotebookBlock:
    """Shows one line that is replaced, and lines above it that stay.

    Attributes:
        width: Columns that a line may have.
        echoes: 0; a notebook writes nothing of its own into the line.
    """

    width = 110
    echoes = 0

    def __init__(self) -> None:
        self._handle: Any = None
        self._lines: list[list[tuple[str, str]]] = []
        self._last: list[tuple[str, str]] | None = None

    def replace(self, pieces: list[tuple[str, str]]) -> bool:
        """Shows pieces of text with styles in the last line."""
        self._last = pieces
        self._show()
        return True

    def clear(self, *, always: bool = False) -> None:
        """Takes the last line away."""
        if self._last is not None:
            self._last = None
            self._show()

    def write(self, pieces: list[tuple[str, str]]) -> bool:
        """Writes a line that stays."""
        if len(self._lines) >= _MOST_LINES:
            self.clear()
            self._handle, self._lines = None, []
        self._last = None
        self._lines.append(pieces)
        self._show()
        return True

    def write_text(self, text: str) -> bool:
        """Writes a text that stays."""
        written = [self.write([(line, "")]) for line in text.splitlines()]
        return all(written)

    def _show(self) -> None:
        lines = self._lines if self._last is None else [*self._lines, self._last]
        content = {
            "text/html": f'<pre style="{_BLOCK}">{chr(10).join(map(_as_html, lines))}</pre>',
            "text/plain": "\n".join("".join(text for text, _ in line) for line in lines),
        }
        self._handle = display(content, self._handle)


def _as_html(line: list[tuple[str, str]]) -> str:
    return "".join(
        f'<span style="{_STYLES[style]}">{html.escape(text)}</span>' if style else html.escape(text)
        for text, style in line
        if text
    )

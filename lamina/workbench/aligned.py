"""Rows of cells as lines of text whose columns stand below each other."""

import unicodedata
from collections.abc import Collection, Sequence

from lamina.report.wording import clean


def table(rows: Sequence[Sequence[object]], *, right: Collection[int] = ()) -> list[str]:
    """Lines of text, one a row, columns two spaces apart.

    Cells are shown on one line, without characters that act on a terminal.

    Args:
        rows: Cells of each row, all rows of one length; the first one holds the headings.
        right: Numbers of the columns that are set to the right.

    Example:
        >>> table([("name", "size"), ("a", 10)], right=(1,))
        ['name  size', 'a       10']
    """
    cells = [[clean(cell, 200) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_set(row, widths, right)).rstrip() for row in cells]


def _set(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    gaps = [" " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
    pairs = enumerate(zip(row, gaps, strict=True))
    return [gap + cell if place in right else cell + gap for place, (cell, gap) in pairs]


def width(text: str) -> int:
    """Columns of a terminal that a text takes: two for wide letters, none for marks on others."""
    return sum(_of(letter) for letter in text)


def _of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

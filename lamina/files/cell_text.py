"""Cells of text packed tightly: a Python string of each would take several times the file."""

import operator
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

CHUNK_CELLS = 4096
_BETWEEN = "\0"


class TextCells(Sequence[str]):
    """The cells of one column in their order, joined by NUL characters chunk by chunk.

    A chunk with a cell that holds a NUL character itself stays a list.

    Example:
        >>> TextCells(["a", "b"])[1]
        'b'
    """

    def __init__(self, cells: Iterable[str] = ()) -> None:
        self._chunks: list[bytes | list[str]] = []
        self._starts: list[int] = []
        self._length = 0
        self._last: tuple[int, list[str]] = (-1, [])
        waiting = list(cells)
        for start in range(0, len(waiting), CHUNK_CELLS):
            self.add(waiting[start : start + CHUNK_CELLS])

    def add(self, cells: Sequence[str]) -> None:
        """Packs further cells; of at most `CHUNK_CELLS` at once, a single one is found quickly."""
        if not cells:
            return
        joined = _BETWEEN.join(cells)
        is_plain = joined.count(_BETWEEN) == len(cells) - 1
        chunk = joined.encode("utf-8", "surrogatepass") if is_plain else list(cells)
        self._chunks.append(chunk)
        self._starts.append(self._length)
        self._length += len(cells)

    def chunks(self) -> Iterator[list[str]]:
        """The cells again, some thousand at a time."""
        return map(_unpacked, self._chunks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # cells may be added

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        for chunk in self.chunks():
            yield from chunk

    def __getitem__(self, place: int) -> str:  # type: ignore[override]  # nobody slices a column
        place = range(self._length)[place]
        number = bisect_right(self._starts, place) - 1
        if self._last[0] != number:
            self._last = number, _unpacked(self._chunks[number])
        return self._last[1][place - self._starts[number]]


def chunks_of(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cells of text some thousand at a time, however they are kept."""
    if isinstance(cells, TextCells):
        yield from cells.chunks()
    else:
        for start in range(0, len(cells), CHUNK_CELLS):
            yield cells[start : start + CHUNK_CELLS]


def _unpacked(chunk: bytes | list[str]) -> list[str]:
    if isinstance(chunk, list):
        return chunk
    return chunk.decode("utf-8", "surrogatepass").split(_BETWEEN)

"""Small things that all loaders do with the examples of a part."""

import os
import re
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from lamina.core.errors import DataError
from lamina.data.loading.decoding import digest_of
from lamina.data.tables.splitting import Division, divide
from lamina.files.opening import printable


class Numbered(Sequence[str]):
    """The names "row 1", "row 2" ... without a list of them.

    Args:
        word: What stands before the number.
        numbers: The numbers, from 0; shown from 1.
    """

    def __init__(self, word: str, numbers: Sequence[int] | np.ndarray) -> None:
        self.word, self.numbers = word, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> "Numbered": ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Numbered(self.word, self.numbers[index])
        return f"{self.word} {int(self.numbers[index]) + 1}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a list, which has none


def numbered(word: str, count: int) -> Numbered:
    """The names of `count` rows."""
    return Numbered(word, range(count))


def short_name(path: str) -> str:
    """A name fit for a folder, from the name of a file or folder."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem_of(path)).strip("-.").lower() or "data"


def stem_of(path: str) -> str:
    """The last part of a path without the ending of an archive or a table."""
    name = os.path.basename(os.path.abspath(path))
    for ending in (".tar.gz", ".tgz", ".tar", ".zip", ".npz", ".npy"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def digests_of(x: np.ndarray) -> np.ndarray:
    """A hash of each example: (n, 16), uint8."""
    rows = np.ascontiguousarray(x)
    return np.stack([digest_of(row) for row in rows]) if len(rows) else np.zeros((0, 16), "u1")


def groups_of(digests: np.ndarray) -> np.ndarray:
    """A number for each example, the same one for examples with equal digests."""
    keys = np.ascontiguousarray(digests).view(np.dtype((np.void, digests.shape[1]))).ravel()
    return np.unique(keys, return_inverse=True)[1].ravel()


def hold_out(
    source: str, groups: np.ndarray, classes: np.ndarray | None, share: float, seed: int
) -> Division:
    """Draws the test part: a share of every class, equal examples on one side.

    Raises:
        DataError: There are too few examples.
    """
    if classes is not None:  # one picture in two classes: both go where the first goes
        classes = classes[np.unique(groups, return_index=True)[1][groups]]
    division = divide(groups, classes, validation_share=0.0, test_share=share, seed=seed)
    if not len(division.test):
        raise DataError(
            f"{printable(source, 90)} has {len(groups)} examples, too few to keep a share of "
            f"{share:g} for the test.",
            expected="two or more different examples of some class.",
            fix="add examples, or change test_share=.",
        )
    return division

"""Divides rows into training, validation and test: seeded, by class, equal rows never apart."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from lamina.core import randomness

_PRIME = np.uint64(0x9E3779B97F4A7C15)


class Division(NamedTuple):
    """The rows of each part, ascending."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def divide(
    keys: np.ndarray,
    classes: np.ndarray | None,
    *,
    validation_share: float,
    test_share: float,
    seed: int,
) -> Division:
    """Draws the test part and the validation part; the rest is trained on.

    Every class gives its share to each part and keeps a row to learn from. Rows with the same key
    stay together, so that a part can be a little smaller than asked for.

    Args:
        keys: A number for each row; the same one for equal rows.
        classes: The class of each row; `None` for regression.
        validation_share: Share of all rows, from 0 up to, not including, 1.
        test_share: Likewise.
        seed: The same seed draws the same rows.
    """
    random = np.random.Generator(np.random.Philox(randomness.derive(seed, "table split")))
    classes = np.zeros(len(keys), dtype=np.int64) if classes is None else classes
    part = np.zeros(len(keys), dtype=np.int8)
    for number, share in ((2, test_share), (1, validation_share)):
        if share > 0:
            free = np.flatnonzero(part == 0)
            wanted = min(round(share * len(keys)), len(free) - 1)
            part[_drawn(keys, classes, free, wanted, random)] = number
    train, validation, test = (np.flatnonzero(part == number) for number in range(3))
    return Division(train, validation, test)


def _drawn(
    keys: np.ndarray,
    classes: np.ndarray,
    free: np.ndarray,
    wanted: int,
    random: np.random.Generator,
) -> np.ndarray:
    """About `wanted` of the free rows, each class with its share."""
    present, counts = np.unique(classes[free], return_counts=True)
    taken = [
        _whole_groups(keys, random.permutation(free[classes[free] == one]), quota)
        for one, quota in zip(present, _apportioned(counts, wanted), strict=True)
    ]
    rows = np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64)
    return rows.astype(np.int64)


def _apportioned(counts: np.ndarray, wanted: int) -> list[int]:
    """How many rows each class gives: its exact share, rounded by largest remainder.

    One row of each class stays.
    """
    most = counts - 1
    exact = counts * (wanted / counts.sum())
    quotas = np.minimum(np.floor(exact).astype(np.int64), most)
    order = np.argsort(quotas - exact, kind="stable")
    while quotas.sum() < wanted and (quotas < most).any():
        for place in order:
            if quotas.sum() < wanted and quotas[place] < most[place]:
                quotas[place] += 1
    return quotas.tolist()


def _whole_groups(keys: np.ndarray, rows: np.ndarray, quota: int) -> np.ndarray:
    """The first groups of equal rows that fit into the quota; one group always stays."""
    groups, first, inverse, sizes = np.unique(
        keys[rows], return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first, kind="stable")
    chosen = np.zeros(len(groups), dtype=bool)
    left = quota
    for group, size in zip(order[:-1].tolist(), sizes[order[:-1]].tolist(), strict=True):
        if size <= left:
            chosen[group] = True
            left -= size
        if left == 0:
            break
    return rows[chosen[inverse]]


def row_keys(codes: Iterable[np.ndarray], num_rows: int) -> np.ndarray:
    """A number for each row, the same one for rows that are equal in every column.

    Two different rows share a number with a chance of about 1 in 10**19; they would merely stay
    in one part.

    Args:
        codes: For each column a whole number a row.
        num_rows: Number of rows.
    """
    keys = np.zeros(num_rows, dtype=np.uint64)
    for column in codes:
        mixed = (keys ^ column.astype(np.uint64)) * _PRIME
        keys = mixed ^ (mixed >> np.uint64(29))
    return np.unique(keys, return_inverse=True)[1]


def num_distinct(keys: np.ndarray) -> int:
    """How many different rows there are; `row_keys` counts them from 0."""
    return int(keys.max()) + 1 if len(keys) else 0

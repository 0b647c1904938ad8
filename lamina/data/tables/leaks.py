"""Finds columns that already are the answer, in other words or another unit."""

from collections.abc import Iterable

import numpy as np

from lamina.data.tables.kinds import NUMERIC, Understood

NOTE = "looks like a copy of the target"
_ENOUGH = 10
_EXACT = 1 - 1e-9
_LIKELY = 0.3  # below it, looking at the order of the rows is not worth the time


def copies_of(found: Iterable[Understood], rows: np.ndarray, y: np.ndarray, task: str) -> set[str]:
    """The names of columns that determine the target one to one.

    For classes: as many different values as classes, and each always with the same one. For
    amounts: a straight line, or the very same order of the rows.

    Args:
        found: Columns that are not ignored.
        rows: The rows that have a target.
        y: Class numbers or amounts of these rows.
        task: "classification" or "regression".
    """
    if len(rows) < _ENOUGH:
        return set()
    check = _is_same_amount if task == "regression" else _is_same_class
    return {one.column.name for one in found if check(one, rows, y)}


def _is_same_class(found: Understood, rows: np.ndarray, y: np.ndarray) -> bool:
    codes = found.codes[rows].astype(np.int64)
    num_classes = len(np.unique(y))
    if np.count_nonzero(np.bincount(codes)) != num_classes:
        return False
    return len(np.unique(codes * (int(y.max()) + 1) + y)) == num_classes


def _is_same_amount(found: Understood, rows: np.ndarray, y: np.ndarray) -> bool:
    if found.column.kind not in NUMERIC:
        return False
    x, wanted = found.values[rows], y.astype(np.float64)
    there = ~np.isnan(x)
    x, wanted = x[there], wanted[there]
    if len(x) < _ENOUGH or _correlation(x, wanted) < _LIKELY or len(np.unique(x)) < _ENOUGH:
        return False
    return _correlation(x, wanted) > _EXACT or _correlation(_ranks(x), _ranks(wanted)) > _EXACT


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(abs(a @ b) / size) if size > 0 else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].astype(np.float64)

"""What the labels of one output look like: class numbers, one-hot rows, yes-or-no, numbers."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.preflight.statistics import MOST_VALUES, spread_rows

MOST_CLASSES = 1000  # more distinct values than that are no classes
_DENSE_RANGE = 1 << 16  # whole numbers within this range are counted by place


@dataclass(frozen=True)
class Labels:
    """What is known of the labels of one output.

    Args:
        name: What messages call them, such as "y".
        shape: Shape, batch axis first.
        rows: Number of rows.
        looked_at: Number of rows the numbers come from.
        low: Smallest value.
        high: Largest value.
        mean: Mean over all values.
        std: Standard deviation over all values.
        is_whole: Whether all values are whole numbers.
        is_integer: Whether the dtype is a whole number or a boolean.
        values: The distinct values in order; `None` where there are too many.
        counts: How often each of them occurs.
        row_sums: Smallest and largest sum of a row; `None` where rows are single values.
        is_one_hot: Whether every row has a single 1 and otherwise 0.
        class_counts: How often each class occurs: for whole numbers, in the order of `values`;
            for one-hot rows, by column. `None` where the labels are no classes.
    """

    name: str
    shape: tuple[int, ...]
    rows: int
    looked_at: int
    low: float
    high: float
    mean: float
    std: float
    is_whole: bool
    is_integer: bool
    values: tuple[float, ...] | None
    counts: tuple[int, ...] | None
    row_sums: tuple[float, float] | None
    is_one_hot: bool
    class_counts: tuple[int, ...] | None
    has_missing: bool = False

    @property
    def width(self) -> int:
        """Size of the last axis; 1 where each row is a single value."""
        return self.shape[-1] if len(self.shape) > 1 else 1

    @property
    def is_column(self) -> bool:
        """Whether each row is a single value."""
        return math.prod(self.shape[1:]) == 1

    @property
    def is_binary(self) -> bool:
        """Whether all values are 0 or 1."""
        return self.values is not None and set(self.values) <= {0.0, 1.0}

    @property
    def is_multilabel(self) -> bool:
        """Whether rows are several 0-or-1 answers, not one class."""
        return self.width > 1 and self.is_binary and len(self.shape) == 2 and not self.is_one_hot

    @property
    def num_classes(self) -> int | None:
        """Number of distinct classes that occur; `None` where the labels are no classes."""
        if self.class_counts is None:
            return None
        return sum(count > 0 for count in self.class_counts)

    @property
    def looks_like_classes(self) -> bool:
        """Whether single whole numbers from few values stand for classes.

        Whole numbers of many values, each seldom, are rather counts or measurements.
        """
        if self.is_one_hot:
            return True
        distinct = self.values or ()
        few = 2 <= len(distinct) <= 100
        return bool(
            few
            and self.is_whole
            and self.is_column
            and self.low >= 0
            and self.high < 2 * len(distinct)
            and self.looked_at >= 2 * len(distinct)
        )

    @property
    def is_continuous(self) -> bool:
        """Whether the values are numbers with fractions, many of them different."""
        return not self.is_whole and (self.values is None or len(self.values) > 10)


def describe_labels(name: str, tensor: Tensor) -> Labels:
    """What is known of the labels of one output."""
    tensor = tensor.detach()
    per_row = math.prod(tensor.shape[1:])
    seen = spread_rows(tensor, max(1, MOST_VALUES // max(1, per_row))).cpu()
    is_integer = not seen.is_floating_point()
    finite = seen if is_integer else seen[seen.isfinite()] if not seen.isfinite().all() else seen
    flat = finite.reshape(-1)
    if flat.numel() == 0:
        flat = torch.zeros(1)
    numbers = flat.double() if flat.numel() < 1 << 20 else flat.float()
    is_whole = is_integer or bool((flat == flat.round()).all())
    values, counts = _distinct(flat, is_whole)
    sums, is_one_hot, columns = _row_facts(seen)
    class_counts = columns if is_one_hot else None
    if values is not None and is_whole and per_row == 1:
        class_counts = counts
    return Labels(
        name=name,
        shape=tuple(tensor.shape),
        rows=tensor.shape[0],
        looked_at=seen.shape[0],
        low=float(flat.min()),
        high=float(flat.max()),
        mean=float(numbers.mean()),
        std=float(numbers.std(correction=0)),
        is_whole=is_whole,
        is_integer=is_integer,
        values=values,
        counts=counts,
        row_sums=sums,
        is_one_hot=is_one_hot,
        class_counts=class_counts,
        has_missing=flat.numel() < seen.numel(),
    )


def _distinct(
    flat: Tensor, is_whole: bool
) -> tuple[tuple[float, ...] | None, tuple[int, ...] | None]:
    low, high = int(flat.min()), int(flat.max())
    if is_whole and high - low < _DENSE_RANGE:
        counts = torch.bincount(flat.long() - low)
        places = counts.nonzero().squeeze(1)
        values, counts = places + low, counts[places]
    else:
        values, counts = spread_rows(flat, 1 << 17).unique(return_counts=True)
    if len(values) > MOST_CLASSES:
        return None, None
    return tuple(values.double().tolist()), tuple(counts.tolist())


def _row_facts(
    seen: Tensor,
) -> tuple[tuple[float, float] | None, bool, tuple[int, ...] | None]:
    """Range of the sums of rows, whether rows are one-hot, and the sum of each column."""
    if seen.ndim < 2 or seen.shape[-1] < 2:
        return None, False, None
    rows = seen.reshape(-1, seen.shape[-1])
    sums = rows.sum(1, dtype=torch.float64)
    is_one_hot = seen.ndim == 2 and bool(
        ((rows == 1).sum(1) == 1).all() and ((rows != 0).sum(1) == 1).all()
    )
    columns = tuple(rows.sum(0).long().tolist()) if is_one_hot else None
    return (float(sums.min()), float(sums.max())), is_one_hot, columns

"""Splits samples into a training and a validation part, as a pure function of a seed."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Subset, TensorDataset

from lamina.core import checks, randomness
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError
from lamina.core.names import shown
from lamina.data import conversion
from lamina.data.arrays import Arrays

MOST_CLASSES = 1000


def train_validation_split(
    arrays: Arrays,
    share: float,
    *,
    seed: int,
    mode: Literal["seeded", "last"] = "seeded",
) -> tuple[Tensor, Tensor]:
    """Chooses which samples are trained on and which are kept for validation.

    Where `y` looks like classes (whole numbers or booleans with few distinct values, or one-hot
    rows) and every class has two rows or more, each part gets its share of every class. Both
    parts keep the order of the rows.

    Args:
        arrays: The data.
        share: Share of the samples that is kept for validation, between 0 and 1. The number of
            rows is Keras's.
        seed: The same seed gives the same parts.
        mode: "seeded" draws the rows; "last" takes the last ones, as Keras does.

    Returns:
        The row numbers of the training part and of the validation part, ascending.

    Raises:
        ArgumentError: `share` is not between 0 and 1.
        DataError: One of the parts would be empty.
    """
    share = check_share(share)
    checks.choice("fit", "mode", mode, ("seeded", "last"))
    total = arrays.num_examples
    num_training = int(total * (1.0 - share))
    if num_training in (0, total):
        part = "training" if num_training == 0 else "validation"
        raise DataError(
            f"validation_split={share:g} leaves no {part} samples: x has {total}.",
            expected="at least one sample in each part.",
            fix="pass more data, or another share such as validation_split=0.2.",
        )
    if mode == "last":
        rows = torch.arange(total)
        return rows[:num_training], rows[num_training:]
    kept = _drawn(arrays.y, total, total - num_training, seed)
    is_kept = torch.zeros(total, dtype=torch.bool).index_fill_(0, kept, True)
    return (~is_kept).nonzero().squeeze(1), is_kept.nonzero().squeeze(1)


def check_share(share: Any) -> float:
    """Accepts a share between 0 and 1, both excluded.

    Raises:
        ArgumentError: It is no such number.
    """
    return checks.number(
        "fit",
        "validation_split",
        share,
        low=0.0,
        high=1.0,
        open_low=True,
        open_high=True,
        example=0.2,
    )


def check_one_validation(validation_split: Any, validation_data: Any) -> None:
    """Passes when at most one of the two is given; a split of 0 or `None` is none.

    Raises:
        ArgumentError: Both are given.
    """
    if validation_data is not None and validation_split not in (None, 0):
        raise ArgumentError(
            f"validation_split={shown(validation_split)} and validation_data were both given.",
            expected="one of them.",
            fix="leave validation_split out to validate on validation_data.",
        )


def classes_of(y: Any) -> Tensor | None:
    """The class of each sample as a whole number, or `None` where `y` does not look like classes.

    Args:
        y: Labels as a tensor, or anything else.

    Returns:
        Shape (n,), int64, numbered from 0 without gaps.
    """
    if not isinstance(y, Tensor) or y.ndim > 2:
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        is_one_hot = ((y == 1).sum(1) == 1) & ((y != 0).sum(1) == 1)
        if not is_one_hot.all():
            return None
        y = y.to(torch.uint8).argmax(1)
    y = y.reshape(len(y))
    if y.is_floating_point() and not bool((y == y.round()).all()):
        return None
    distinct, numbers = y.unique(return_inverse=True)
    return numbers if len(distinct) <= MOST_CLASSES else None


def _drawn(y: Any, total: int, wanted: int, seed: int) -> Tensor:
    """Rows of the validation part, in no particular order."""
    generator = randomness.new_generator(randomness.derive(seed, "split"))
    order = torch.randperm(total, generator=generator)
    classes = classes_of(y)
    if classes is None:
        return order[:wanted]
    counts = classes.cpu().bincount()
    if counts.min() < 2 or wanted > total - len(counts):
        return order[:wanted]
    shares = _apportioned(counts, wanted)
    by_class = order[classes.cpu()[order].argsort(stable=True)]
    groups = by_class.split(counts.tolist())
    return torch.cat([rows[:n] for rows, n in zip(groups, shares.tolist(), strict=True)])


def _apportioned(counts: Tensor, wanted: int) -> Tensor:
    """How many of each class are drawn: its exact share, rounded by largest remainder.

    One row of each class stays undrawn.
    """
    exact = counts.double() * wanted / counts.sum()
    drawn = exact.floor().long().minimum(counts - 1)
    while drawn.sum() < wanted:
        room = (exact - drawn).masked_fill(drawn >= counts - 1, -torch.inf)
        missing = min(wanted - int(drawn.sum()), int(room.isfinite().sum()))
        drawn[room.argsort(descending=True, stable=True)[:missing]] += 1
    return drawn


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Splits a data set into its first and its last samples.

    Args:
        dataset: An array, a list or tuple of arrays of one length, or a map-style torch Dataset.
        left_size: Share (float) or number (int) of samples on the left; the rest when `None`.
        right_size: The same for the right.
        shuffle: Whether the samples are mixed first.
        seed: Makes the mixing repeatable.
        preferred_backend: Accepted for Keras's sake; the result is a torch Dataset.

    Returns:
        Two torch Datasets, which `fit` takes.

    Raises:
        ArgumentTypeError: `dataset` is none of these.
        ArgumentError: The sizes are missing, not positive, or more than there is.

    Example:
        >>> left, right = split_dataset(np.zeros((10, 2)), left_size=0.8)
        >>> len(left), len(right)
        (8, 2)
    """
    dataset = _as_dataset(dataset)
    total = len(dataset)
    left, right = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:
        seed = (
            randomness.next_seed() if seed is None else checks.whole("split_dataset", "seed", seed)
        )
        order = torch.randperm(total, generator=randomness.new_generator(seed)).tolist()
    return Subset(dataset, order[:left]), Subset(dataset, order[total - right :])


def _as_dataset(dataset: Any) -> Dataset:
    if isinstance(dataset, Dataset) and hasattr(dataset, "__len__"):
        return dataset
    if isinstance(dataset, (np.ndarray, Tensor)):
        return TensorDataset(conversion.convert("dataset", dataset).tensor)
    if isinstance(dataset, (list, tuple)) and dataset:
        parts = [
            conversion.convert(f"dataset[{index}]", part).tensor
            for index, part in enumerate(dataset)
        ]
        if len({len(part) for part in parts}) > 1:
            lengths = ", ".join(str(len(part)) for part in parts)
            raise DataError(
                f"the arrays of dataset have {lengths} samples.",
                expected="the same number in each.",
                fix="check that all come from the same rows.",
            )
        return TensorDataset(*parts)
    raise ArgumentTypeError(
        f"split_dataset received an object of type {type(dataset).__name__}.",
        expected="an array, a list of arrays, or a torch Dataset with a length.",
        fix="collect an endless or unsized data set into arrays first.",
    )


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    if left is None and right is None:
        raise ArgumentError(
            "split_dataset received neither left_size nor right_size.",
            expected="at least one of them.",
            fix="pass for example left_size=0.8.",
        )
    if left is None:
        right_count = _count("right_size", right, total)
        left_count = total - right_count
    else:
        left_count = _count("left_size", left, total)
        rest = total - left_count
        right_count = rest if right is None else _count("right_size", right, total)
    if left_count + right_count > total or 0 in (left_count, right_count):
        raise ArgumentError(
            f"split_dataset cannot take {left_count} and {right_count} of {total} samples.",
            expected="two parts of at least one sample that fit into the data.",
            fix="leave one of the sizes out: it then takes the rest.",
        )
    return left_count, right_count


def _count(name: str, size: Any, total: int) -> int:
    if checks.is_whole(size):
        return checks.whole("split_dataset", name, size, low=1, high=max(1, total - 1))
    return round(
        total
        * checks.number(
            "split_dataset",
            name,
            size,
            low=0.0,
            high=1.0,
            open_low=True,
            open_high=True,
            example=0.8,
        )
    )


def tensors_of(dataset: Any) -> Sequence[Tensor] | None:
    """The tensors behind a TensorDataset, or a Subset of one, so that it can be used as arrays."""
    if isinstance(dataset, TensorDataset):
        return dataset.tensors
    if isinstance(dataset, Subset) and type(dataset.dataset) is TensorDataset:
        rows = torch.as_tensor(list(dataset.indices))
        return [tensor.index_select(0, rows) for tensor in dataset.dataset.tensors]
    return None

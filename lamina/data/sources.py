"""What can be iterated over for batches, each kind with its length and its way to start again."""

import itertools
from collections.abc import Iterable, Iterator, Sized
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from lamina.core import randomness
from lamina.core.errors import ArgumentError
from lamina.data.prefetch import ahead
from lamina.data.sequences import PyDataset

_ARRAY_MARKS = ("__array__", "__dataframe__", "tocoo", "__arrow_c_stream__", "collect_schema")


class Order(NamedTuple):
    """What the order of batches depends on, for sources that let us choose it."""

    seed: int
    shuffle: bool


def is_stream(value: Any) -> bool:
    """Whether `value` yields batches, rather than being an array or a nest of arrays."""
    if isinstance(value, (PyDataset, Dataset, DataLoader)):
        return True
    if isinstance(value, (list, tuple, range, dict, str, bytes, np.ndarray, Tensor)):
        return False
    return isinstance(value, Iterable) and not any(hasattr(value, mark) for mark in _ARRAY_MARKS)


def refuse_companions(x: Any, **others: Any) -> None:
    """Passes when nothing accompanies a stream that it should yield itself.

    Args:
        x: The stream.
        others: The other arguments by name; those that are not `None` or 0 are refused.

    Raises:
        ArgumentError: One of them is given.
    """
    for name, value in others.items():
        if value is None or (isinstance(value, (int, float)) and value == 0):
            continue
        kind = type(x).__name__
        if name == "validation_split":
            raise ArgumentError(
                f"validation_split cannot be taken from x of type {kind}.",
                expected="arrays, whose rows can be divided.",
                fix="pass validation_data, or divide first with keras.utils.split_dataset.",
            )
        raise ArgumentError(
            f"{name} was given beside x of type {kind}.",
            expected=f"{name} as a part of each batch that x yields.",
            fix=f"let x yield (x, y) or (x, y, sample_weight), and leave {name} out.",
        )


def length_of(source: Any) -> int | None:
    """Number of batches in one pass, where the source knows it."""
    if isinstance(source, PyDataset):
        return source.num_batches
    if not isinstance(source, Sized):
        return None
    try:
        return len(source)
    except TypeError:  # a DataLoader over an IterableDataset has __len__, but no length
        return None


def is_endless(source: Any) -> bool:
    """Whether the source is certain never to end; a generator cannot be asked."""
    if isinstance(source, (itertools.cycle, itertools.count)):
        return True
    return isinstance(source, PyDataset) and source.num_batches is None


def opened(source: Any, batch_size: int, order: Order) -> Any:
    """The source, with a torch Dataset wrapped so that it yields batches."""
    if isinstance(source, IterableDataset):
        own = randomness.new_generator(randomness.derive(order.seed, "loader"))
        return DataLoader(source, batch_size=batch_size, generator=own)
    if isinstance(source, Dataset):
        sampler = _EpochSampler(source, order)
        return DataLoader(
            source, batch_size=batch_size, sampler=sampler, generator=sampler.generator
        )
    return source


def iterate(source: Any, epoch: int, order: Order) -> Iterator[Any]:
    """The batches of one pass, as the source yields them."""
    if isinstance(source, PyDataset):
        return _iterate_py_dataset(source, epoch, order)
    set_epoch = getattr(getattr(source, "sampler", None), "set_epoch", None)
    if set_epoch is not None:
        set_epoch(epoch)
    return iter(source)


class _EpochSampler(torch.utils.data.Sampler[int]):
    """The order of the samples of a torch Dataset, a pure function of seed and epoch.

    The generator keeps the loader from drawing on torch's global one.
    """

    def __init__(self, dataset: Any, order: Order) -> None:
        self.dataset = dataset
        self.order = order
        self.epoch = 0
        self.generator = torch.Generator()

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch whose order the next iteration has."""
        self.epoch = epoch
        self.generator.manual_seed(randomness.derive(self.order.seed, "loader", epoch))

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        return iter(_numbers(len(self.dataset), self.epoch, self.order))


def _numbers(count: int, epoch: int, order: Order) -> Iterable[int]:
    if not order.shuffle:
        return range(count)
    seed = randomness.derive(order.seed, "order", epoch)
    return torch.randperm(count, generator=randomness.new_generator(seed)).tolist()


def _iterate_py_dataset(source: PyDataset, epoch: int, order: Order) -> Iterator[Any]:
    source.on_epoch_begin()
    count = source.num_batches
    numbers = itertools.count() if count is None else _numbers(count, epoch, order)
    depth = source.max_queue_size
    if source.use_multiprocessing and source.workers > 0 and count is not None:
        yield from DataLoader(
            source,  # type: ignore[arg-type]  # has the two methods that a Dataset needs
            batch_size=None,
            sampler=numbers,
            num_workers=source.workers,
            prefetch_factor=max(1, depth // source.workers),
            collate_fn=_unchanged,
            generator=randomness.new_generator(randomness.derive(order.seed, "loader", epoch)),
        )
    elif source.workers > 1:
        yield from ahead(source.__getitem__, numbers, workers=source.workers, depth=depth)
    else:
        yield from map(source.__getitem__, numbers)
    source.on_epoch_end()


def _unchanged(batch: Any) -> Any:
    return batch

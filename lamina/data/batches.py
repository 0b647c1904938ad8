"""Batches of arrays that lie on the device: order, number and gathering, each on its own.

The training loop puts the pieces together. The order of an epoch depends on seed and epoch
alone, so that a run resumed in the middle of an epoch sees the same batches.
"""

import math
from typing import Any, Literal

import torch
from torch import Tensor

from lamina.core import checks, randomness, trees
from lamina.data import conversion
from lamina.data.arrays import Arrays, Batch

Shuffle = bool | Literal["batch"]


def choose_batch_size(num_examples: int, batch_size: Any = None, steps: int | None = None) -> int:
    """The batch size of the user, or the one that makes `steps` batches, or 32.

    Raises:
        ArgumentError: `batch_size` is not a whole number of at least 1.
    """
    if batch_size is not None:
        return checks.positive_int("fit", "batch_size", batch_size)
    return max(1, math.ceil(num_examples / steps)) if steps else 32


def num_batches(num_examples: int, batch_size: int) -> int:
    """Number of batches in an epoch; the last one may be smaller."""
    return math.ceil(num_examples / batch_size)


def shuffled_order(num_examples: int, seed: int, epoch: int) -> Tensor:
    """A permutation that depends on the seed and the epoch alone.

    Returns:
        Shape (n,), int64, on the CPU.
    """
    return torch.randperm(num_examples, generator=_generator(seed, epoch))


def order_within_batches(num_examples: int, batch_size: int, seed: int, epoch: int) -> Tensor:
    """A permutation that mixes the rows of each batch and leaves the batches in place.

    Returns:
        Shape (n,), int64, on the CPU.
    """
    keys = torch.rand(num_examples, generator=_generator(seed, epoch), dtype=torch.float64)
    return (keys + torch.arange(num_examples) // batch_size).argsort()


def take(arrays: Any, indices: Tensor) -> Any:
    """The given rows of every tensor in a tree of them, an `Arrays` or a `Batch`."""
    if isinstance(arrays, Arrays):
        x, y, weight = take(Batch(arrays.x, arrays.y, arrays.sample_weight), indices)
        return Arrays(x, y, weight, arrays.column_names)
    return trees.transform(
        lambda leaf: leaf if leaf is None else _narrowed(leaf.index_select(0, indices)), arrays
    )


def rows(tree: Any, start: int, stop: int) -> Any:
    """Views of consecutive rows of every tensor in a tree."""
    return trees.transform(lambda leaf: leaf if leaf is None else _narrowed(leaf[start:stop]), tree)


def _narrowed(tensor: Tensor) -> Tensor:
    """A float64 batch of a memory-mapped file, in the default float."""
    return tensor.to(conversion.float_dtype()) if tensor.dtype == torch.float64 else tensor


def _placed(leaf: Tensor | None, device: torch.device) -> Tensor | None:
    """The tensor on the device; on the CPU a file stays on the disk."""
    if leaf is None or device.type == "cpu":
        return leaf
    return _narrowed(leaf).to(device)


def _generator(seed: int, epoch: int) -> torch.Generator:
    return randomness.new_generator(randomness.derive(seed, "order", epoch))


class ArrayBatches:
    """Arrays moved once to the device, and cut into batches there.

    Args:
        arrays: The data, in its own dtype.
        batch_size: Samples in a batch; the last batch of an epoch may be smaller.
        seed: What the order of the samples depends on, beside the epoch.
        shuffle: Whether each epoch has an order of its own; "batch" mixes inside batches only.
        device: Where the data lives from now on.

    Raises:
        ArgumentError: `batch_size` or `shuffle` has a value that cannot be used.

    Example:
        >>> batches = ArrayBatches(to_arrays([[1.0], [2.0], [3.0]]), 2, shuffle=False)
        >>> batches.steps_per_epoch, batches.batch(batches.order(0), 1).x
        (2, tensor([[3.]]))
    """

    def __init__(
        self,
        arrays: Arrays,
        batch_size: int = 32,
        *,
        seed: int = 0,
        shuffle: Shuffle = True,
        device: torch.device | str = "cpu",
    ) -> None:
        batch_size = checks.positive_int("fit", "batch_size", batch_size)
        self.batch_size = min(batch_size, max(1, arrays.num_examples))
        self.seed = seed
        self.shuffle = checks.choice("fit", "shuffle", shuffle, (True, False, "batch"))
        self.device = torch.device(device)
        self.num_examples = arrays.num_examples
        batch = Batch(arrays.x, arrays.y, arrays.sample_weight)
        self.data: Batch = trees.transform(lambda leaf: _placed(leaf, self.device), batch)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return num_batches(self.num_examples, self.batch_size)

    @property
    def batch_slices(self) -> list[slice]:
        """The places of each batch within the order of an epoch."""
        last = self.num_examples
        starts = range(0, last, self.batch_size)
        return [slice(start, min(start + self.batch_size, last)) for start in starts]

    def order(self, epoch: int) -> Tensor | None:
        """The row numbers of an epoch on the device, or `None` for the order they have."""
        if not self.shuffle:
            return None
        if self.shuffle == "batch":
            order = order_within_batches(self.num_examples, self.batch_size, self.seed, epoch)
        else:
            order = shuffled_order(self.num_examples, self.seed, epoch)
        return order.to(self.device)

    def batch(self, epoch_order: Tensor | None, index: int) -> Batch:
        """Batch number `index`: a copy of the rows in the given order, or views without one."""
        start = index * self.batch_size
        stop = min(start + self.batch_size, self.num_examples)
        if epoch_order is None:
            return rows(self.data, start, stop)
        return take(self.data, epoch_order[start:stop])

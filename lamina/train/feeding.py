"""Feeds an epoch to the loop: the tensors of each batch, gathered ahead in chunks.

One gather serves many batches; the batches themselves are views of it.
"""

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from torch import Tensor

from lamina.core import trees
from lamina.data import ArrayBatches, Batch, StreamBatches
from lamina.data.batches import rows, take
from lamina.step.runner import layout_key
from lamina.train.callbacks.base import CallbackList
from lamina.train.session import leaves_of

_SHOWN = 8
_CHUNK_BYTES = 8 << 20  # gathered at once; larger chunks measured no faster


class Fed(NamedTuple):
    """A batch for the loop: its place in the epoch, its tensors, and what their layout is."""

    index: int  # type: ignore[assignment]  # hides tuple.index
    tensors: tuple[Tensor, ...]
    key: Hashable


def feed(
    batches: ArrayBatches | StreamBatches, epoch: int, start: int = 0, stop: int | None = None
) -> Iterator[Fed]:
    """The batches of an epoch from number `start` up to, not including, `stop`."""
    if isinstance(batches, ArrayBatches):
        return _feed_arrays(batches, epoch, start, stop)
    return _feed_stream(batches, epoch, start)


def example_of(batches: ArrayBatches | StreamBatches) -> Batch:
    """Some rows with all that a batch holds; a stream's first batch, looked at beforehand."""
    if isinstance(batches, ArrayBatches):
        return trees.transform(lambda leaf: None if leaf is None else leaf[:2], batches.data)
    return batches.example()


def show_examples(callbacks: CallbackList, batches: ArrayBatches | StreamBatches) -> None:
    """Tells callbacks that want them a few labelled examples, evenly spread over an array."""
    if not callbacks.wants_examples:
        return
    if isinstance(batches, StreamBatches):
        batch = batches.example()
    else:
        step = max(1, batches.num_examples // _SHOWN)
        batch = trees.transform(
            lambda leaf: None if leaf is None else leaf[::step][:_SHOWN], batches.data
        )
    callbacks.set_examples(batch.x, batch.y)


def _feed_stream(batches: StreamBatches, epoch: int, start: int) -> Iterator[Fed]:
    for index, batch in enumerate(batches.epoch(epoch)):
        if index >= start:
            tensors = tuple(leaves_of(batch))
            yield Fed(index, tensors, layout_key(tensors))


STREAM_CODE = _feed_stream.__code__  # by which a signal's handler knows that the loop waits


def _feed_arrays(batches: ArrayBatches, epoch: int, start: int, stop: int | None) -> Iterator[Fed]:
    order = batches.order(epoch)
    size, total = batches.batch_size, batches.num_examples
    last = batches.steps_per_epoch if stop is None else min(stop, batches.steps_per_epoch)
    per_chunk = max(1, _CHUNK_BYTES // max(1, _bytes_per_example(batches) * size))
    # A resumed epoch is cut like a whole one: sums in kernels may depend on how memory is aligned.
    for first in range(start - start % per_chunk, last, per_chunk):
        end = min(first + per_chunk, last)
        begin, finish = first * size, min(end * size, total)
        if order is None:
            chunk = rows(batches.data, begin, finish)
        else:
            chunk = take(batches.data, order[begin:finish])
        parts = [leaf.split(size) for leaf in leaves_of(chunk)]
        for offset, tensors in enumerate(zip(*parts, strict=True)):
            if first + offset >= start:
                yield Fed(first + offset, tensors, min(size, finish - begin - offset * size))


def _bytes_per_example(batches: ArrayBatches) -> int:
    leaves = [leaf for leaf in trees.leaves(batches.data) if leaf is not None]
    return sum(leaf[0:1].numel() * leaf.element_size() for leaf in leaves)

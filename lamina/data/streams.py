"""Batches from generators, iterables, DataLoaders, torch Datasets and PyDatasets.

Each batch is checked and converted in one place, `StreamBatches._checked`; how a kind of source
is started is said in `sources.py`.
"""

import itertools
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from types import TracebackType
from typing import Any

import torch

from lamina.core import checks, trees
from lamina.core.errors import ArgumentError, DataError, LaminaError
from lamina.core.names import shown
from lamina.data import sources
from lamina.data.arrays import Arrays, Batch, to_arrays
from lamina.data.prefetch import END, prefetched
from lamina.data.sources import Order
from lamina.data.weights import weights_of

Convert = Callable[..., Arrays]
"""`to_arrays`, or a partial of it that knows the model's inputs and outputs."""

Inspect = Callable[[Batch, str, str], None]
"""A further check of a batch, given what messages call its inputs and its labels."""


class StreamBatches:
    """Batches that a source yields, checked, converted and brought to the device.

    A source that can be started again is started anew for every epoch. With `steps_per_epoch`,
    an epoch goes on where the last one stopped, and a source that ends is started again if it
    can be; a generator cannot.

    Args:
        source: A generator, iterator or iterable of batches (x, y) or (x, y, sample_weight), a
            DataLoader, a torch Dataset of samples, or a PyDataset.
        steps_per_epoch: Batches in an epoch. Without it an epoch lasts until the source ends, so
            an endless generator needs it (whether a generator ends cannot be known beforehand).
        batch_size: Samples in a batch of a torch Dataset; other sources choose it themselves.
        seed: What the order of a torch Dataset or PyDataset depends on, beside the epoch.
        shuffle: Whether a torch Dataset or PyDataset is shuffled. Other sources never are.
        device: Where the batches are brought.
        prefetch: Whether the next batches are prepared on a side thread. Random numbers that the
            source draws from a global generator then mix with those of the training step.
        convert: `to_arrays`, with what is known of the model already filled in.
        needs_y: Whether a batch without labels is an error.
        varying: Whether other axes than the first may change size from batch to batch.
        class_weight: A checked weight for every class.
        name: What messages call the source.

    Raises:
        ArgumentError: The source is certain to be endless and `steps_per_epoch` is missing, or a
            number is not whole or too small.
        DataError: A batch is not of the promised form, or the source ends early.

    Example:
        >>> batches = StreamBatches([([[1.0]], [0]), ([[2.0]], [1])])
        >>> [batch.y.tolist() for batch in batches.epoch(0)]
        [[0], [1]]
    """

    def __init__(
        self,
        source: Any,
        *,
        steps_per_epoch: int | None = None,
        batch_size: int | None = None,
        seed: int = 0,
        shuffle: bool = True,
        device: torch.device | str = "cpu",
        prefetch: bool = False,
        convert: Convert = to_arrays,
        needs_y: bool = False,
        varying: bool = False,
        class_weight: dict[int, float] | None = None,
        name: str = "x",
    ) -> None:
        batch_size = 32 if batch_size is None else batch_size
        batch_size = checks.positive_int("fit", "batch_size", batch_size)
        if steps_per_epoch is not None:
            steps_per_epoch = checks.positive_int("fit", "steps_per_epoch", steps_per_epoch)
        elif sources.is_endless(source):
            raise _needs_steps(name, source)
        self._order = Order(seed, bool(shuffle))
        self._source = sources.opened(source, batch_size, self._order)
        self._steps = steps_per_epoch
        self._device = torch.device(device)
        self._prefetch = prefetch
        self._convert = convert
        self._needs_y = needs_y
        self._varying = varying
        self._class_weight = class_weight
        self._name = name
        self._weighted: tuple[Any] | None = None
        self._length = sources.length_of(self._source)
        self._running: Iterator[Any] | None = None
        self._passes = 0
        self._begun: Iterator[Batch] | None = None
        self._ahead: list[Batch] = []
        self.inspect: Inspect | None = None
        self._shapes: list[tuple[int, ...]] | None = None

    @property
    def steps_per_epoch(self) -> int | None:
        """Batches in an epoch; `None` as long as it is not known, at most until the first ends."""
        return self._steps or self._length

    @property
    def is_one_pass(self) -> bool:
        """Whether the source can be gone through only once, as a generator."""
        return isinstance(self._source, Iterator)

    @property
    def starts_anew(self) -> bool:
        """Whether each epoch begins the source again, whatever was taken from it before."""
        return self._steps is None and not self.is_one_pass

    def skip(self, epochs: int) -> None:
        """Goes to where the source stands after so many epochs."""
        if self.starts_anew:
            self._begun = None if epochs else self._begun
            return
        for epoch in range(epochs):
            for _ in self.epoch(epoch):
                pass

    def check_epochs(self, epochs: int) -> None:
        """Passes when the source lasts for so many epochs, as far as can be known.

        Raises:
            DataError: A generator without `steps_per_epoch` is asked for a second epoch.
        """
        if self.is_one_pass and self._steps is None and epochs > 1:
            raise self._ended(f"can be gone through once, but {epochs} epochs were asked for")

    def example(self) -> Batch:
        """The first batch, looked at beforehand; the first epoch begins with it all the same."""
        return self.look_ahead()[0]

    def look_ahead(
        self, batches: int = 1, rows: int = 0, num_bytes: int = 0, seconds: float = 0.0
    ) -> list[Batch]:
        """The first batches, looked at beforehand; the first epoch begins with them all the same.

        Takes batches until one of the limits is reached, the first in any case.

        Args:
            batches: How many at most.
            rows: After how many rows no more are taken.
            num_bytes: After how many bytes no more are taken.
            seconds: After what time no more are taken.
        """
        started = time.perf_counter()
        if self._begun is None:
            self._coming = self._checked_batches(0)
            self._ahead = [next(self._coming)]  # nothing is prefetched before `inspect` can be set
        limits = (batches, rows, num_bytes)
        while all(now < most for now, most in zip(_sizes(self._ahead), limits, strict=True)):
            more = next(self._coming, None)
            if more is None:
                break
            self._ahead.append(more)
            if time.perf_counter() - started > seconds:
                break
        self._begun = itertools.chain(self._ahead, self._fetched(self._coming))
        return self._ahead

    @property
    def ahead(self) -> list[Batch]:
        """The batches that have been looked at beforehand."""
        return self._ahead

    def epoch(self, epoch: int) -> Generator[Batch, None, None]:
        """The batches of one epoch."""
        begun, self._begun = self._begun, None
        yield from self._batches_of(epoch) if begun is None else begun

    def _batches_of(self, epoch: int) -> Generator[Batch, None, None]:
        return self._fetched(self._checked_batches(epoch))

    def _fetched(self, batches: Generator[Batch, None, None]) -> Generator[Batch, None, None]:
        with closing(prefetched(batches) if self._prefetch else batches) as results:
            yield from results

    def _checked_batches(self, epoch: int) -> Generator[Batch, None, None]:
        number = 0
        for value in self._raw_batches(epoch):
            yield _sent(self._checked(value, number), self._device)
            number += 1
        if number == 0:
            problem = "yielded no batches" if self._passes <= 1 else "has ended in an earlier epoch"
            raise self._ended(problem)
        if self._steps is None and self._length is None:
            self._length = number

    def _raw_batches(self, epoch: int) -> Iterator[Any]:
        if self._steps is None:
            yield from self._noted(self._start(epoch), 0)
            return
        number = 0
        while number < self._steps:
            is_fresh = self._running is None
            self._running = self._running or self._start(epoch)
            before = number
            for value in itertools.islice(self._noted(self._running, number), self._steps - number):
                number += 1
                yield value
            if number < self._steps:
                self._refuse_end(number, epoch, is_empty=is_fresh and number == before)
                self._running = None

    def _start(self, epoch: int) -> Iterator[Any]:
        # With steps_per_epoch passes and epochs are different things: each pass has its own order.
        order_number = epoch if self._steps is None else self._passes
        self._passes += 1
        with _Where(f"the start of {self._name}"):
            return sources.iterate(self._source, order_number, self._order)

    def _noted(self, iterator: Iterator[Any], number: int) -> Iterator[Any]:
        """The same values; an error inside the source gets a note saying at which batch."""
        for count in itertools.count(number):
            with _Where(f"batch {count} of {self._name}"):
                value = next(iterator, END)
            if value is END:
                return
            yield value

    def _refuse_end(self, number: int, epoch: int, *, is_empty: bool) -> None:
        if self.is_one_pass:
            raise self._ended(f"ended after {number} of {self._steps} batches of epoch {epoch + 1}")
        if is_empty:
            raise self._ended("yielded no batches")

    def _ended(self, problem: str) -> DataError:
        kind = type(self._source).__name__
        fix = "pass a list of batches, a DataLoader or a PyDataset, which can start again."
        if self.is_one_pass:
            fix += " An endless generator (while True) needs steps_per_epoch."
        return DataError(
            f"{self._name} ({kind}) {problem}.",
            expected="batches for every step of every epoch.",
            fix=fix,
        )

    def _checked(self, value: Any, number: int) -> Batch:
        """The one place where what a source yields becomes tensors."""
        x, y, sample_weight = _parts(value, number, self._name, self._needs_y)
        names = self.part_names(number)
        arrays = self._convert(x, y, sample_weight, names=names)
        self._check_shapes(arrays, number)
        weight = arrays.sample_weight
        if self._class_weight is not None and weight is None:
            weight = weights_of(arrays.y, self._class_weight, name=names[1])
        batch = Batch(arrays.x, arrays.y, weight)
        self._check_weights(weight, number)
        if self.inspect is not None:
            self.inspect(batch, *names[:2])
        return batch

    def part_names(self, number: int) -> tuple[str, str, str]:
        """What messages call the three parts of a batch."""
        place = f"in batch {number}" + ("" if self._name == "x" else f" of {self._name}")
        return f"x {place}", f"y {place}", f"sample_weight {place}"

    def _check_weights(self, weight: Any, number: int) -> None:
        """A step that was made without weights would leave later ones out."""
        found = trees.transform(lambda leaf: leaf is not None, weight)
        if self._weighted is None:
            self._weighted = (found,)
        if self._needs_y and self._weighted != (found,):
            has, had = ("none" if weight is None else "other ones"), "them"
            if self._weighted == (False,):
                has, had = "them", "none"
            raise DataError(
                f"sample weights: batch {number} of {self._name} has {has}, batch 0 had {had}.",
                expected="sample weights in every batch, or in none.",
                fix="yield weights of 1 where all examples count alike: np.ones(len(y)).",
            )

    def _check_shapes(self, arrays: Arrays, number: int) -> None:
        if self._varying:
            return
        found = [
            tuple(leaf.shape[1:]) for leaf in trees.leaves([arrays.x, arrays.y]) if leaf is not None
        ]
        if self._shapes is None:
            self._shapes = found
        if found != self._shapes:
            raise DataError(
                f"batch {number} of {self._name} has samples of shape {_listed(found)}, "
                f"batch 0 had {_listed(self._shapes)}.",
                expected="batches that differ in their number of samples only.",
                fix="bring all samples to one shape, for example with pad_sequences or Resizing.",
            )


class _Where:
    """Says of an error that leaves the block where it came from.

    Our own get a note. Those of the user's code become the cause of a DataError.
    """

    def __init__(self, place: str) -> None:
        self.place = place

    def __enter__(self) -> None:
        """Nothing has to be prepared."""

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, LaminaError):
            error.add_note(f"  where: {self.place}.")
        elif isinstance(error, Exception) and not isinstance(error, MemoryError):
            first_line = (str(error).splitlines() or [""])[0][:80]
            raise DataError(
                f"{self.place} could not be made: {type(error).__name__}: {first_line}",
                expected="a data set that yields batches without an error of its own.",
                fix="the error above this one shows the line in the code that makes the batch.",
            ) from error


def _sizes(batches: list[Batch]) -> tuple[int, int, int]:
    """Number of batches, of rows, and of bytes."""
    leaves = [[leaf for leaf in trees.leaves(batch) if leaf is not None] for batch in batches]
    rows = sum(tensors[0].shape[0] for tensors in leaves)
    size = sum(leaf.numel() * leaf.element_size() for tensors in leaves for leaf in tensors)
    return len(batches), rows, size


def _sent(batch: Batch, device: torch.device) -> Batch:
    """The batch on the device; a GPU copies it from pinned memory while others compute."""
    if device.type != "cuda":
        return trees.transform(lambda leaf: leaf if leaf is None else leaf.to(device), batch)
    return trees.transform(
        lambda leaf: leaf if leaf is None else leaf.pin_memory().to(device, non_blocking=True),
        batch,
    )


def _listed(found: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, found))


def _parts(value: Any, number: int, name: str, needs_y: bool) -> tuple[Any, Any, Any]:
    """Inputs, labels and weights of a batch."""
    is_tuple = isinstance(value, (tuple, list))
    size = len(value) if is_tuple else 1
    if value is not None and (size in (2, 3) or (size == 1 and not needs_y)):
        parts = (*value, None, None) if is_tuple else (value, None, None)
        return parts[0], parts[1], parts[2]
    given = f"of type {type(value).__name__}"
    if is_tuple:
        given = f"a {type(value).__name__} of {size}"
    elif value is None or isinstance(value, (str, int, float)):
        given = shown(value)
    raise DataError(
        f"batch {number} of {name} is {given}.",
        expected="(x, y) or (x, y, sample_weight)." if needs_y else "x, (x, y) or (x, y, weight).",
        fix="let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    )


def _needs_steps(name: str, source: Any) -> ArgumentError:
    return ArgumentError(
        f"{name} ({type(source).__name__}) never ends, and steps_per_epoch is missing.",
        expected="the number of batches that make an epoch.",
        fix="pass for example steps_per_epoch=100.",
    )

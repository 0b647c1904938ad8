"""PyDataset: batches made by the user's own class; and how a batch is packed into a tuple."""

import itertools
from collections.abc import Iterator
from typing import Any

from lamina.core import checks
from lamina.core.errors import DataError, StateError


class PyDataset:
    """Batches by number, made by the methods of a subclass.

    A subclass defines `__getitem__(index)`, which returns one whole batch as (x, y) or
    (x, y, sample_weight), and `__len__`, the number of batches. Without `__len__` (or
    `num_batches`) the data is endless and `fit` needs `steps_per_epoch`.

    Args:
        workers: Number of threads, or processes, that prepare batches ahead of training.
        use_multiprocessing: Whether these are processes; the data set is then pickled.
        max_queue_size: How many batches are prepared ahead.

    Raises:
        ArgumentError: A number is too small, or the flag is none.
        StateError: The subclass defines neither `__len__` nor `num_batches`, and is asked.

    Example:
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...     def __getitem__(self, index):
        ...         return [[index]], [index**2]
        >>> list(Squares())
        [([[0]], [0]), ([[1]], [1])]
    """

    # Defaults of the class, because many subclasses forget to call super().__init__.
    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = checks.whole(self, "workers", workers)
        self.use_multiprocessing = checks.boolean(self, "use_multiprocessing", use_multiprocessing)
        self.max_queue_size = checks.positive_int(self, "max_queue_size", max_queue_size)

    def __getitem__(self, index: int) -> Any:
        """One batch; defined by the subclass."""
        raise StateError(
            f"{type(self).__name__} has no __getitem__.",
            expected="a subclass of PyDataset that defines it.",
            fix="add def __getitem__(self, index): return x_batch, y_batch.",
        )

    @property
    def num_batches(self) -> int | None:
        """Number of batches; `None` for endless data."""
        if hasattr(self, "__len__"):
            return self._length()
        raise StateError(
            f"{type(self).__name__} does not say how many batches it has.",
            expected="a __len__ method, or a num_batches property (None for endless data).",
            fix="add def __len__(self): return the number of batches.",
        )

    def _length(self) -> int:
        try:
            return len(self)  # type: ignore[arg-type]  # what `hasattr` has just found
        except (TypeError, ValueError, OverflowError) as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # raised in the user's own lines
            raise DataError(
                f"{type(self).__name__}.__len__() returned no number of batches: {error}.",
                expected="a whole number of at least 0.",
                fix="return for example math.ceil(len(x) / batch_size).",
            ) from error

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Called before the first batch of every epoch; does nothing here."""

    def on_epoch_end(self) -> None:
        """Called after the last batch of every epoch; does nothing here."""


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Splits a batch into inputs, labels and weights; what is absent is `None`.

    Args:
        data: x, (x,), (x, y) or (x, y, sample_weight).

    Raises:
        DataError: A tuple has another length.

    Example:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError(
            f"a batch is a tuple of {len(data)}.",
            expected="(x,), (x, y) or (x, y, sample_weight).",
            fix="put several inputs into a list or dict of their own: ([a, b], y).",
        )
    return tuple((*data, None, None)[:3])


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Packs inputs, labels and weights into the shortest form that `fit` takes.

    Returns:
        x, or (x,) if x is a list or tuple; (x, y); or (x, y, sample_weight).

    Example:
        >>> pack_x_y_sample_weight(1, 2)
        (1, 2)
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)

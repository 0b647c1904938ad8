"""Layers that learn from data by looking at it once, before training.

Here: how data of any kind is cut into batches, and how what was learned comes back from a state
dict. What is learned, and from which statistics, is left to each layer.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import DataError, StateError
from lamina.core.variables import Variable
from lamina.layers.base import Layer

_VALUES_AT_ONCE = 2**20


class AdaptedLayer(Layer):
    """Learns from data with `adapt`, before training, and keeps what it learned as state.

    A subclass collects statistics in `update_state`, forgets them in `reset_state` and turns them
    into state in `finalize_state`. `fit` adapts a layer that is not adapted, on the training part.
    """

    _resizable: tuple[str, ...] = ()  # state whose size is learned too

    @property
    def is_adapted(self) -> bool:
        """Whether the layer has learned from data, or was given what there is to learn."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forgets the statistics collected so far."""
        raise NotImplementedError

    def update_state(self, data: Any) -> None:
        """Adds one batch to the statistics."""
        raise NotImplementedError

    def finalize_state(self) -> None:
        """Turns the statistics into the layer's state."""
        raise NotImplementedError

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns from data; what was learned before is forgotten.

        Args:
            data: An array, tensor, list or data frame, or an iterable of batches; of a batch
                `(x, y)` only `x` is looked at.
            batch_size: Rows looked at in one go; chosen automatically when `None`.
            steps: Number of batches to look at; all when `None`.

        Raises:
            DataError: There is no data, or it is no array.
        """
        self.reset_state()
        seen = 0
        for batch in islice(_batches(self, data, batch_size), steps):
            self.update_state(batch)
            seen += 1
        if not seen:
            raise DataError(
                f"{self.name}.adapt() received no data.",
                expected="an array with at least one row, or an iterable with at least one batch.",
                fix=f"{self.name}.adapt(train_x).",
            )
        self.finalize_state()

    def _hold(self, key: str, values: Tensor) -> None:
        """Makes or replaces a state tensor, on the device of the one before."""
        old = self._buffers.get(key)
        variable = Variable(values if old is None else values.to(old.device))
        variable.path = f"{self.name}/{key}"
        self.register_buffer(key, variable)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *others: Any) -> None:
        """Makes room for learned state of another size before torch copies it in."""
        for key in self._resizable:
            new, old = state_dict.get(prefix + key), self._buffers.get(key)
            if isinstance(new, Tensor) and old is not None and new.shape != old.shape:
                self._hold(key, torch.empty(new.shape, dtype=old.dtype))
        super()._load_from_state_dict(state_dict, prefix, *others)


def _batches(layer: Layer, data: Any, batch_size: int | None) -> Iterator[Any]:
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    if isinstance(data, (list, tuple)) and not _holds_batches(data):
        data = _to_array(layer, data)
    if isinstance(data, (np.ndarray, Tensor)):
        return _slices(layer, data, batch_size)
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return map(_inputs_of, data)
    raise DataError(
        f"{layer.name}.adapt() received {type(data).__name__}.",
        expected="an array, a tensor, a list, a data frame, or an iterable of batches.",
        fix=f"{layer.name}.adapt(train_x).",
    )


def _holds_batches(data: list | tuple) -> bool:
    return any(isinstance(part, (np.ndarray, Tensor, tuple)) for part in data[:1])


def _inputs_of(batch: Any) -> Any:
    """The inputs of a batch `(x, y)`, or the batch itself."""
    is_pair = isinstance(batch, (list, tuple)) and _holds_batches(batch)
    return batch[0] if is_pair else batch


def _to_array(layer: Layer, data: list | tuple) -> np.ndarray:
    try:
        return np.asarray(data)
    except ValueError as error:
        raise DataError(
            f"{layer.name}.adapt() received rows of different lengths.",
            expected="rows that all have the same length.",
            fix="pad the rows to one length, or pass an iterable of batches.",
        ) from error


def _slices(layer: Layer, data: Any, batch_size: int | None) -> Iterator[Any]:
    if data.ndim == 0:
        data = data.reshape(1)
    if batch_size is None:
        per_row = max(1, int(np.prod(data.shape[1:])))
        batch_size = max(1, _VALUES_AT_ONCE // per_row)
    size = checks.positive_int(f"{layer.name}.adapt", "batch_size", batch_size)
    return (data[start : start + size] for start in range(0, len(data), size))


def to_compute_dtype(layer: Layer, x: Any) -> Tensor:
    """Numbers of any kind as a tensor in the dtype that the layer computes in."""
    return torch.as_tensor(x).to(dtypes.to_torch(layer.dtype_policy.compute_dtype))


def to_float64(layer: Layer, batch: Any) -> np.ndarray:
    """A batch of finite numbers in double precision, for sums over many rows.

    Raises:
        DataError: A value is no number, or is NaN or infinite.
    """
    if isinstance(batch, Tensor):
        batch = batch.detach().cpu().numpy() if batch.dtype != torch.bfloat16 else batch.tolist()
    try:
        values = np.asarray(batch, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{layer.name}.adapt() received values that are no numbers.",
            expected="an array of numbers.",
            fix="turn text columns into numbers first, for example with StringLookup.",
        ) from error
    wrong = int(np.count_nonzero(~np.isfinite(values)))
    if wrong:
        raise DataError(
            f"{layer.name}.adapt() received {wrong} values that are NaN or infinite.",
            expected="finite numbers, for one NaN would make every statistic NaN.",
            fix="fill or drop them first, for example with numpy.nan_to_num(x).",
        )
    return values


def refuse_adapting(layer: Layer, argument: str) -> StateError:
    """The error for `adapt` on a layer that was given what it would learn."""
    return StateError(
        f"{layer.name} was given {argument!r}, so there is nothing to adapt.",
        expected=f"adapt() on a layer made without {argument!r}.",
        fix=f"leave out {argument}=..., or do not call adapt().",
    )

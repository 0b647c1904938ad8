"""Sequences of different lengths brought to one, and windows over a series."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, randomness
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError
from lamina.core.names import shown
from lamina.data import conversion


def _array_dtype(dtype: Any) -> np.dtype:
    try:
        return np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise checks.refuse(
            "pad_sequences",
            "dtype",
            dtype,
            expected="'dtype' as a dtype of NumPy.",
            fix='pass for example dtype="int32".',
        ) from error


def _elements(part: Any, row: int, dtype: np.dtype) -> np.ndarray:
    try:
        return np.asarray(part, dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"sequences[{row}] holds what dtype {dtype.name} does not: {shown(part, 60)}.",
            expected="numbers, or dtype=object for anything else.",
            fix="turn words into numbers first, or pass dtype=object.",
        ) from error


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: Literal["pre", "post"] = "pre",
    truncating: Literal["pre", "post"] = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Fills sequences up, or cuts them off, to one length.

    Args:
        sequences: Sequences of numbers, or of arrays of one shape.
        maxlen: Length of the result; that of the longest sequence when `None`.
        dtype: NumPy dtype of the result; `object` for text of any length.
        padding: Where values are added: before or after.
        truncating: Where values are removed: at the beginning or at the end.
        value: What is added.

    Returns:
        Shape (sequences, maxlen, ...).

    Raises:
        ArgumentTypeError: `sequences` or one of them is no sequence.
        ArgumentError: An option is none, or `value` is text where `dtype` is a number.
        DataError: The elements of the sequences differ in shape.

    Example:
        >>> pad_sequences([[1], [2, 3]])
        array([[0, 1],
               [2, 3]], dtype=int32)
    """
    checks.choice("pad_sequences", "padding", padding, ("pre", "post"))
    checks.choice("pad_sequences", "truncating", truncating, ("pre", "post"))
    lengths = _lengths(sequences)
    if maxlen is None:
        maxlen = max(lengths, default=0)
    else:
        maxlen = checks.positive_int("pad_sequences", "maxlen", maxlen)
    dtype = _array_dtype(dtype)
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUST":
        raise ArgumentError(
            f"pad_sequences(value={shown(value)}) does not fit dtype {np.dtype(dtype).name}.",
            expected="a number.",
            fix="pass dtype=object for text of any length.",
        )
    first = next((s for s, length in zip(sequences, lengths, strict=True) if length), ())
    shape = np.asarray(first).shape[1:]
    try:
        result = np.full((len(lengths), maxlen, *shape), value, dtype=dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise checks.refuse(
            "pad_sequences",
            "value",
            value,
            expected=f"'value' as one value that dtype {np.dtype(dtype).name} holds.",
            fix="pass value=0, or another dtype.",
        ) from error
    for row, sequence in enumerate(sequences):
        part = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        kept = _elements(part, row, dtype)
        if len(kept) == 0:
            continue
        if kept.shape[1:] != shape:
            raise DataError(
                f"sequences[{row}] has elements of shape {kept.shape[1:]}, others of {shape}.",
                expected="elements of one shape.",
                fix="bring the elements to one shape first.",
            )
        place = slice(len(kept)) if padding == "post" else slice(maxlen - len(kept), None)
        result[row, place] = kept
    return result


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise ArgumentTypeError(
            f"pad_sequences received an object of type {type(sequences).__name__}.",
            expected="a list of sequences.",
            fix="collect them first: list(sequences).",
        )
    for index, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ArgumentTypeError(
                f"sequences[{index}] is {shown(sequence)}, which is no sequence.",
                expected="a list of sequences.",
                fix="for one sequence alone pass [sequence].",
            )
    return [len(sequence) for sequence in sequences]


class Windows:
    """Batches of windows over a series: iterable, sized, and cut anew from the series each time.

    Args:
        series: The steps of the series, time axis first.
        targets: One target for each window start, or `None`.
        starts: The first step of each window.
        offsets: The steps of a window, counted from its start.
        batch_size: Windows in a batch; `None` gives single windows.
    """

    def __init__(
        self,
        series: Tensor,
        targets: Tensor | None,
        starts: Tensor,
        offsets: Tensor,
        batch_size: int | None,
    ) -> None:
        self.series = series
        self.targets = targets
        self.starts = starts
        self.offsets = offsets
        self.batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self.starts) // (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        size = self.batch_size or 1
        starts = self.starts[index * size : (index + 1) * size]
        windows = self.series[starts[:, None] + self.offsets]
        targets = None if self.targets is None else self.targets[starts]
        if self.batch_size is None:
            windows, targets = windows[0], None if targets is None else targets[0]
        return windows if targets is None else (windows, targets)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Windows:
    """Cuts a series into overlapping windows, which are made batch by batch.

    Args:
        data: The series, time axis first.
        targets: `targets[i]` belongs to the window that starts at step i. `None` for none.
        sequence_length: Steps in a window.
        sequence_stride: Steps between the starts of two windows.
        sampling_rate: Steps between two steps of a window.
        batch_size: Windows in a batch; `None` gives single windows.
        shuffle: Whether the windows are mixed, once.
        seed: Makes the mixing repeatable.
        start_index: Steps before this one are not used.
        end_index: This step and later ones are not used.
        format: Accepted for Keras's sake; the result is an iterable of torch tensors.

    Returns:
        An iterable of batches (windows, targets), or of windows without targets. Windows have
        shape (batch, sequence_length, ...).

    Raises:
        ArgumentError: A number is out of range, or no window fits into the series.

    Example:
        >>> next(iter(timeseries_dataset_from_array([0, 1, 2, 3], None, 2)))
        tensor([[0, 1],
                [1, 2],
                [2, 3]])
    """
    owner = "timeseries_dataset_from_array"
    series = conversion.convert("data", data).tensor
    last = len(series) - 1
    length = checks.positive_int(owner, "sequence_length", sequence_length)
    stride = checks.whole(owner, "sequence_stride", sequence_stride, low=1, high=last)
    rate = checks.whole(owner, "sampling_rate", sampling_rate, low=1, high=last)
    start = 0 if start_index is None else checks.whole(owner, "start_index", start_index, high=last)
    end = len(series)
    if end_index:
        end = checks.whole(owner, "end_index", end_index, low=start + 1, high=last)
    if batch_size is not None:
        batch_size = checks.positive_int(owner, "batch_size", batch_size)
    wanted = None if targets is None else conversion.convert("targets", targets).tensor[start:]
    num_starts = end - start - (length - 1) * rate
    if wanted is not None:
        num_starts = min(num_starts, len(wanted))
    if num_starts < 1:
        raise ArgumentError(
            f"no window of {length} steps, {rate} apart, fits into {end - start} steps.",
            expected="a series that is longer than a window, and a target for its start.",
            fix="pass a smaller sequence_length or sampling_rate.",
        )
    starts = torch.arange(0, num_starts, stride)
    if shuffle:
        seed = randomness.next_seed() if seed is None else checks.whole(owner, "seed", seed)
        starts = starts[torch.randperm(len(starts), generator=randomness.new_generator(seed))]
    offsets = torch.arange(0, length * rate, rate)
    return Windows(series[start:end], wanted, starts, offsets, batch_size)

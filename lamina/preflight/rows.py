"""Fingerprints of rows, to find the same row in two parts of the data."""

import numpy as np
import torch
from torch import Tensor

_WORD = 8
_SEED = 0x1A41AA
_CHUNK_BYTES = 8 << 20
_MIDDLE_BYTES = 512
_MOST_MENDED = 1 << 22


def fingerprints(tensor: Tensor) -> np.ndarray:
    """A 64-bit number for each row; equal rows have equal numbers, others almost surely not.

    Args:
        tensor: Shape (n, ...), any dtype.

    Returns:
        Shape (n,), uint64.
    """
    rows = tensor.shape[0]
    tensor = tensor.detach().cpu().contiguous()
    if tensor.is_floating_point() and tensor.numel() < _MOST_MENDED:
        tensor = tensor + 0.0  # -0.0 equals 0.0
    array = tensor.reshape(rows, -1).numpy()
    data = array.view(np.uint8)
    size = data.shape[1]
    whole = size - size % _WORD
    factors = _factors(whole // _WORD + _WORD)
    result = np.zeros(rows, dtype=np.uint64)
    step = max(1, _CHUNK_BYTES // max(1, size))
    with np.errstate(over="ignore"):
        for start in range(0, rows, step):
            part = data[start : start + step]
            found = result[start : start + step]
            if whole:
                words = np.ascontiguousarray(part[:, :whole]).view(np.uint64)
                # Without the shift, rows that differ in high bits alone would often collide.
                found += (words ^ (words >> np.uint64(29))) @ factors[: whole // _WORD]
            for place in range(whole, size):
                found += part[:, place].astype(np.uint64) * factors[-1 - (place - whole)]
    return result


def _factors(count: int) -> np.ndarray:
    """Odd random numbers, the same in every process."""
    generator = np.random.Generator(np.random.PCG64(_SEED))
    return generator.integers(1 << 63, size=count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def combined(parts: list[np.ndarray]) -> np.ndarray:
    """One number a row for several arrays whose rows belong together."""
    factors = _factors(len(parts))
    result = np.zeros_like(parts[0])
    with np.errstate(over="ignore"):
        for part, factor in zip(parts, factors, strict=True):
            result += part * factor
    return result


def shared_count(training: np.ndarray, validation: np.ndarray) -> int:
    """How many validation rows are also training rows."""
    return int(np.isin(validation, training).sum())


def shared_places(training: np.ndarray, validation: np.ndarray) -> np.ndarray:
    """Which validation rows are also training rows."""
    return np.flatnonzero(np.isin(validation, training))


def repeated_share(fingerprint: np.ndarray) -> float:
    """Share of the rows that have an equal among the other rows."""
    if len(fingerprint) < 2:
        return 0.0
    _, counts = np.unique(fingerprint, return_counts=True)
    return float(counts[counts > 1].sum()) / len(fingerprint)


def fingerprints_of(tensors: list[Tensor], *, whole: bool) -> np.ndarray:
    """One number a row for the inputs of a model.

    Args:
        tensors: The inputs.
        whole: Whether all of a row counts, or the middle of long rows alone, which takes a share
            of the time and shows where a closer look is worth it.
    """
    with torch.no_grad():
        return combined([fingerprints(tensor if whole else middle(tensor)) for tensor in tensors])


def middle(tensor: Tensor) -> Tensor:
    """The middle of each row, where rows are long."""
    flat = tensor.reshape(tensor.shape[0], -1)
    most = _MIDDLE_BYTES // tensor.element_size()
    start = (flat.shape[1] - most) // 2
    return flat if start <= 0 else flat[:, start : start + most]

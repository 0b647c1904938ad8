"""Text as numbers: a tensor cannot hold strings, so they travel as 63-bit hashes."""

import hashlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import trees

_LARGEST = 2**63 - 1


def hash_strings(values: Any) -> Tensor:
    """Replaces every string by a stable whole number from 0 to 2**63 - 1.

    The number depends on the UTF-8 bytes alone, so it is the same on every machine and in every
    process. Two different strings of a vocabulary of a million words share a number with a chance
    of about 5e-8. Missing values (`None`, NaN) count as the empty string.

    Args:
        values: A string, or an array or nested list of strings.

    Shape:
        result: the shape of `values`, int64

    Reference:
        Saarinen and Aumasson, "The BLAKE2 Cryptographic Hash and MAC", RFC 7693, 2015.

    Example:
        >>> hash_strings(["a", "b", "a"]).unique().shape
        torch.Size([2])
    """
    texts = to_texts(values)
    words, positions = np.unique(texts.reshape(-1), return_inverse=True)
    hashes = np.array([hash_string(word) for word in words.tolist()], dtype=np.int64)
    return torch.from_numpy(hashes[positions].reshape(texts.shape))


def hash_string(word: str) -> int:
    """The stable whole number of one string."""
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & _LARGEST


def to_texts(values: Any) -> np.ndarray:
    """An array of Python strings: bytes are decoded, numbers written out, gaps left empty."""
    array = np.asarray(values)
    if array.dtype.kind == "U":
        return array
    flat = [_to_text(value) for value in array.reshape(-1).tolist()]
    return np.array(flat, dtype=str).reshape(array.shape)


def _to_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    is_missing = value is None or (isinstance(value, float) and value != value)
    return "" if is_missing else str(value)


def is_text(values: Any) -> bool:
    """Whether a value is a string, or an array or nested list that begins with one."""
    if isinstance(values, np.ndarray):
        if values.dtype.kind != "O":
            return values.dtype.kind in "US"
        return any(isinstance(value, (str, bytes)) for value in values.reshape(-1)[:100].tolist())
    if isinstance(values, (list, tuple)):
        leaf = next(iter(trees.leaves(values)), None)
        return is_text(leaf) if isinstance(leaf, np.ndarray) else isinstance(leaf, (str, bytes))
    return isinstance(values, (str, bytes, np.str_))


def pack_words(words: list[str]) -> tuple[Tensor, Tensor]:
    """Words as two tensors that a state dict can hold: their bytes, and where each word ends."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    text = np.frombuffer(b"".join(encoded), dtype=np.uint8).copy()
    ends = np.cumsum([len(word) for word in encoded], dtype=np.int64)
    return torch.from_numpy(text), torch.from_numpy(ends)


def unpack_words(text: Tensor, ends: Tensor) -> list[str]:
    """The words that `pack_words` packed."""
    whole = text.cpu().numpy().tobytes()
    stops = ends.cpu().tolist()
    starts = [0, *stops][: len(stops)]
    return [
        whole[start:stop].decode("utf-8", "surrogatepass")
        for start, stop in zip(starts, stops, strict=True)
    ]

"""Hashing and HashedCrossing: categories too many to list, spread over a fixed number of bins."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.text import hash_string, hash_strings, is_text
from lamina.layers.base import Layer
from lamina.layers.category_encoding import ENCODINGS, encode, refuse_sparse


class Hashing(Layer):
    """Spreads whole numbers or strings over a fixed number of bins, the same ones every time.

    Choose it where categories cannot be listed beforehand; `StringLookup` and `IntegerLookup`
    keep every category apart. The bins differ from those of Keras, which hashes text.

    Args:
        num_bins: Number of bins.
        mask_value: Value that gets bin 0 for itself alone.
        salt: One or two whole numbers; another salt gives another spread.
        output_mode: "int" for the bin, or "one_hot", "multi_hot", "count".
        sparse: Only False: results are always dense.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...), whole numbers or strings; in a model strings travel as int64
        output: the shape of the input, int64, for "int"; else as in `CategoryEncoding`

    Raises:
        ArgumentError: `num_bins` is below 1, or another argument has no possible value.

    Reference:
        Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, for
        the mixing of bits.

    Example:
        >>> Hashing(3)(["a", "b", "a"]).unique().numel() <= 2
        True
    """

    takes_text = True  # strings reach it as hashes, through fit and predict too

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        mode = checks.choice(self, "output_mode", output_mode, ENCODINGS)
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if mode == "int" else dtypes.floatx()
        super().__init__(**kwargs)
        self.num_bins = checks.positive_int(self, "num_bins", num_bins)
        self.mask_value = mask_value
        self.salt = salts(self, salt)
        self.output_mode = mode
        self.sparse = refuse_sparse(self, sparse)

    def __call__(  # type: ignore[override]  # always of an input
        self, inputs: Any, *args: Any, **kwargs: Any
    ) -> Any:
        inputs = hash_strings(inputs) if is_text(inputs) else inputs
        return super().__call__(inputs, *args, **kwargs)

    def call(self, x: Any) -> Tensor:
        x = torch.as_tensor(x).long()
        if self.output_mode == "one_hot" and x.ndim > 0 and x.shape[-1] == 1:
            x = x.squeeze(-1)
        is_masked = self.mask_value is not None and self.num_bins > 1
        bins = scramble(x, self.salt) % (self.num_bins - is_masked)
        if is_masked:
            bins = torch.where(x == _key_of(self.mask_value), 0, bins + 1)
        kind = dtypes.to_torch(self.dtype_policy.compute_dtype)
        return encode(bins, self.output_mode, self.num_bins, dtype=kind)


class HashedCrossing(Layer):
    """Spreads combinations of several features over a fixed number of bins.

    Use it where the combination says more than its parts, as a district does beyond longitude
    and latitude. The bins differ from those of Keras, which hashes text.

    Args:
        num_bins: Number of bins.
        output_mode: "int" for the bin, or "one_hot".
        sparse: Only False: results are always dense.
        name: Name in summaries and messages.
        dtype: Dtype of the result.
        **kwargs: `trainable`.

    Shape:
        inputs: two or more of (), (batch,) or (batch, 1), whole numbers or strings
        output: the shape of an input, int64, for "int"; (batch, num_bins) for "one_hot"

    Raises:
        ArgumentError: `num_bins` is below 1, another argument has no possible value, or the layer
            is called on fewer than two inputs.
        ShapeError: The inputs have different shapes, or more than one feature.

    Example:
        >>> HashedCrossing(5)([["a", "b"], [1, 2]]).shape
        torch.Size([2])
    """

    takes_text = True  # strings reach it as hashes, through fit and predict too

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        mode = checks.choice(self, "output_mode", output_mode, ("int", "one_hot"))
        if dtype is None and mode == "int":
            dtype = "int64"
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.num_bins = checks.positive_int(self, "num_bins", num_bins)
        self.output_mode = mode
        self.sparse = refuse_sparse(self, sparse)

    def __call__(  # type: ignore[override]  # always of an input
        self, inputs: Any, *args: Any, **kwargs: Any
    ) -> Any:
        if isinstance(inputs, (list, tuple)):
            inputs = [hash_strings(part) if is_text(part) else part for part in inputs]
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any) -> Tensor:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            count = len(inputs) if isinstance(inputs, (list, tuple)) else 1
            raise ArgumentError(
                f"{self.name} received {count} input.",
                expected="a list of two or more features to combine.",
                fix=f"{self.name}([feature_1, feature_2]).",
            )
        parts = [torch.as_tensor(part).long() for part in inputs]
        shapes = [tuple(part.shape) for part in parts]
        if len(set(shapes)) > 1 or len(shapes[0]) > 2 or (len(shapes[0]) == 2 and shapes[0][1] > 1):
            raise ShapeError(
                f"{self.name} received inputs of shapes {', '.join(map(str, shapes))}.",
                expected="inputs of one shape: (batch,) or (batch, 1).",
                fix="pass one feature an input, for example x[:, :1] and x[:, 1:2].",
            )
        mixed = torch.zeros_like(parts[0])
        for part in parts:
            mixed = scramble(mixed + part)
        kind = dtypes.to_torch(self.dtype_policy.compute_dtype)
        return encode(mixed % self.num_bins, self.output_mode, self.num_bins, dtype=kind)


def salts(layer: Layer, salt: Any) -> tuple[int, ...]:
    """Accepts no salt, one whole number or two of them."""
    values = () if salt is None else (salt,) if checks.is_whole(salt) else salt
    if isinstance(values, (tuple, list)) and len(values) <= 2 and all(map(checks.is_whole, values)):
        return tuple(int(value) for value in values)
    raise checks.refuse(
        layer,
        "salt",
        salt,
        expected="'salt' as a whole number, or two of them.",
        fix="pass for example salt=1.",
    )


def scramble(x: Tensor, salt: tuple[int, ...] = ()) -> Tensor:
    """Whole numbers from 0 to 2**63 - 1 that look random, the same ones for the same input."""
    for value in (0, *salt):
        x = _mixed(x + (_GOLDEN + value % 2**62))
    return x & (2**63 - 1)


_GOLDEN = 0x1E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9 - 2**64  # the factors of SplitMix64 as signed numbers
_SECOND = 0x94D049BB133111EB - 2**64


def _mixed(z: Tensor) -> Tensor:
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    return z ^ _shifted(z, 31)


def _shifted(z: Tensor, count: int) -> Tensor:
    """Shift to the right that fills up with zeros, which torch has for unsigned numbers only."""
    return (z >> count) & (2 ** (64 - count) - 1)


def _key_of(value: Any) -> int:
    return hash_string(value) if isinstance(value, str) else int(value)

"""CategoryEncoding, and the one function by which whole numbers become indicator vectors."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.layers.adapted import to_compute_dtype
from lamina.layers.base import Layer

ENCODINGS = ("int", "one_hot", "multi_hot", "count")


class CategoryEncoding(Layer):
    """Turns whole numbers into vectors that mark which of them occur.

    "one_hot" marks each number on an axis of its own; "multi_hot" marks all numbers of a row on
    one axis; "count" counts them. Numbers outside 0 to `num_tokens - 1` are marked nowhere.

    Args:
        num_tokens: Size of the new axis.
        output_mode: "multi_hot", "one_hot" or "count".
        sparse: Only False: results are always dense.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...) or (), whole numbers
        output: (batch, num_tokens) for "multi_hot" and "count" of (batch, features); for
            "one_hot" the shape of the input, a last axis of 1 dropped, and (num_tokens,)

    Raises:
        ArgumentError: `num_tokens` is below 1, `output_mode` is none of the three, `sparse` is
            true, or `count_weights` come with another mode than "count".

    Example:
        >>> CategoryEncoding(3)([[0, 2], [1, 1]])
        tensor([[1., 0., 1.],
                [0., 1., 0.]])
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_tokens = checks.positive_int(self, "num_tokens", num_tokens)
        mode = "multi_hot" if output_mode == "binary" else output_mode
        self.output_mode = checks.choice(self, "output_mode", mode, ENCODINGS[1:])
        self.sparse = refuse_sparse(self, sparse)

    def call(self, x: Any, count_weights: Any = None) -> Tensor:
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(
                f"{self.name} received count_weights with output_mode={self.output_mode!r}.",
                expected="count_weights only with output_mode='count'.",
                fix="leave out count_weights, or make the layer with output_mode='count'.",
            )
        weights = None if count_weights is None else to_compute_dtype(self, count_weights)
        kind = to_compute_dtype(self, 0.0).dtype
        x = torch.as_tensor(x)
        return encode(x, self.output_mode, self.num_tokens, dtype=kind, count_weights=weights)


def refuse_sparse(layer: Layer, sparse: Any) -> bool:
    """Accepts False alone."""
    if checks.boolean(layer, "sparse", sparse):
        raise checks.refuse(
            layer,
            "sparse",
            sparse,
            expected="'sparse' as False: results are dense tensors.",
            fix="leave out sparse=True.",
        )
    return False


def encode(
    x: Tensor, output_mode: str, depth: int, *, dtype: torch.dtype, count_weights: Any = None
) -> Tensor:
    """Whole numbers as indicator vectors; numbers outside 0 to `depth - 1` are left out.

    Args:
        x: Whole numbers.
        output_mode: One of `ENCODINGS`.
        depth: Size of the new axis.
        dtype: Dtype of the result.
        count_weights: What each number counts for, of the shape of `x`.
    """
    if output_mode == "int":
        return x.to(dtype)
    x = x.long()
    if output_mode == "one_hot":
        if x.ndim > 1 and x.shape[-1] == 1:
            x = x.squeeze(-1)
        return (x.unsqueeze(-1) == torch.arange(depth, device=x.device)).to(dtype)
    axis = 1 if x.ndim > 1 else 0
    x = x.reshape(1) if x.ndim == 0 else x.movedim(axis, -1)
    slots = torch.where((x >= 0) & (x < depth), x, depth)  # one slot more for what is left out
    shape = (*x.shape[:-1], depth + 1)
    if output_mode == "multi_hot":
        return torch.zeros(shape, dtype=dtype, device=x.device).scatter(-1, slots, 1)[..., :depth]
    weights = torch.ones_like(x, dtype=dtype)
    if count_weights is not None:
        weights = count_weights.reshape(1) if count_weights.ndim == 0 else count_weights
        weights = weights.movedim(axis, -1)
    zeros = torch.zeros(shape, dtype=weights.dtype, device=x.device)
    return zeros.scatter_add(-1, slots, weights)[..., :depth]

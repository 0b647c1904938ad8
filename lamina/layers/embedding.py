"""Embedding: a learned vector for every id."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import DataError
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype
from lamina.layers.weights import declared_weight

_INDEX_DTYPES = (torch.int64, torch.int32)


class Embedding(Layer):
    """Replaces every id by a learned vector.

    Use it for words, categories and other things that have a number but no size.

    Args:
        input_dim: Number of different ids; they go from 0 to input_dim - 1.
        output_dim: Length of the vectors.
        embeddings_initializer: How the vectors start.
        embeddings_regularizer: Penalty on the vectors, added to the loss.
        embeddings_constraint: Projection of the vectors after each update.
        mask_zero: Only `False`: padding is not left out of later layers yet.
        weights: Vectors to start from, an array (input_dim, output_dim) or a list with it.
        **kwargs: `name`, `dtype`, `trainable`; `input_length` is accepted and not needed.

    Shape:
        input: (batch, ...), whole numbers
        output: (batch, ..., output_dim), dtype of the policy
        embeddings: (input_dim, output_dim), starts uniform between -0.05 and 0.05

    Raises:
        ArgumentError: An argument has no possible value.
        DataError: An id is not one of 0 to input_dim - 1.

    Reference:
        Bengio et al., "A Neural Probabilistic Language Model", JMLR 3, 2003.

    Example:
        >>> Embedding(10, 4)(torch.tensor([[1, 2, 3]])).shape
        torch.Size([1, 3, 4])
    """

    autocasts = False  # ids above 256 do not survive half precision

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("input_length", None)
        super().__init__(**kwargs)
        self.input_dim = checks.positive_int(self, "input_dim", input_dim)
        self.output_dim = checks.positive_int(self, "output_dim", output_dim)
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint
        self.mask_zero = checks.boolean(self, "mask_zero", mask_zero)
        if self.mask_zero:
            raise checks.refuse(
                self,
                "mask_zero",
                mask_zero,
                expected="mask_zero=False; masks are not passed from layer to layer yet.",
                fix="leave mask_zero out, or keep the padding short.",
            )
        if weights is not None:
            self.build((None,))
            self.is_built = True
            self.set_weights(list(weights) if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: Shape) -> None:
        if not self.is_built:
            shape = (self.input_dim, self.output_dim)
            self.embeddings = declared_weight(self, "embeddings", shape)

    def call(self, x: Tensor) -> Tensor:
        ids = x if x.dtype in _INDEX_DTYPES else x.to(torch.int64)
        try:
            return F.embedding(ids, in_compute_dtype(self, self.embeddings)[0])
        except IndexError as error:
            raise self._unknown(ids) from error

    def _unknown(self, ids: Tensor) -> DataError:
        wrong = (ids < 0) | (ids >= self.input_dim)
        return DataError(
            f"layer {self.name!r} received the id {ids[wrong][0].item()}, "
            f"which is not among its {self.input_dim}.",
            expected=f"whole numbers from 0 to {self.input_dim - 1}.",
            fix="make input_dim larger than the largest id, or correct the ids.",
        )

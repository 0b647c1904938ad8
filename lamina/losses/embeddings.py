"""Losses for directions and embeddings, as classes; the formulas are in similarity.py."""

from typing import Any

from torch import Tensor

from lamina.losses.similarity import circle, cosine_similarity
from lamina.losses.wrapper import LossFunctionWrapper


class CosineSimilarity(LossFunctionWrapper):
    """Takes minus the cosine of the angle between two vectors: -1 for one direction.

    Args:
        axis: The axis that holds a vector.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> CosineSimilarity()([[1.0, 0.0]], [[3.0, 0.0]])
        tensor(-1.)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Circle(LossFunctionWrapper):
    """Draws embeddings of one class together and pushes other classes away.

    Examples whose loss is 0 do not count in the mean.

    Args:
        gamma: Sharpness; larger values leave all but the worst pairs alone.
        margin: How far classes are pushed apart, from 0 to 1.
        remove_diagonal: Whether the pair of an embedding with itself is left out.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true: (batch,) or (batch, 1), class numbers
        y_pred: (batch, features), embeddings of length 1
        result: one number, or (batch,) with reduction "none"

    Raises:
        ArgumentError: `margin` is not from 0 to 1.

    Example:
        >>> Circle()([0, 1], [[1.0, 0.0], [0.0, 1.0]])
        tensor(0.)
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor | None:
        """Examples without a loss do not count."""
        return values > 0

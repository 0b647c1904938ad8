"""Losses on directions and on distances between embeddings."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lamina.core.divergences import cosine_alignment
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_floats, as_tensor, shape_of


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Takes minus the cosine of the angle between two vectors: -1 for one direction.

    Args:
        y_true: Wanted vectors.
        y_pred: Predicted vectors.
        axis: The axis that holds a vector.

    Shape:
        y_true, y_pred: (..., features)
        result: (...), from -1 to 1

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> cosine_similarity([[1.0, 0.0]], [[3.0, 0.0]])
        tensor([-1.])
    """
    return -cosine_alignment(y_true, y_pred, axis)


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Draws embeddings of one class together and pushes other classes away, the worst pairs most.

    Args:
        y_true: Class numbers.
        y_pred: Embeddings of length 1.
        ref_labels: Class numbers of the embeddings to compare with; `y_true` when `None`.
        ref_embeddings: Embeddings to compare with; `y_pred` when `None`.
        remove_diagonal: Whether the pair of an embedding with itself is left out.
        gamma: Sharpness; larger values leave all but the worst pairs alone.
        margin: How far classes are pushed apart, from 0 to 1.

    Shape:
        y_true: (batch,) or (batch, 1)
        y_pred: (batch, features)
        result: (batch,)

    Raises:
        ShapeError: There is not one label for each embedding.

    Reference:
        Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
        CVPR 2020.

    Example:
        >>> circle([0, 1], [[1.0, 0.0], [0.0, 1.0]])
        tensor([0., 0.])
    """
    y_pred = as_floats(y_pred, "y_pred")
    y_true = as_tensor(y_true, torch.int64, y_pred, "y_true").reshape(-1)
    if y_pred.ndim != 2 or len(y_true) != len(y_pred):
        raise ShapeError(
            f"circle received y_true with {y_true.numel()} labels and y_pred of shape "
            f"{shape_of(y_pred)}.",
            expected="y_pred of shape (batch, features), and one class number an embedding.",
            fix="flatten the embeddings, and pass class numbers instead of one-hot labels.",
        )
    others, labels = y_pred, y_true
    if ref_embeddings is not None:
        others = as_floats(ref_embeddings, "ref_embeddings")
    if ref_labels is not None:
        labels = as_tensor(ref_labels, torch.int64, y_pred, "ref_labels").reshape(-1)

    distance = (1.0 - y_pred @ others.mT).relu()
    same = y_true.unsqueeze(1) == labels
    positive = same
    if remove_diagonal:
        self_pair = torch.eye(*same.shape, dtype=torch.bool, device=same.device)
        positive = same & ~self_pair
    # Pairs of one class are pulled below the margin, the others pushed beyond 1 - margin.
    pull = gamma * (margin + distance).relu() * (distance - margin)
    push = gamma * (1.0 + margin - distance).relu() * (1.0 - margin - distance)
    worst = _log_sum(pull, positive) + _log_sum(push, ~same)
    return F.softplus(worst)


def _log_sum(values: Tensor, chosen: Tensor) -> Tensor:
    return values.masked_fill(~chosen, -math.inf).logsumexp(1)


cosine = cosine_similarity

"""Remembers the scores that probabilities were computed from.

A cross-entropy of probabilities that come straight from a softmax or sigmoid is then computed from
the scores: exact for probabilities near 0 and 1, and in a quarter of the kernels. Keras on
TensorFlow does the same.
"""

from typing import Any, NamedTuple

from torch import Tensor


class _Scores(NamedTuple):
    values: Tensor
    kind: str
    axis: int


def remember(probabilities: Tensor, scores: Tensor, kind: str, axis: int = -1) -> Tensor:
    """Notes on `probabilities` that they are the "softmax" or "sigmoid" of `scores`."""
    noted: Any = probabilities  # torch does not declare the attribute
    noted.lamina_scores = _Scores(scores, kind, axis % max(scores.ndim, 1))
    return probabilities


def scores_of(probabilities: Tensor, kind: str, axis: int = -1) -> Tensor | None:
    """The scores that these probabilities are the "softmax" or "sigmoid" of, if known."""
    noted = getattr(probabilities, "lamina_scores", None)
    if noted is None or noted.kind != kind:
        return None
    matches = kind == "sigmoid" or noted.axis == axis % max(probabilities.ndim, 1)
    return noted.values if matches and noted.values.dtype == probabilities.dtype else None

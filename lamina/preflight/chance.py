"""How large a loss is for the best constant answer: what a model that learned nothing reaches."""

import math

from lamina.preflight.labels import Labels
from lamina.preflight.subject import Head


def chance_level(head: Head, labels: Labels | None = None) -> float | None:
    """The mean loss of the best constant answer, where a formula gives it.

    Args:
        head: An output with its loss.
        labels: Labels to take; those of the head when `None`.
    """
    labels = head.labels if labels is None else labels
    if labels is None or head.facts is None:
        return None
    word = head.loss_word
    if word in ("sparse_categorical_crossentropy", "categorical_crossentropy"):
        return None if labels.class_counts is None else _entropy(labels.class_counts)
    if word == "binary_crossentropy":
        share = min(max(labels.mean, 0.0), 1.0)
        return _entropy((share, 1 - share)) if labels.is_column else None
    if word == "mean_squared_error":
        return labels.std**2 if labels.is_column else None
    return None


def _entropy(counts: tuple[float, ...]) -> float:
    total = sum(counts) or 1.0
    shares = [count / total for count in counts if count > 0]
    return -sum(share * math.log(share) for share in shares)

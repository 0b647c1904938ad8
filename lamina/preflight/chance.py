"""How large a loss is for the best constant answer: what a model that learned nothing reaches."""

import math

import torch

from lamina.preflight.labels import Labels
from lamina.preflight.statistics import spread_rows
from lamina.preflight.subject import Head

_ROWS = 10_000


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


def floor_level(head: Head) -> float:
    """The mean loss of perfect answers: above 0 where labels are shares, not yes or no.

    Args:
        head: An output with its loss and labels.
    """
    labels, target = head.labels, head.target
    if labels is None or target is None or labels.is_whole or labels.low < 0:
        return 0.0
    shares = spread_rows(target, _ROWS).detach().cpu().double()
    if head.loss_word == "binary_crossentropy" and labels.high <= 1:
        return float(torch.special.entr(torch.stack([shares, 1 - shares])).sum(0).mean())
    if head.loss_word == "categorical_crossentropy" and shares.ndim > 1:
        return float(torch.special.entr(shares).sum(-1).mean())
    return 0.0


def _entropy(counts: tuple[float, ...]) -> float:
    total = sum(counts) or 1.0
    shares = [count / total for count in counts if count > 0]
    return -sum(share * math.log(share) for share in shares)

"""Whether rows that lie near one another have labels that agree: a sign that x tells about y."""

import torch
from torch import Tensor

from lamina.preflight.statistics import spread_rows

_ROWS = 600
_MOST_FEATURES = 4096


def agreement(inputs: list[Tensor], target: Tensor, *, is_classes: bool) -> float | None:
    """How far the labels of nearest neighbours agree beyond chance, in standard deviations.

    Args:
        inputs: Inputs of the model; joined to one row each.
        target: Labels, one value or one one-hot row each.
        is_classes: Whether labels are equal or not, rather than near or far.

    Returns:
        About 0 where x says nothing of y; `None` where there is too little to judge.
    """
    few = [spread_rows(tensor, _ROWS).detach().cpu().float().flatten(1) for tensor in inputs]
    x = torch.cat(few, 1)
    y = spread_rows(target, _ROWS).detach().cpu().float().reshape(len(x), -1)
    if len(x) < 40 or x.shape[1] > _MOST_FEATURES or not bool(x.isfinite().all()):
        return None
    x = (x - x.mean(0)) / x.std(0).clamp(min=1e-6)
    distances = torch.cdist(x, x)
    distances.fill_diagonal_(torch.inf)
    theirs = y[distances.argmin(1)]
    y = y.argmax(1, keepdim=True).float() if y.shape[1] > 1 and is_classes else y[:, :1]
    theirs = theirs.argmax(1, keepdim=True).float() if theirs.shape[1] > 1 else theirs[:, :1]
    count = len(y)
    if is_classes:
        shares = torch.unique(y, return_counts=True)[1] / count
        expected = float(shares.square().sum())
        seen = float((y == theirs).float().mean())
        return (seen - expected) / max((expected * (1 - expected) / count) ** 0.5, 1e-9)
    a, b = y - y.mean(), theirs - theirs.mean()
    length = float(a.norm() * b.norm())
    return None if length == 0 else float((a * b).sum()) / length * count**0.5

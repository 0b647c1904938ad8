"""What a straight-line fit of a few rows knows of their classes: the least to expect of a model."""

import torch
from torch import Tensor

from lamina.preflight.statistics import spread_rows

_ROWS = 600
_FEWEST_ROWS = 200
_SHRINKING = 1 / 60  # of the number of rows, added to the diagonal


def share_right(inputs: list[Tensor], target: Tensor) -> float | None:
    """The share of rows whose class a ridge regression on all the other rows gives.

    Each row is left out once, which takes one inverse in all and no second fit.

    Args:
        inputs: Inputs of the model; joined to one row each.
        target: Class numbers or one-hot rows.

    Returns:
        A share from 0 to 1; `None` where there is too little to judge.
    """
    few = [spread_rows(tensor, _ROWS).detach().cpu().float().flatten(1) for tensor in inputs]
    x = torch.cat(few, 1)
    count = len(x)
    if count < _FEWEST_ROWS or not bool(x.isfinite().all()):
        return None
    y = spread_rows(target, _ROWS).detach().cpu().reshape(count, -1)
    classes = y.argmax(1) if y.shape[1] > 1 else torch.unique(y, return_inverse=True)[1][:, 0]
    wanted = torch.nn.functional.one_hot(classes).float()
    wanted = wanted - wanted.mean(0)
    x = (x - x.mean(0)) / x.std(0).clamp(min=1e-6)
    alike = x @ x.T / x.shape[1]
    shrunk = alike + count * _SHRINKING * torch.eye(count)
    weights = torch.linalg.solve(shrunk, alike)
    own = weights.diagonal()[:, None]
    left_out = (weights.T @ wanted - own * wanted) / (1 - own)
    return float((left_out.argmax(1) == classes).float().mean())

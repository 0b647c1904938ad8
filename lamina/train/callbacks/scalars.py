"""Numbers of the logs, which may come as plain numbers, arrays or tensors."""

from typing import Any

import numpy as np
from torch import Tensor

from lamina.core.checks import is_number


def scalar(value: Any) -> float | None:
    """The one number that a value is or holds, or `None` where it is something else."""
    if is_number(value):
        return float(value)
    if isinstance(value, Tensor):
        return float(value) if value.numel() == 1 else None
    is_single = isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iuf"
    return float(value.item()) if is_single else None

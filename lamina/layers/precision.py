"""Which dtype a layer's formula runs in: that of its policy, or a wider one for statistics."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import dtypes


def in_compute_dtype(layer: Any, *tensors: Tensor | None) -> list[Any]:
    """Tensors in the dtype that the layer's policy computes in; `None` stays `None`."""
    wanted = dtypes.to_torch(layer.dtype_policy.compute_dtype)
    return [None if tensor is None else tensor.to(wanted) for tensor in tensors]


def widened(*tensors: Tensor | None) -> list[Any]:
    """Tensors in at least float32, in which means and variances are taken."""
    wanted = torch.promote_types(tensors[0].dtype, torch.float32)
    return [None if tensor is None else tensor.to(wanted) for tensor in tensors]


def statistic(weight: Tensor | None) -> Any:
    """A weight that scales or shifts statistics, in at least float32; `None` stays `None`."""
    return None if weight is None else widened(weight)[0]

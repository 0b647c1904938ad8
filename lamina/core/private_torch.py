"""The only file that uses unstable torch names; each is wrapped in a function of ours.

Tested on torch 2.13.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

PLAIN_TORCH_FUNCTION = torch._C._disabled_torch_function_impl
"""What a tensor subclass sets as `__torch_function__` to behave like any tensor in functions."""

RecordingMode = TorchDispatchMode
"""Base of a context in which every kernel call passes through `__torch_dispatch__`."""


def fused_adam(
    weight: Tensor,
    gradient: Tensor,
    momentum: Tensor,
    velocity: Tensor,
    peak: Tensor | None,
    never: Tensor,
    step_size: Tensor,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """One pass over memory for Adam's update, in place.

    Bias correction is left to `step_size`: torch's own is switched off by `never`, a float32
    scalar so large that beta**never is 0.
    """
    torch._fused_adam_(
        [weight],
        [gradient],
        [momentum],
        [velocity],
        [] if peak is None else [peak],
        [never],
        lr=step_size,
        beta1=beta_1,
        beta2=beta_2,
        weight_decay=0.0,
        eps=epsilon,
        amsgrad=peak is not None,
        maximize=False,
    )


def storage_key(tensor: Tensor) -> int:
    """A number that two tensors share exactly when they share memory."""
    return tensor.untyped_storage()._cdata


def function_names(function: Callable[..., Any]) -> str:
    """The public dotted name of a torch function or method, for summaries."""
    return torch.overrides.resolve_name(function) or getattr(function, "__name__", "function")

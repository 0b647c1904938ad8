"""Weights and state: torch tensors that also answer to Keras's names for variables."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class _Assignable:
    """Reading and writing the way programs written for Keras do it."""

    path: str

    @property
    def value(self: Any) -> Tensor:
        """The variable itself, which is a tensor already."""
        return self

    def numpy(self: Any, **options: bool) -> np.ndarray:
        """A NumPy copy of the values, wherever they live."""
        return self.detach().as_subclass(Tensor).cpu().numpy(**options).copy()

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        values = self.numpy()
        return values if dtype is None else values.astype(dtype)

    def assign(self: Any, value: Any) -> Any:
        """Overwrites the values in place."""
        with torch.no_grad():
            return self.copy_(torch.as_tensor(value))

    def assign_add(self: Any, value: Any) -> Any:
        """Adds to the values in place."""
        with torch.no_grad():
            return self.add_(torch.as_tensor(value, device=self.device))

    def assign_sub(self: Any, value: Any) -> Any:
        """Subtracts from the values in place."""
        with torch.no_grad():
            return self.sub_(torch.as_tensor(value, device=self.device))


class Weight(_Assignable, nn.Parameter):
    """A parameter: what training changes through its gradient."""

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return self.requires_grad


class Variable(_Assignable, Tensor):
    """State that is no parameter: moving averages, metric totals, learned ranges."""

    trainable = False
    __torch_function__ = torch._C._disabled_torch_function_impl

    def __new__(cls, data: Tensor) -> "Variable":
        """Wraps the values of `data`, sharing its memory."""
        return data.detach().as_subclass(cls)

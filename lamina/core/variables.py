"""Weights and state: torch tensors that also answer to Keras's names for variables."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core import private_torch

_is_unallocated: ContextVar[bool] = ContextVar("unallocated", default=False)


@contextmanager
def unallocated() -> Iterator[None]:
    """Makes the weights of layers built in the block without memory, on the meta device."""
    token = _is_unallocated.set(True)
    try:
        yield
    finally:
        _is_unallocated.reset(token)


def is_unallocated() -> bool:
    """Whether weights are made without memory here."""
    return _is_unallocated.get()


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

    def __deepcopy__(self, memo: dict[int, Any]) -> "Weight":
        copied = type(self)(self.detach().as_subclass(Tensor).clone(), self.requires_grad)
        return _noted(self, copied, memo)


class Variable(_Assignable, Tensor):
    """State that is no parameter: moving averages, metric totals, learned ranges."""

    trainable = False
    __torch_function__ = private_torch.PLAIN_TORCH_FUNCTION  # type: ignore[assignment]  # a C function

    def __new__(cls, data: Tensor) -> "Variable":
        """Wraps the values of `data`, sharing its memory."""
        return data.detach().as_subclass(cls)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Variable":
        return _noted(self, type(self)(self.detach().as_subclass(Tensor).clone()), memo)


def _noted(original: Tensor, copied: Any, memo: dict[int, Any]) -> Any:
    """Gives a copy the attributes of the original, and says that it was made."""
    memo[id(original)] = copied
    copied.__dict__.update(original.__dict__)
    return copied

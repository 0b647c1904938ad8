"""Names of dtypes, the default float and the policy for computing in another one."""

from typing import Any

import numpy as np
import torch

from lamina.core import checks
from lamina.core.errors import ArgumentTypeError
from lamina.core.names import look_up, shown

TORCH_DTYPES: dict[str, torch.dtype] = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "bool": torch.bool,
    "string": torch.int64,
}
_ALIASES = {"double": "float64", "float": "float32", "half": "float16", "int": "int32"}

_settings: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-7, "policy": None}


def name_of(dtype: Any) -> str:
    """The plain name of a dtype given as a word, a torch dtype or a NumPy dtype."""
    if isinstance(dtype, torch.dtype):
        return str(dtype).removeprefix("torch.")
    if not isinstance(dtype, str):
        try:
            dtype = np.dtype(dtype).name
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError(
                f"{shown(dtype)} is not a dtype.",
                expected=f"one of {', '.join(sorted(TORCH_DTYPES))}, or a torch or NumPy dtype.",
                fix='pass dtype="float32".',
            ) from error
    return _ALIASES.get(dtype, dtype)


def to_torch(dtype: Any) -> torch.dtype:
    """The torch dtype of a name; `None` is the default float.

    Raises:
        ArgumentError: The name is no dtype of this library.
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    return look_up("a dtype", name_of(floatx() if dtype is None else dtype), TORCH_DTYPES)


def floatx() -> str:
    """Name of the float that weights have unless told otherwise."""
    return _settings["floatx"]


def set_floatx(value: str) -> None:
    """Sets the float that weights have unless told otherwise."""
    options = ("float16", "bfloat16", "float32", "float64")
    _settings["floatx"] = checks.choice("set_floatx", "value", value, options)


def epsilon() -> float:
    """The small number that losses and metrics keep away from zero by."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Sets the small number that losses and metrics keep away from zero by."""
    _settings["epsilon"] = checks.number("set_epsilon", "value", value, low=0.0, open_low=True)


class DTypePolicy:
    """Which dtype a layer computes in and which one its weights have.

    Args:
        name: A dtype, or "mixed_bfloat16" or "mixed_float16": weights stay float32 and layers
            compute in the half-precision dtype.
    """

    def __init__(self, name: str | torch.dtype) -> None:
        self.name = name_of(name)
        half = self.name.removeprefix("mixed_")
        to_torch(half)
        self.compute_dtype = half
        self.variable_dtype = "float32" if self.name.startswith("mixed_") else half

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<DTypePolicy {self.name!r}>"


def policy(dtype: Any = None) -> DTypePolicy:
    """The policy for a layer that was given `dtype`, or the global one."""
    if isinstance(dtype, DTypePolicy):
        return dtype
    if dtype is None:
        return _settings["policy"] or DTypePolicy(floatx())
    return DTypePolicy(dtype)


def set_policy(value: Any) -> None:
    """Sets the policy of layers that are made from now on."""
    _settings["policy"] = None if value is None else policy(value)

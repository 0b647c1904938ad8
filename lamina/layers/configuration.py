"""Reads a layer's configuration from the arguments its constructor was called with."""

import inspect
from typing import Any

import numpy as np
import torch

from lamina.core import dtypes, names
from lamina.layers import constraints, initializers, regularizers


def bind(kind: type, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments by name; those left at their default are left out.

    A call that does not fit the signature binds nothing: `__init__` itself then raises.
    """
    signature = inspect.signature(kind.__init__)  # type: ignore[misc]  # this very class's
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:
        return {}
    arguments = dict(list(bound.arguments.items())[1:])
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update(arguments.pop(parameter.name, {}))
    return arguments


_PARTS = {
    "_initializer": ("an initializer", initializers),
    "_regularizer": ("a regularizer", regularizers),
    "_constraint": ("a constraint", constraints),
}


def check_parts(layer: Any, arguments: dict[str, Any]) -> None:
    """Refuses words that name no initializer, regularizer or constraint, before weights are made.

    Raises:
        ArgumentError: A word is unknown.
        ArgumentTypeError: An argument is nothing that could be one.
    """
    if not type(layer).__module__.startswith("lamina."):
        return  # what a user's own class does with such an argument is its own business
    for key, value in arguments.items():
        kind, table = next((_PARTS[end] for end in _PARTS if key.endswith(end)), (None, None))
        if kind is None or value is None or callable(value) or isinstance(value, dict):
            continue
        if isinstance(value, str):
            names.look_up(kind, value, table.NAMES)
        else:
            table.get(value)


def plain(value: Any) -> Any:
    """A value as JSON can hold it; objects become {"class_name": ..., "config": ...}."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return np.asarray(value).tolist()
    if isinstance(value, (np.generic,)):
        return value.item()
    if isinstance(value, (torch.dtype, dtypes.DTypePolicy)):
        return dtypes.name_of(value) if isinstance(value, torch.dtype) else value.name
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": plain(value.get_config())}
    name = getattr(value, "__name__", None)
    return name if name is not None else names.shown(value)

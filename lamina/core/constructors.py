"""Reads an object's configuration from the attributes named in its constructor."""

import inspect
from collections.abc import Sequence
from typing import Any


def arguments_of(instance: object, also: Sequence[str] = ()) -> dict[str, Any]:
    """The constructor's arguments of an object that stores each under its own name.

    Args:
        instance: What to describe.
        also: Arguments of the base class, listed where the constructor takes `**kwargs`.
    """
    parameters = inspect.signature(type(instance)).parameters.values()
    names = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names += [name for name in also if name not in names]
    return {name: getattr(instance, name) for name in names if hasattr(instance, name)}

"""Argument checks that return the value they accept, in the type the library uses."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.names import shown, suggestion

MOST = 2**63 - 1
"""The largest whole number that tensors hold."""


def owner_name(owner: object) -> str:
    """How messages call the thing an argument belongs to: a name, a class or a function."""
    if isinstance(owner, str):
        return owner
    return owner.__name__ if isinstance(owner, type) else type(owner).__name__


def refuse(owner: object, name: str, value: object, *, expected: str, fix: str) -> ArgumentError:
    """The error for an argument that cannot be used, ready to be raised."""
    return ArgumentError(
        f"{owner_name(owner)}({name}={shown(value)}) is not possible.", expected=expected, fix=fix
    )


def is_whole(value: object) -> bool:
    """Whether `value` is an integer: bool excluded, NumPy's integers included."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def is_number(value: object) -> bool:
    """Whether `value` is a real number: bool excluded, NumPy's numbers included."""
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def whole(owner: object, name: str, value: Any, *, low: int = 0, high: int | None = None) -> int:
    """Accepts an integer from `low` to `high`, both included, or that 64 bits hold."""
    if is_whole(value) and low <= value <= (MOST if high is None else high):
        return int(value)
    is_too_large = high is None and is_whole(value) and value > MOST
    limit = f"of at least {low}" if high is None else f"from {low} to {high}"
    limit = f"from {low} to {MOST}" if is_too_large else limit
    raise refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a whole number {limit}.",
        fix=f"pass for example {name}={max(low, 1)}.",
    )


def positive_int(owner: object, name: str, value: Any) -> int:
    """Accepts an integer of at least 1."""
    return whole(owner, name, value, low=1)


def number(
    owner: object,
    name: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
    example: float | None = None,
) -> float:
    """Accepts a finite number in an interval whose ends may be open."""
    if (
        is_number(value)
        and math.isfinite(value)
        and (value > low if open_low else value >= low)
        and (value < high if open_high else value <= high)
    ):
        return float(value)
    example = _inside(low, high) if example is None else example
    raise refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as a number {_interval(low, high, open_low, open_high)}.",
        fix=f"pass for example {name}={example:g}.",
    )


def _inside(low: float, high: float) -> float:
    if math.isfinite(low) and math.isfinite(high):
        return (low + high) / 2
    return low + 0.5 if math.isfinite(low) else 0.5


def _interval(low: float, high: float, open_low: bool, open_high: bool) -> str:
    if math.isinf(low) and math.isinf(high):
        return "that is finite"
    if math.isinf(high):
        return f"greater than {low:g}" if open_low else f"of at least {low:g}"
    if math.isinf(low):
        return f"below {high:g}" if open_high else f"of at most {high:g}"
    start = f"above {low:g}" if open_low else f"from {low:g}"
    return f"{start} up to, not including, {high:g}" if open_high else f"{start} to {high:g}"


def optional_int(owner: object, name: str, value: Any, *, low: int = 0) -> int | None:
    """Accepts `None`, or an integer of at least `low` that 32 bits hold."""
    return None if value is None else whole(owner, name, value, low=low, high=2**31 - 1)


def label(owner: object, value: Any) -> str | None:
    """Accepts the name of a layer, loss or metric: text, or `None` for an automatic one."""
    if value is None or isinstance(value, str):
        return value
    raise refuse(owner, "name", value, expected="'name' as text.", fix='pass name="my_layer".')


def rate(owner: object, name: str, value: Any) -> float:
    """Accepts a share from 0 up to, not including, 1."""
    return number(owner, name, value, low=0.0, high=1.0, open_high=True)


def boolean(owner: object, name: str, value: Any) -> bool:
    """Accepts True or False (and the integers 1 and 0), nothing that is merely truthy."""
    if isinstance(value, (bool, np.bool_)) or (is_whole(value) and value in (0, 1)):
        return bool(value)
    raise refuse(
        owner, name, value, expected=f"{name!r} as True or False.", fix=f"pass {name}=True."
    )


def choice(owner: object, name: str, value: Any, options: Sequence[Any]) -> Any:
    """Accepts one of a few words."""
    if any(
        value is option or (type(value) is type(option) and value == option) for option in options
    ):
        return value
    words = [option for option in options if isinstance(option, str)]
    fix = f"pass {name}={options[0]!r}."
    if isinstance(value, str) and len(words) == len([o for o in options if o is not None]):
        fix = suggestion(value, words)
    raise refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as one of {', '.join(map(repr, options))}.",
        fix=fix,
    )


def sizes(owner: object, name: str, value: Any, rank: int, *, low: int = 1) -> tuple[int, ...]:
    """Accepts one integer for all axes, or a sequence with one integer an axis."""
    values = (value,) * rank if is_whole(value) else value
    if (
        isinstance(values, (tuple, list))
        and len(values) == rank
        and all(is_whole(size) and low <= size <= MOST for size in values)
    ):
        return tuple(int(size) for size in values)
    wanted = f"a whole number of at least {low}"
    if rank > 1:
        wanted += f", or {rank} of them"
    raise refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as {wanted}.",
        fix=f"pass for example {name}={max(low, 2)}.",
    )

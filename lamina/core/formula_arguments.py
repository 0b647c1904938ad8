"""Checks of the arguments that formulas of losses and metrics share, by their names."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from lamina.core import checks

Check = Callable[[object, str, Any], Any]
_OWN = "lamina."
_MOST_AXES = 64
_TELLS_CLASSES_APART = ("categorical_focal_crossentropy",)


def checked(
    owner: object, formula: Callable[..., Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a formula of this library, each in the type that the formula uses.

    Those of a user's own formula mean what its author says, and stay as they are.

    Raises:
        ArgumentError: One of them has no possible value.
    """
    if not str(getattr(formula, "__module__", "")).startswith(_OWN):
        return dict(arguments)
    checked_ones = {}
    for name, value in arguments.items():
        if name == "axis":
            several = inspect.signature(formula).parameters["axis"].default is None
            checked_ones[name] = _axes(owner, value, several)
        elif name == "alpha" and isinstance(value, (list, tuple, np.ndarray, Tensor)):
            checked_ones[name] = _per_class(owner, formula, value)
        else:
            checked_ones[name] = CHECKS[name](owner, name, value) if name in CHECKS else value
    return checked_ones


def class_number(owner: object, name: str, value: Any) -> int | None:
    """Accepts a class number, of either sign, or `None`."""
    return checks.optional_int(owner, name, value, low=-(2**31))


def axis_number(owner: object, value: Any) -> int:
    """Accepts the index of an axis, counted from either end."""
    return checks.whole(owner, "axis", value, low=-_MOST_AXES, high=_MOST_AXES)


def _axes(owner: object, value: Any, several: bool) -> Any:
    """An index of an axis; where a formula takes `several`, also a list of them or `None`."""
    if several and value is None:
        return None
    if several and isinstance(value, (tuple, list)) and value:
        return type(value)(axis_number(owner, one) for one in value)
    return axis_number(owner, value)


def _share(owner: object, name: str, value: Any) -> float:
    return checks.number(owner, name, value, low=0.0, high=1.0)


def _not_negative(owner: object, name: str, value: Any) -> float:
    return checks.number(owner, name, value, low=0.0)


def _per_class(owner: object, formula: Callable[..., Any], value: Any) -> list[float]:
    """Weights of several classes, where the formula tells classes apart."""
    listed = value.tolist() if isinstance(value, (np.ndarray, Tensor)) else list(value)
    if formula.__name__ not in _TELLS_CLASSES_APART or not isinstance(listed, list) or not listed:
        raise checks.refuse(
            owner, "alpha", value, expected="'alpha' as one number.", fix="pass alpha=0.25."
        )
    return [checks.number(owner, "alpha", one, low=0.0) for one in listed]


CHECKS: dict[str, Check] = {
    "alpha": _not_negative,
    "apply_class_balancing": checks.boolean,
    "beta": _not_negative,
    "delta": lambda owner, name, value: checks.number(
        owner, name, value, low=0.0, open_low=True, example=1.0
    ),
    "from_logits": checks.boolean,
    "from_sorted_ids": checks.boolean,
    "gamma": _not_negative,
    "ignore_class": class_number,
    "k": checks.positive_int,
    "label_smoothing": _share,
    "margin": _share,
    "remove_diagonal": checks.boolean,
    "threshold": checks.number,
}

"""Flattens nested lists, tuples and dicts of leaves in one fixed order, and back."""

from collections.abc import Callable
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """All leaves, depth first; dicts in their own order of insertion."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [tree]


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same nesting with `function` applied to every leaf."""
    if isinstance(tree, dict):
        return type(tree)((key, transform(function, value)) for key, value in tree.items())
    if isinstance(tree, (list, tuple)):
        values = [transform(function, value) for value in tree]
        if isinstance(tree, list):
            return values
        if hasattr(tree, "n_sequence_fields"):  # torch's named results, such as torch.sort's
            return type(tree)(values)
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    return function(tree)


def refill(tree: Any, values: list[Any]) -> Any:
    """The nesting of `tree` filled with `values`, in the order of `leaves`."""
    remaining = iter(values)
    return transform(lambda _: next(remaining), tree)

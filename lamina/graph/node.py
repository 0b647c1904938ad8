"""One recorded call: operation, inputs, outputs."""

import itertools
from collections.abc import Callable
from typing import Any

from torch import nn

from lamina.core import names, private_torch, trees

_counter = itertools.count()


class Node:
    """A call of a module or function on symbolic tensors.

    Args:
        operation: The module or function that was called; `None` for an input of the graph.
        args: Positional arguments, nested, with symbols as leaves.
        kwargs: Keyword arguments, likewise.
        name: Name in summaries and drawings.
    """

    def __init__(
        self,
        operation: Callable[..., Any] | None,
        args: tuple,
        kwargs: dict[str, Any],
        name: str,
    ) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.name = name
        self.index = next(_counter)
        self.outputs: Any = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "Node":
        """Copies of layers share the graph they were recorded in."""
        return self

    @property
    def module(self) -> nn.Module | None:
        """The module that was called, or `None` where it was a plain function."""
        return self.operation if isinstance(self.operation, nn.Module) else None

    @property
    def inputs(self) -> list[Any]:
        """Leaves of the arguments, symbols and constants alike."""
        return trees.leaves(self.args) + trees.leaves(self.kwargs)


def name_for(operation: Callable[..., Any]) -> str:
    """The name a recorded call gets: its layer's own, or the function's made unique."""
    if isinstance(operation, nn.Module):
        own = getattr(operation, "name", None)
        if isinstance(own, str):
            return own
        if "lamina_name" not in operation.__dict__:
            name = names.unique(names.to_snake_case(type(operation).__name__))
            operation.__dict__["lamina_name"] = name
        return operation.__dict__["lamina_name"]
    dotted = private_torch.function_names(operation)
    last = [part for part in dotted.split(".") if part != "__get__"][-1]
    return names.unique(names.to_snake_case(last.strip("_")) or "function")

"""The calls of a recorded graph while it is read from a file: results by number, and constants."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import dtypes, trees
from lamina.files import limits
from lamina.files.opening import printable
from lamina.graph import Symbol, is_symbol
from lamina.models.values import Decoder

PARTS = 10_000
_CALL_KINDS = ("symbol", "constant", "tuple", "dict", "slice", "ellipsis", "dtype", "float", "int")

Make = Callable[[dict[str, Any]], Any]


class Calls(Decoder):
    """The calls recorded so far, to which the arguments of later calls refer.

    Args:
        label: What messages call the file.
        make_input: Makes an input from its entry.
        make_call: Records a call from its entry, and asks this object for its arguments.
    """

    def __init__(self, label: str, make_input: Make, make_call: Make) -> None:
        super().__init__(label)
        self._make_input, self._make_call = make_input, make_call
        self._results: list[list[Any]] = []
        self._constants: dict[int, Tensor] = {}
        own = {
            "symbol": self._symbol,
            "constant": self._constant,
            "tuple": lambda entry: tuple(self(part) for part in self.listed(entry, "items")),
            "dtype": lambda entry: dtypes.to_torch(self.text(entry, "name")),
        }
        self._hooks = {kind: {**self._hooks, **own}[kind] for kind in _CALL_KINDS}

    def add(self, entry: Any) -> None:
        """Records one call, or makes one input."""
        self.place = f"call number {len(self._results)}"
        if not isinstance(entry, dict):
            raise self.refuse(f"{printable(entry)} is no call.")
        make = self._make_input if "input" in entry else self._make_call
        self._results.append(trees.leaves(make(entry)))

    def _symbol(self, entry: dict[str, Any]) -> Symbol:
        node, output = entry.get("node"), entry.get("output")
        if type(node) is not int or not 0 <= node < len(self._results):
            raise self.refuse(f"it refers to call {printable(node, 20)}, which is no earlier one.")
        results = self._results[node]
        if type(output) is not int or not 0 <= output < len(results):
            raise self.refuse(f"call {node} has no result {printable(output, 20)}.")
        if not is_symbol(results[output]):
            raise self.refuse(f"result {output} of call {node} is no tensor.")
        return results[output]

    def _constant(self, entry: dict[str, Any]) -> Tensor:
        shape: Any
        number, shape = entry.get("number"), entry.get("shape")
        if type(number) is not int or not 0 <= number < PARTS or not is_shape(shape):
            raise self.refuse("a constant has an impossible number or shape.")
        kind = dtypes.to_torch(self.text(entry, "dtype"))
        if number not in self._constants:
            value = torch.empty(shape, dtype=kind, device="meta")
            if entry.get("trainable") is True:
                value = nn.Parameter(value)
            self._constants[number] = value
        held = self._constants[number]
        if list(held.shape) != shape or held.dtype != kind:
            raise self.refuse(f"constant {number} has two shapes or dtypes.")
        return held


def named(results: Any, name: str) -> Any:
    """Gives a recorded call the name that it has in the file, on which names of weights depend."""
    symbols = [leaf for leaf in trees.leaves(results) if is_symbol(leaf)]
    for symbol in symbols:
        symbol.node.name = symbol.name = name
    return results


def is_shape(shape: Any, unknown: bool = False) -> bool:
    """Whether a value from a file is a list of sizes, few enough, `None` among them if allowed."""
    return (
        isinstance(shape, list)
        and len(shape) <= limits.TENSOR_RANK
        and all((size is None and unknown) or (type(size) is int and size >= 0) for size in shape)
    )

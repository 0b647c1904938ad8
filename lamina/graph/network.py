"""A recorded graph that can be run: nodes in topological order, values by symbol."""

from typing import Any

from torch import Tensor, nn

from lamina.core import trees
from lamina.core.errors import ArgumentError
from lamina.graph.node import Node
from lamina.graph.symbol import Symbol, is_symbol


class Constants(nn.Module):
    """Tensors that functions in a graph were called with, so that they move with the model."""

    def hold(self, name: str, value: Tensor) -> None:
        """Keeps a parameter as a parameter, any other tensor as a buffer."""
        if isinstance(value, nn.Parameter):
            self.register_parameter(name, value)
        else:
            self.register_buffer(name, value)


class Network:
    """The part of a recorded graph that lies between inputs and outputs.

    Args:
        inputs: Symbols that data is fed into, nested as the caller will nest the data.
        outputs: Symbols to compute, nested as results are to be returned.

    Raises:
        ArgumentError: An input or output is no symbol, or an output depends on an input that is
            not among `inputs`.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        _check_symbols("inputs", inputs)
        _check_symbols("outputs", outputs)
        self.inputs, self.outputs = inputs, outputs
        self.input_symbols: list[Symbol] = trees.leaves(inputs)
        self.output_symbols: list[Symbol] = trees.leaves(outputs)
        self.nodes = _in_order(self.output_symbols, self.input_symbols)
        self.constants = Constants()
        self._held: dict[int, str] = {}
        self._hold_constants()
        self._steps = [
            (node.operation, node.args, node.kwargs, trees.leaves(node.outputs))
            for node in self.nodes
            if node.operation is not None
        ]

    def _hold_constants(self) -> None:
        for node in self.nodes:
            values = [leaf for leaf in node.inputs if isinstance(leaf, Tensor)]
            for value in values:
                if id(value) not in self._held:
                    name = f"{node.name}_{len(self._held)}"
                    self.constants.hold(name, value)
                    self._held[id(value)] = name

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The modules called, by name, each once, in the order of their first call."""
        found: dict[int, tuple[str, nn.Module]] = {}
        for node in self.nodes:
            if node.module is not None:
                found.setdefault(id(node.module), (node.name, node.module))
        return dict(found.values())

    def run(self, inputs: list[Tensor]) -> Any:
        """Feeds tensors in the order of the input symbols and returns the outputs, nested."""
        values: dict[int, Any] = {
            id(symbol): value for symbol, value in zip(self.input_symbols, inputs, strict=True)
        }

        def value_of(leaf: Any) -> Any:
            if is_symbol(leaf):
                return values[id(leaf)]
            if isinstance(leaf, Tensor):
                return getattr(self.constants, self._held[id(leaf)])
            return leaf

        for operation, args, kwargs, results in self._steps:
            result = operation(
                *trees.transform(value_of, args), **trees.transform(value_of, kwargs)
            )
            for symbol, value in zip(results, trees.leaves(result), strict=True):
                if is_symbol(symbol):
                    values[id(symbol)] = value
        return trees.transform(value_of, self.outputs)


def _check_symbols(argument: str, tree: Any) -> None:
    leaves = trees.leaves(tree)
    wrong = [leaf for leaf in leaves if not is_symbol(leaf)]
    if wrong or not leaves:
        given = type(wrong[0]).__name__ if wrong else "nothing"
        raise ArgumentError(
            f"Model({argument}=...) received {given}, not a symbolic tensor.",
            expected="tensors that come from Input(), or from layers called on them.",
            fix="start with x = Input(shape=(8,)) and pass results such as Dense(1)(x).",
        )


def _in_order(outputs: list[Symbol], inputs: list[Symbol]) -> list[Node]:
    """Nodes needed for `outputs`, in the order they were recorded; stops at `inputs`."""
    given = {id(symbol) for symbol in inputs}
    found = {id(symbol.node): symbol.node for symbol in inputs if symbol.node.operation is None}
    waiting = [symbol.node for symbol in outputs if id(symbol) not in given]
    while waiting:
        node = waiting.pop()
        if id(node) in found:
            continue
        if node.operation is None:
            raise ArgumentError(
                f"an output depends on input {node.name!r}, which is not among the inputs.",
                expected="every Input that the outputs are computed from.",
                fix=f"add {node.name!r} to inputs=[...].",
            )
        found[id(node)] = node
        needed = [leaf for leaf in node.inputs if is_symbol(leaf) and id(leaf) not in given]
        waiting.extend(symbol.node for symbol in needed)
    return sorted(found.values(), key=lambda node: node.index)

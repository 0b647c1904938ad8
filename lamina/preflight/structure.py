"""What a model is made of: its calls in order, and how values flow between them.

Read from the recorded graph, models inside models included; for a subclassed model from watching
one forward pass, where a function between two layers simply breaks the trail.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import trees
from lamina.graph import Network, Symbol, is_symbol
from lamina.layers.base import as_parts
from lamina.preflight import kinds

Shape = tuple[int | None, ...]


@dataclass(eq=False)
class Call:
    """One call of a layer or function: what kind it is, and which values go in and out."""

    name: str
    kind: str
    module: nn.Module | None
    activation: str
    inputs: list[int]
    outputs: list[int]
    in_shape: Shape
    shape: Shape
    arguments: tuple[Sequence[Any], dict[str, Any]] = ((), {})
    source: Symbol | None = None  # the value that goes in, where it can be computed by itself

    @property
    def is_linear(self) -> bool:
        """Whether nothing bends the result of this call."""
        return self.activation == "linear"

    @property
    def softmax_axis(self) -> int | None:
        """The axis of a softmax, counted from 0; `None` where the call is none."""
        if self.activation != "softmax":
            return None
        axis: Any = -1
        if self.kind == "activation":
            inner = None if self.module is None else kinds.unwrapped(self.module)
            axis = getattr(inner, "axis", None) if hasattr(inner, "axis") else None
            if axis is None:
                axis = getattr(inner, "dim", None)
            if axis is None and self.module is None:
                rest, named = self.arguments
                axis = named.get("dim", next((a for a in rest if isinstance(a, int)), -1))
            axis = -1 if axis is None else axis
        if not isinstance(axis, int) or not self.shape:
            return None
        return axis % len(self.shape)


@dataclass
class Structure:
    """All calls of a model, and who makes and uses each value."""

    calls: list[Call] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    input_shapes: list[Shape] = field(default_factory=list)
    output_shapes: list[Shape] = field(default_factory=list)
    output_names: list[str] = field(default_factory=list)
    alive: list[Any] = field(default_factory=list)  # keeps the identity of values from being reused

    def __post_init__(self) -> None:
        self.producer: dict[int, Call] = {}
        self.consumers: dict[int, list[Call]] = {}

    def add(self, call: Call) -> None:
        """Adds a call to the trail."""
        self.calls.append(call)
        for value in call.outputs:
            self.producer[value] = call
        for value in call.inputs:
            self.consumers.setdefault(value, []).append(call)

    def users(self, call: Call) -> Iterator[Call]:
        """The calls that use a result of this one."""
        for value in call.outputs:
            yield from self.consumers.get(value, [])

    def maker(self, call: Call) -> Call | None:
        """The call that made the first value that goes in."""
        return self.producer.get(call.inputs[0]) if call.inputs else None

    @property
    def weight_calls(self) -> list[Call]:
        """Calls of linear maps with weights, each layer once."""
        found = {id(call.module): call for call in self.calls if call.kind == "weight"}
        return list(found.values())


def from_network(network: Network) -> Structure:
    """The structure of a recorded graph."""
    structure = Structure(
        inputs=[id(symbol) for symbol in network.input_symbols],
        input_shapes=[symbol.shape for symbol in network.input_symbols],
        output_shapes=[symbol.shape for symbol in network.output_symbols],
        output_names=_output_names(network),
    )
    known = {id(symbol): id(symbol) for symbol in network.input_symbols}
    _add_nodes(structure, network, known, is_inner=False)
    structure.outputs = [known[id(symbol)] for symbol in network.output_symbols]
    return structure


def _output_names(network: Network) -> list[str]:
    if isinstance(network.outputs, dict):
        return list(network.outputs)
    return [symbol.node.name for symbol in network.output_symbols]


def _add_nodes(
    structure: Structure, network: Network, known: dict[int, int], *, is_inner: bool
) -> None:
    """Adds the calls of a graph; `known` says which value a symbol stands for."""
    for node in network.nodes:
        if node.operation is None:
            continue
        given = [leaf for leaf in node.inputs if is_symbol(leaf)]
        results = [leaf for leaf in trees.leaves(node.outputs) if is_symbol(leaf)]
        inner = getattr(node.module, "_network", None)
        if isinstance(inner, Network) and len(inner.input_symbols) == len(given):
            inside = {
                id(symbol): known.get(id(outer), id(outer))
                for symbol, outer in zip(inner.input_symbols, given, strict=True)
            }
            _add_nodes(structure, inner, inside, is_inner=True)
            ends = [inside[id(symbol)] for symbol in inner.output_symbols]
            known.update({id(s): end for s, end in zip(results, ends, strict=True)})
            continue
        known.update({id(symbol): id(symbol) for symbol in results})
        values = [known.get(id(symbol), id(symbol)) for symbol in given]
        source = given[0] if given and not is_inner else None
        structure.add(_call_of(node, given, results, values, source))


def _call_of(
    node: Any, given: list[Symbol], results: list[Symbol], values: list[int], source: Any
) -> Call:
    module = node.module
    if module is not None:
        kind, activation = kinds.kind_of_module(module), kinds.activation_of_module(module)
    else:
        kind = kinds.kind_of_function(node.operation, node.inputs)
        activation = kinds.word_of(node.operation) if kind == "activation" else "linear"
    return Call(
        name=node.name,
        kind=kind,
        module=module,
        activation=activation,
        inputs=values,
        outputs=[id(symbol) for symbol in results],
        in_shape=given[0].shape if given else (),
        shape=results[0].shape if results else (),
        arguments=([leaf for leaf in node.args if not is_symbol(leaf)], node.kwargs),
        source=source,
    )


def from_watching(module: nn.Module, run: Callable[[], Any]) -> Structure:
    """The structure of a module without a recorded graph, from watching one forward pass.

    Args:
        module: The module.
        run: Calls it on a few rows and returns the outputs.
    """
    structure = Structure()
    named = {id(inner): name for name, inner in module.named_modules()}
    hooks = [
        inner.register_forward_hook(_watcher(structure, named[id(inner)]))
        for inner in module.modules()
        if _is_leaf(inner)
    ]
    try:
        outputs = run()
    finally:
        for hook in hooks:
            hook.remove()
    leaves = [leaf for leaf in trees.leaves(outputs) if isinstance(leaf, Tensor)]
    structure.alive.append(leaves)
    structure.outputs = [id(leaf) for leaf in leaves]
    structure.output_shapes = [(None, *leaf.shape[1:]) for leaf in leaves]
    count = len(leaves)
    structure.output_names = ["output"] if count == 1 else [f"output_{i + 1}" for i in range(count)]
    return structure


def _is_leaf(module: nn.Module) -> bool:
    """Whether a module counts as one call: it has a known kind, or nothing inside it."""
    return kinds.kind_of_module(module) != "opaque" or not any(module.children())


def _watcher(structure: Structure, path: str) -> Callable[..., None]:
    def watch(module: nn.Module, args: tuple, output: Any) -> None:
        given = [leaf for leaf in trees.leaves(args) if isinstance(leaf, Tensor)]
        results = [leaf for leaf in trees.leaves(output) if isinstance(leaf, Tensor)]
        if not given or not results:
            return
        structure.alive.append((given, results))
        structure.add(
            Call(
                name=getattr(module, "name", None) or path,
                kind=kinds.kind_of_module(module),
                module=module,
                activation=kinds.activation_of_module(module),
                inputs=[id(leaf) for leaf in given],
                outputs=[id(leaf) for leaf in results if all(leaf is not g for g in given)],
                in_shape=(None, *given[0].shape[1:]),
                shape=(None, *results[0].shape[1:]),
            )
        )

    return watch


@torch.no_grad()
def values_at(network: Network, symbols: list[Symbol], rows: list[Tensor]) -> list[Tensor]:
    """What some values inside a recorded graph are for a few rows, dropout switched off."""
    part = Network(network.input_symbols, symbols)
    inputs = [
        row if row.dtype == symbol.dtype else row.to(symbol.dtype)
        for row, symbol in zip(rows, network.input_symbols, strict=True)
    ]
    with as_parts():
        return part.run(inputs)

"""What a drawing of a graph shows: boxes with lines of text, and edges between them."""

from dataclasses import dataclass
from typing import Any

from lamina.core import trees
from lamina.core.dtypes import name_of
from lamina.graph.network import Network
from lamina.graph.node import Node
from lamina.graph.symbol import Symbol, is_symbol


@dataclass(frozen=True)
class Show:
    """What is written into the boxes."""

    shapes: bool = True
    dtype: bool = False
    names: bool = True
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@dataclass(frozen=True)
class Box:
    """One input or call: its kind ("input", "layer" or "function") and its lines of text."""

    kind: str
    lines: tuple[str, ...]
    group: tuple[str, ...] = ()  # names of the models around it, outermost first


@dataclass(frozen=True)
class Diagram:
    """Boxes, and edges as pairs of their numbers."""

    boxes: list[Box]
    edges: list[tuple[int, int]]


def diagram_of(network: Network, show: Show) -> Diagram:
    """The boxes and edges of a recorded graph.

    A layer that is called twice has two boxes. A model inside the model is one box, or, with
    `show.nested`, the boxes of its own layers.
    """
    diagram = Diagram([], [])
    sources: dict[int, int] = {}
    for symbol in network.input_symbols:
        sources[id(symbol)] = len(diagram.boxes)
        diagram.boxes.append(Box("input", _lines("InputLayer", symbol.name, None, symbol, show)))
    _add_calls(diagram, network, sources, (), show)
    return diagram


def _add_calls(
    diagram: Diagram, network: Network, sources: dict[int, int], group: tuple[str, ...], show: Show
) -> None:
    """Adds a box for each call; `sources` says which box a symbol comes from."""
    for node in network.nodes:
        if node.operation is None:
            continue
        found = [sources[id(leaf)] for leaf in node.inputs if is_symbol(leaf)]
        results = [leaf for leaf in trees.leaves(node.outputs) if is_symbol(leaf)]
        inner = getattr(node.module, "_network", None)
        if show.nested and isinstance(inner, Network):
            inner_symbols = zip(inner.input_symbols, found, strict=False)
            inside = {id(symbol): number for symbol, number in inner_symbols}
            _add_calls(diagram, inner, inside, (*group, node.name), show)
            ends = [inside[id(symbol)] for symbol in inner.output_symbols]
            sources.update({id(symbol): end for symbol, end in zip(results, ends, strict=True)})
            continue
        number = len(diagram.boxes)
        kind = "function" if node.module is None else "layer"
        diagram.boxes.append(Box(kind, _lines_of_call(node, show), group))
        diagram.edges.extend((source, number) for source in dict.fromkeys(found))
        sources.update({id(symbol): number for symbol in results})


def _lines_of_call(node: Node, show: Show) -> tuple[str, ...]:
    module = node.module
    kind = "function" if module is None else type(module).__name__
    lines = _lines(kind, node.name, node.inputs, node.outputs, show)
    extra = []
    activation = getattr(module, "activation", None)
    if show.activations and activation is not None:
        extra.append(f"activation: {activation_name(activation)}")
    weights = [] if module is None else list(module.parameters())
    if show.trainable and weights:
        free = any(weight.requires_grad for weight in weights)
        extra.append("trainable" if free else "not trainable")
    return (lines[0], *extra, *lines[1:])


def activation_name(activation: Any) -> str:
    """The word for an activation given as a word, a function or a layer."""
    if isinstance(activation, str):
        return activation
    return getattr(activation, "__name__", None) or type(activation).__name__


def _lines(kind: str, name: str, inputs: Any, outputs: Any, show: Show) -> tuple[str, ...]:
    """The title, then what goes in and what comes out as far as it is to be shown."""
    title = name if kind == "function" else f"{name} ({kind})" if show.names else kind
    if not (show.shapes or show.dtype):
        return (title,)
    sides = [("output", outputs)] if inputs is None else [("input", inputs), ("output", outputs)]
    described = [
        (side, [_described(leaf, show) for leaf in symbols_in(tree)]) for side, tree in sides
    ]
    return (title, *(f"{side}: {', '.join(words)}" for side, words in described if words))


def symbols_in(tree: Any) -> list[Symbol]:
    """The symbolic tensors among nested values."""
    return [leaf for leaf in trees.leaves(tree) if is_symbol(leaf)]


def _described(symbol: Symbol, show: Show) -> str:
    words = [str(symbol.shape)] if show.shapes else []
    return " ".join([*words, name_of(symbol.dtype)] if show.dtype else words)

"""The model: its drawing, its layers, its parameters and what one example costs."""

from typing import Any

from markupsafe import Markup
from torch import nn

from lamina.core import trees
from lamina.graph import is_symbol
from lamina.graph.diagram import Show
from lamina.graph.network import Network
from lamina.graph.node import Node
from lamina.graph.render import as_svg
from lamina.models.summary import multiply_adds
from lamina.report.record import Record
from lamina.report.wording import clean

_MOST_DRAWN = 60  # boxes; a larger drawing says no more than the table


def build(record: Record) -> dict[str, Any] | None:
    """Drawing and table of the trained model; `None` where its file cannot be used."""
    model = record.model
    if model is None:
        return None
    network = getattr(model, "_network", None)
    rows = _rows(network) if isinstance(network, Network) else []
    costs = [row["cost"] for row in rows if row["cost"] is not None]
    return {
        "name": clean(getattr(model, "name", "model"), 60),
        "rows": rows,
        "parameters": sum(weight.numel() for weight in model.weights),
        "trainable": sum(weight.numel() for weight in model.trainable_weights),
        "bytes": sum(weight.numel() * weight.element_size() for weight in model.weights),
        "cost": sum(costs),
        "drawing": _drawing(network),
    }


def _drawing(network: Any) -> Markup | None:
    if not isinstance(network, Network) or len(network.nodes) > _MOST_DRAWN:
        return None
    return Markup(as_svg(network, Show(shapes=True, names=False)))  # escapes what it writes


def _rows(network: Network) -> list[dict[str, Any]]:
    seen: set[int] = set()
    rows = []
    for node in network.nodes:
        is_new = node.module is None or id(node.module) not in seen
        seen.add(id(node.module))
        rows.append(_row(node, is_new))
    return rows


def _row(node: Node, is_new: bool) -> dict[str, Any]:
    module: nn.Module | None = node.module
    is_input = node.operation is None
    weights = [] if module is None or not is_new else [*module.parameters(), *module.buffers()]
    shapes = [str(leaf.shape) for leaf in trees.leaves(node.outputs) if is_symbol(leaf)]
    kind = "function" if module is None else type(module).__name__
    return {
        "name": clean(node.name, 60),
        "kind": "InputLayer" if is_input else kind,
        "shape": ", ".join(shapes),
        "parameters": sum(weight.numel() for weight in weights),
        "cost": None if is_input else multiply_adds(node),
    }

"""Edits: what a remedy changes in a model, its plan, its data and the arguments of fit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lamina.preflight.structure import Call
from lamina.preflight.subject import Head

Part = tuple[str, dict[str, Any]]
"""A layer to make: the name of its class, and its arguments."""


@dataclass
class Edits:
    """Changes that belong to one finding.

    Args:
        says: One sentence: what is changed.
        arguments: Other constructor arguments of a layer, by the identity of the layer.
        replaced: A new layer in the place of one.
        dropped: Layers to leave out.
        before: New layers in front of one.
        after_input: A new layer behind the input of this number.
        losses: Another loss for the output of this number.
        optimizer: Other arguments of the optimizer.
        metrics: Other metrics, one in place of each by name.
        fit: Other arguments of `fit`.
        x: What to do with the inputs.
        y: What to do with the labels.
    """

    says: str
    arguments: dict[int, dict[str, Any]] = field(default_factory=dict)
    replaced: dict[int, Part] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    before: dict[int, Part] = field(default_factory=dict)
    after_input: dict[int, Part] = field(default_factory=dict)
    losses: dict[int, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    x: Callable[[Any], Any] | None = None
    y: Callable[[Any], Any] | None = None

    @property
    def changes_layers(self) -> bool:
        """Whether the model itself is another one afterwards."""
        parts = (self.arguments, self.replaced, self.dropped, self.before, self.after_input)
        return any(parts)


def with_activation(edits: Edits, head: Head, word: str) -> Edits | None:
    """Lets an output end in another activation; `None` where that is no layer's argument."""
    end = head.end
    modules = [call.module for call in end.bends]
    if any(module is None for module in modules) or not _is_ours(end.weight):
        return None
    for module in modules:
        edits.dropped.add(id(module))
    weight: Any = end.weight  # `_is_ours` has seen it
    edits.arguments.setdefault(id(weight.module), {})["activation"] = word
    return edits


def with_units(edits: Edits, head: Head, units: int) -> Edits | None:
    """Lets an output have so many units; `None` where its last layer has no such argument."""
    weight = head.end.weight
    if weight is None or not _is_ours(weight):
        return None
    module: Any = weight.module
    word = next((word for word in ("units", "filters") if hasattr(module, word)), None)
    if word is None:
        return None
    edits.arguments.setdefault(id(module), {})[word] = units
    return edits


def _is_ours(call: Call | None) -> bool:
    """Whether a layer can be made anew from its configuration, with an activation."""
    module = None if call is None else call.module
    return hasattr(module, "get_config") and hasattr(module, "activation")

"""Makes a weight the way the layer's own arguments say."""

from typing import Any

from lamina.layers.base import Shape


def declared_weight(layer: Any, name: str, shape: Shape, role: str | None = None) -> Any:
    """Makes the weight that `<role>_initializer`, `_regularizer` and `_constraint` describe.

    Args:
        layer: The layer, whose attributes are read.
        name: Name of the weight, and its role when `role` is `None`.
        shape: Its shape.
        role: First part of the names of the attributes.
    """
    role = role or name
    return layer.add_weight(
        name=name,
        shape=shape,
        initializer=getattr(layer, f"{role}_initializer"),
        regularizer=getattr(layer, f"{role}_regularizer"),
        constraint=getattr(layer, f"{role}_constraint"),
    )

"""Optimizers by name, and as plain data."""

from collections.abc import Mapping
from typing import Any

from lamina.core import configured, kinds
from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown
from lamina.optimizers.adam import Adam, AdamW
from lamina.optimizers.adaptive import Adadelta, Adagrad, Adamax, Nadam, RMSprop
from lamina.optimizers.base import Optimizer
from lamina.optimizers.lookahead import Lookahead
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.multi import MultiOptimizer, OptimizerMap
from lamina.optimizers.schedule_free import ScheduleFreeAdamW
from lamina.optimizers.sgd import SGD
from lamina.optimizers.shaped import Adafactor, Lamb, Muon
from lamina.optimizers.signs import Ftrl, Lion

CLASSES: dict[str, type[Optimizer]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam),
        *(RMSprop, SGD, ScheduleFreeAdamW),
    )
}
_WRAPPERS: dict[str, type] = {
    kind.__name__.lower(): kind
    for kind in (Lookahead, LossScaleOptimizer, MultiOptimizer, OptimizerMap)
}


def get(identifier: Any) -> Optimizer | None:
    """The optimizer that a name, a configuration or an optimizer itself stands for.

    Args:
        identifier: A name in any case ("adam", "AdamW"), what `serialize` returned, or an
            optimizer. `None` stays `None`.

    Raises:
        ArgumentError: No optimizer has this name.
        ArgumentTypeError: A class or something else was given.

    Example:
        >>> type(get("sgd")).__name__
        'SGD'
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        return configured.make("an optimizer", identifier, CLASSES)
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    name = identifier.__name__ if isinstance(identifier, type) else "Adam"
    is_ours = isinstance(identifier, type) and issubclass(identifier, Optimizer)
    raise ArgumentTypeError(
        f"{shown(identifier)} is {'a class, ' if is_ours else ''}not an optimizer.",
        expected="a name, an optimizer or its configuration.",
        fix=f"write {name}() with its parentheses." if is_ours else 'pass for example "adam".',
    )


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """The optimizer as plain data, in Keras's form; its memory is not part of it."""
    return configured.recipe(optimizer, "keras.optimizers")


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Optimizer:
    """The optimizer that `serialize` wrote down.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit.
    """
    known = {**CLASSES, **_WRAPPERS}
    kinds.arguments("deserialize", "config", config)
    given = config.get("config")
    if not isinstance(given, Mapping):
        return configured.make("an optimizer", {**config, "config": {}}, known, custom_objects)
    inner = {key: _inner(value, custom_objects) for key, value in given.items()}
    return configured.make("an optimizer", {**config, "config": inner}, known, custom_objects)


def _inner(value: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    """Optimizers inside of a wrapper's configuration, made first."""
    if not isinstance(value, Mapping):
        return value
    word = str(value.get("class_name", "")).lower()
    if word in CLASSES or word in _WRAPPERS:
        return deserialize(value, custom_objects)
    if "class_name" in value:
        return value
    return {key: _inner(entry, custom_objects) for key, entry in value.items()}

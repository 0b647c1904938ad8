"""The closed tables from which model files are built: names are keys here and nothing else.

A string from a file never becomes an import, an attribute or a path. Classes of the user come
only from the argument `custom_objects`.
"""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from lamina import layers, losses, metrics
from lamina.core.seed_generator import SeedGenerator
from lamina.layers import Layer, activations, constraints, initializers, regularizers
from lamina.losses import names as loss_names
from lamina.losses.wrapper import LossFunctionWrapper
from lamina.metrics import names as metric_names
from lamina.metrics.reductions import MeanMetricWrapper
from lamina.models.model import Model
from lamina.models.operations import OPERATIONS
from lamina.models.operations import name_of as operation_name
from lamina.models.sequential import Sequential
from lamina.optimizers import (
    Lookahead,
    LossScaleOptimizer,
    MultiOptimizer,
    OptimizerMap,
    schedules,
)
from lamina.optimizers import names as optimizer_names

REFUSED = {
    "Lambda": "it holds a Python function",
    "TorchModuleWrapper": "it holds a torch module, of which only the weights can be saved",
    "__lambda__": "it holds Python code",
    "TFSMLayer": "it runs a program of another framework",
    "JaxLayer": "it runs a program of another framework",
    "FlaxLayer": "it runs a program of another framework",
}
_NO_VALUES = ("deserialize", "get", "serialize")
_ABSTRACT = ("Layer", "Wrapper", "Lambda", "TorchModuleWrapper")


def _by_name(kinds: Any) -> dict[str, type]:
    return {kind.__name__: kind for kind in kinds if isinstance(kind, type)}


LAYERS: dict[str, type[Layer]] = {
    name: kind
    for name, kind in _by_name(getattr(layers, name) for name in layers.__all__).items()
    if issubclass(kind, Layer) and name not in _ABSTRACT
}
CLASSES: dict[str, dict[str, type]] = {
    "initializer": _by_name(initializers.NAMES.values()),
    "regularizer": _by_name(regularizers.NAMES.values()),
    "constraint": _by_name(constraints.NAMES.values()),
    "loss": {**_by_name(loss_names.TABLE.values()), "LossFunctionWrapper": LossFunctionWrapper},
    "metric": {**_by_name(metric_names.TABLE.values()), "MeanMetricWrapper": MeanMetricWrapper},
    "optimizer": _by_name(
        (
            *optimizer_names.CLASSES.values(),
            *(Lookahead, LossScaleOptimizer, MultiOptimizer, OptimizerMap),
        )
    ),
    "schedule": _by_name(schedules.CLASSES.values()),
    "seed": {"SeedGenerator": SeedGenerator},
}


def _functions(*tables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        function.__name__: function
        for table in tables
        for function in table.values()
        if inspect.isfunction(function) and function.__name__ not in _NO_VALUES
    }


FUNCTIONS: dict[str, dict[str, Any]] = {
    "activation": _functions(activations.NAMES),
    "loss": _functions(loss_names.TABLE, vars(losses)),
    "metric": _functions(metric_names.TABLE, vars(metrics)),
    "torch": OPERATIONS,
}


class Known(NamedTuple):
    """Where something stands in the tables."""

    kind: str
    name: str


def class_entry(kind: type) -> Known | None:
    """The table and name of a class of this library, or `None`."""
    for table, classes in CLASSES.items():
        if classes.get(kind.__name__) is kind:
            return Known(table, kind.__name__)
    return None


def function_entry(function: Any) -> Known | None:
    """The table and name of a function, or `None`."""
    name = getattr(function, "__name__", None)
    for table in ("activation", "loss", "metric"):
        if isinstance(name, str) and FUNCTIONS[table].get(name) is function:
            return Known(table, name)
    torch_name = operation_name(function)
    return None if torch_name is None else Known("torch", torch_name)


MODELS: dict[str, Any] = {"Functional": Model, "Sequential": Sequential}
"""The two forms of models."""


def definer(kind: type, method: str) -> type:
    """The class among the ancestors that defines a method."""
    return next(ancestor for ancestor in kind.__mro__ if method in vars(ancestor))


def bases() -> tuple[type, ...]:
    """Classes whose get_config and from_config stand for "as the constructor says"."""
    return (Layer, MODELS["Functional"])


def accepts(kind: type, argument: str) -> bool:
    """Whether the constructor of a class takes an argument of this name."""
    signature = inspect.signature(kind.__init__)  # type: ignore[misc]  # this very class's
    parameters = signature.parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return takes_any or argument in parameters

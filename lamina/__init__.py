"""Keras's interface, PyTorch modules inside, the whole training step captured once."""

from importlib import import_module
from typing import Any

from lamina import (
    activations,
    backend,
    callbacks,
    config,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from lamina.core.devices import device
from lamina.core.dtypes import DTypePolicy
from lamina.core.errors import LaminaError
from lamina.core.variables import Variable
from lamina.initializers import Initializer
from lamina.layers import Input, InputSpec, Layer
from lamina.losses import Loss
from lamina.metrics import Metric
from lamina.models import Model, Sequential
from lamina.optimizers import Optimizer
from lamina.regularizers import Regularizer
from lamina.version import VERSION

__version__ = VERSION

__all__ = [
    "DTypePolicy",
    "Initializer",
    "Input",
    "InputSpec",
    "LaminaError",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "activations",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "device",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "step",
    "train",
    "utils",
    "version",
]

_LATER = {"data", "datasets", "preprocessing", "step", "train", "version"}


def __getattr__(name: str) -> Any:
    """Imports the namespaces that not every program needs when they are first named."""
    if name in _LATER:
        return import_module(f"lamina.{name}")
    raise AttributeError(f"module 'lamina' has no attribute {name!r}")

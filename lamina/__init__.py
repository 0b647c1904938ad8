"""Keras's interface, PyTorch modules inside, the whole training step captured once."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later
from lamina.version import VERSION

if TYPE_CHECKING:
    from lamina import (
        activations,
        backend,
        callbacks,
        cli,
        config,
        constraints,
        core,
        data,
        datasets,
        files,
        graph,
        initializers,
        layers,
        losses,
        metrics,
        mixed_precision,
        models,
        optimizers,
        preflight,
        preprocessing,
        random,
        recipes,
        regularizers,
        report,
        saving,
        step,
        study,
        train,
        utils,
        version,
        workbench,
        wrappers,
    )
    from lamina.core.devices import device
    from lamina.core.dtypes import DTypePolicy
    from lamina.core.errors import LaminaError
    from lamina.core.variables import Variable
    from lamina.layers import Input, InputSpec, Layer
    from lamina.layers.initializers import Initializer
    from lamina.layers.regularizers import Regularizer
    from lamina.losses import Loss
    from lamina.metrics import Metric
    from lamina.models import Model, Sequential
    from lamina.optimizers import Optimizer

__version__ = VERSION

_PLACES = {
    "lamina.activations": "",
    "lamina.backend": "",
    "lamina.callbacks": "",
    "lamina.cli": "",
    "lamina.config": "",
    "lamina.constraints": "",
    "lamina.core": "",
    "lamina.core.devices": "device",
    "lamina.core.dtypes": "DTypePolicy",
    "lamina.core.errors": "LaminaError",
    "lamina.core.variables": "Variable",
    "lamina.data": "",
    "lamina.datasets": "",
    "lamina.files": "",
    "lamina.graph": "",
    "lamina.initializers": "",
    "lamina.layers": "Input InputSpec Layer",
    "lamina.layers.initializers": "Initializer",
    "lamina.layers.regularizers": "Regularizer",
    "lamina.losses": "Loss",
    "lamina.metrics": "Metric",
    "lamina.mixed_precision": "",
    "lamina.models": "Model Sequential",
    "lamina.optimizers": "Optimizer",
    "lamina.preflight": "",
    "lamina.preprocessing": "",
    "lamina.random": "",
    "lamina.recipes": "",
    "lamina.regularizers": "",
    "lamina.report": "",
    "lamina.saving": "",
    "lamina.step": "",
    "lamina.study": "",
    "lamina.train": "",
    "lamina.utils": "",
    "lamina.version": "",
    "lamina.workbench": "",
    "lamina.wrappers": "",
}

__getattr__ = imported_later(__name__, _PLACES)

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
    "wrappers",
]

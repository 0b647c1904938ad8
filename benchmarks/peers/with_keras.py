"""Keras on the backend that KERAS_BACKEND names, by the same program as Lamina."""

from importlib.metadata import version
from typing import Any

import keras

from benchmarks.peers import keras_program

PACKAGES = {"tensorflow": "tensorflow-cpu", "jax": "jax", "torch": "torch"}


def train(*job_and_data: Any, **options: Any) -> dict[str, Any]:
    """Trains with `fit`; `jit_compile` is Keras's own choice."""
    keras_program.train(keras, *job_and_data, **options)
    return {"backend": keras.backend.backend()}


def predictor(*job_and_weights: Any, **options: Any) -> Any:
    """`Model.predict`."""
    return keras_program.predictor(keras, *job_and_weights, **options)


def versions() -> dict[str, str]:
    """Versions in use."""
    package = PACKAGES[keras.backend.backend()]
    return {"keras": keras.__version__, package: version(package)}

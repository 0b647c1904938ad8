"""Lamina, by the same program as Keras."""

from dataclasses import asdict
from typing import Any

import torch

import lamina
from benchmarks.peers import keras_program


def train(*job_and_data: Any, **options: Any) -> dict[str, Any]:
    """Trains with `fit`; says which tier ran and what was refused."""
    history = keras_program.train(lamina, *job_and_data, **options)
    return asdict(history.speed) | {
        "refusals": [str(refusal) for refusal in history.refusals],
    }


def predictor(*job_and_weights: Any, **options: Any) -> Any:
    """`Model.predict`."""
    return keras_program.predictor(lamina, *job_and_weights, **options)


def versions() -> dict[str, str]:
    """Versions in use."""
    return {"lamina": lamina.__version__, "torch": torch.__version__}

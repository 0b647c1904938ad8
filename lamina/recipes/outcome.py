"""What a recipe hands back, and how well its model knows pictures it has not seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.models.model import Model
from lamina.train.history import History


@dataclass(frozen=True)
class Outcome:
    """A trained model and what it took.

    Args:
        model: The model; it takes pictures as they are stored and gives logits.
        history: What `fit` returned.
        epochs: Times each picture was seen.
        policy: What was computed in: "mixed_bfloat16" or "float32".
        train_seconds: Wall time of the updates, first weights drawn from the data included.
        preparation_seconds: Wall time before them: checks, capture, and the rehearsal that finds
            how many epochs fit into the minutes.
        views: What `predict(..., augment=views)` should average over.
        validation_accuracy: Share of the pictures kept back that was named right, averaged over
            the views; `None` where none was kept back.
    """

    model: Model
    history: History
    epochs: int
    policy: str
    train_seconds: float
    preparation_seconds: float
    views: tuple[str, ...]
    validation_accuracy: float | None


def accuracy(model: Any, x: Any, y: Any, *, augment: Any = None) -> float:
    """Share of pictures whose class the model names right.

    Args:
        model: Gives one number a class for pictures.
        x: Pictures, (n, height, width, channels), or without the last axis.
        y: Class numbers, (n,).
        augment: Views over which the outputs are averaged, as `predict` takes them.
    """
    x = np.asarray(x)
    x = x[..., None] if x.ndim == 3 else x
    outputs = np.asarray(model.predict(x, batch_size=1000, verbose=0, augment=augment))
    return float((outputs.argmax(-1) == np.asarray(y).reshape(-1)).mean())

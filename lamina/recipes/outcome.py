"""What a recipe hands back, and how well its model knows pictures it has not seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from lamina.core import checks
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
        validation_accuracy: Share of the pictures kept back that was named right, averaged over
            views; `None` where none was kept back.
    """

    model: Model
    history: History
    epochs: int
    policy: str
    train_seconds: float
    preparation_seconds: float
    validation_accuracy: float | None


def accuracy(model: Any, x: Any, y: Any, *, mirror: bool = True, shift: int = 0) -> float:
    """Share of pictures whose class the model names right, its outputs averaged over views.

    Args:
        model: Gives one number a class for pictures.
        x: Pictures, (n, height, width, channels), or without the last axis.
        y: Class numbers, (n,).
        mirror: Whether each picture is seen from both sides.
        shift: Pixels by which it is also seen moved, in all eight directions; 0 for not at all.
    """
    checks.whole("accuracy", "shift", shift, low=0)
    x = np.asarray(x)
    x = x[..., None] if x.ndim == 3 else x
    total = sum(_outputs(model, view) for view in views(x, mirror=mirror, shift=shift))
    return float((total.argmax(-1) == np.asarray(y).reshape(-1)).mean())


def views(x: np.ndarray, *, mirror: bool, shift: int) -> Iterator[np.ndarray]:
    """The pictures as they are, then mirrored, moved, and both; mirrored pixels move in."""
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (shift, shift), (shift, shift), (0, 0)), mode="reflect")
    places = (shift, 0, 2 * shift) if shift else (0,)
    for top, left in product(places, places):
        moved = padded[:, top : top + height, left : left + width]
        yield moved
        if mirror:
            yield moved[:, :, ::-1]


def _outputs(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(np.ascontiguousarray(x), batch_size=1000, verbose=0))

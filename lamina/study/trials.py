"""One training of one net within its seconds, and what came of it as plain data."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamina.core import randomness
from lamina.core.settings import dtype_policy
from lamina.models.model import Model
from lamina.recipes.examples import Examples
from lamina.recipes.precision import computing_in
from lamina.recipes.training import seconds_per_update
from lamina.study.nets import Net, compiled, cost
from lamina.study.plan import MOST_EPOCHS

BATCH_SIZE = 128
_EVALUATED = 1_000

Transform = Callable[[np.ndarray], np.ndarray]
"""Changes pictures before a net sees them."""


@dataclass(frozen=True)
class Pictures:
    """What a study learns from and asks.

    Args:
        learned: Pictures learned from, and those kept back for validation.
        test_x: Pictures for the last question.
        test_y: Their class numbers.
    """

    learned: Examples
    test_x: np.ndarray
    test_y: np.ndarray

    def changed(self, transform: Transform) -> "Pictures":
        """The same pictures, each of them changed in the same way."""
        one = self.learned
        learned = Examples(transform(one.x), one.y, transform(one.held_x), one.held_y)
        return Pictures(learned, transform(self.test_x), self.test_y)


def train(net: Net, pictures: Pictures, *, seconds: float, seed: int) -> tuple[Model, dict]:
    """Trains a net for as many epochs as fit into some seconds, and tests it once.

    Args:
        net: Which net.
        pictures: What it learns from and is asked.
        seconds: For the updates; how many epochs that is, is measured first.
        seed: Seed of the weights and of the order.

    Returns:
        The model and its record: net, seed, epochs, seconds, parameters, multiply_adds, accuracy
        on the parts, and the curves.
    """
    learned = pictures.learned
    updates = -(-len(learned.x) // BATCH_SIZE)

    def prepare(num_updates: int) -> Model:
        return compiled(net, learned.input_shape, learned.num_classes, num_updates)

    with computing_in():
        pace = seconds_per_update(prepare, learned, BATCH_SIZE)
        epochs = int(min(MOST_EPOCHS, max(1, seconds // (updates * pace))))
        randomness.set_seed(seed)
        model = prepare(epochs * updates)
        policy = dtype_policy()
    held = np.eye(learned.num_classes, dtype=np.float32)[learned.held_y]
    began = time.perf_counter()
    history = model.fit(
        learned.x,
        learned.y,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        validation_data=(learned.held_x, held),
        validation_batch_size=_EVALUATED,
        verbose=0,
        check="off",
    )
    record = {
        "net": net.to_dict(),
        "seed": seed,
        "epochs": epochs,
        "seconds": round(time.perf_counter() - began, 3),
        "policy": getattr(policy, "name", str(policy)),
        "tier": history.tier,
        "parameters": model.count_params(),
        "multiply_adds": cost(model),
        "validation_accuracy": history.history["val_accuracy"][-1],
        "test_accuracy": accuracy(model, pictures.test_x, pictures.test_y),
        "curves": {key: [float(v) for v in values] for key, values in history.history.items()},
    }
    return model, record


def accuracy(model: Model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of pictures whose class a model names right."""
    answers = model.predict(x, batch_size=_EVALUATED, verbose=0)
    return float((np.asarray(answers).argmax(-1) == y).mean())

"""How every recipe trains: as many epochs as fit into the minutes, timed without the capture."""

import time
from collections.abc import Callable

import numpy as np

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.core.randomness import set_seed
from lamina.models.model import Model
from lamina.recipes.examples import Examples
from lamina.recipes.outcome import Outcome, accuracy
from lamina.train.callbacks.base import Callback

_REHEARSED = 12  # batches that are timed at first
_REHEARSAL_SECONDS = 0.4  # a shorter rehearsal is mostly the beginning and the end of `fit`
_CAPTURING = 2  # batches after which a step is captured
_SAFETY = 0.98  # share of the minutes that is planned for

Prepare = Callable[[int], Model]
"""Makes the compiled model for a number of updates."""


def train(
    prepare: Prepare,
    examples: Examples,
    *,
    policy: str,
    batch_size: int,
    minutes: float | None,
    epochs: int | None,
    seed: int,
    verbose: int | str,
    views: tuple[str, ...],
) -> Outcome:
    """Trains a recipe's model on examples for some minutes, or for some epochs.

    Args:
        prepare: Makes the compiled model; its schedules last that many updates.
        examples: What is learned from and watched.
        policy: Name of the policy it is made under, for the record.
        batch_size: Pictures in an update.
        minutes: How long the updates may take; how many epochs that is, is measured first.
        epochs: Times each picture is seen, if `minutes` is `None`.
        seed: Chooses weights, order and all that is random.
        verbose: As in `fit`.
        views: Views over which the outputs for pictures kept back are averaged.

    Raises:
        ArgumentError: Not exactly one of `minutes` and `epochs` was given.
    """
    began = time.perf_counter()
    epochs = _epochs(prepare, examples, batch_size, minutes, epochs)
    rehearsal = time.perf_counter() - began
    set_seed(seed)
    began = time.perf_counter()
    model = prepare(epochs * _updates(examples, batch_size))
    drawing = time.perf_counter() - began
    clock = Clock()
    began = time.perf_counter()
    history = model.fit(
        examples.x,
        examples.y,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
        callbacks=[clock],
    )
    fitting = time.perf_counter() - began
    capture = clock.capture_seconds(began, fitting)
    held = len(examples.held_y) > 0
    return Outcome(
        model=model,
        history=history,
        epochs=epochs,
        policy=policy,
        train_seconds=drawing + fitting - capture,
        preparation_seconds=rehearsal + capture,
        views=views,
        validation_accuracy=(
            accuracy(model, examples.held_x, examples.held_y, augment=views) if held else None
        ),
    )


class Clock(Callback):
    """Notes when the step was captured, so that what came before can be told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.captured_at: float | None = None
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Counts the batch."""
        self.batches += 1
        if self.batches == _CAPTURING:
            self.captured_at = time.perf_counter()

    def capture_seconds(self, began: float, total: float) -> float:
        """Seconds before the step was captured, beyond what those batches take afterwards."""
        if self.captured_at is None or self.batches <= _CAPTURING:
            return 0.0
        first = self.captured_at - began
        rest = (total - first) / (self.batches - _CAPTURING)
        return max(0.0, first - _CAPTURING * rest)


def _updates(examples: Examples, batch_size: int) -> int:
    """Updates of an epoch; the last batch may be smaller."""
    return -(-len(examples.x) // batch_size)


def _epochs(
    prepare: Prepare,
    examples: Examples,
    batch_size: int,
    minutes: float | None,
    epochs: int | None,
) -> int:
    if (minutes is None) == (epochs is None):
        raise ArgumentError(
            f"a recipe received minutes={minutes} and epochs={epochs}.",
            expected="one of the two: how long it trains, or how often it sees each picture.",
            fix="pass minutes=10, or epochs=12.",
        )
    if epochs is not None:
        return checks.positive_int("train", "epochs", epochs)
    limit = checks.number("train", "minutes", minutes, low=0.0, open_low=True, example=10)
    seconds = _updates(examples, batch_size) * seconds_per_update(prepare, examples, batch_size)
    return max(1, int(limit * 60 * _SAFETY / seconds))


def seconds_per_update(prepare: Prepare, examples: Examples, batch_size: int) -> float:
    """Wall time of an update of a model like this one, captured before."""
    model = prepare(_updates(examples, batch_size))
    count = min(len(examples.x), _REHEARSED * batch_size)
    _timed_fit(model, examples, count, batch_size)  # captures the step
    while True:
        seconds = _timed_fit(model, examples, count, batch_size)
        if seconds >= _REHEARSAL_SECONDS or count == len(examples.x):
            return seconds * batch_size / count
        growth = max(2.0, 1.2 * _REHEARSAL_SECONDS / seconds)
        batches = int(count * growth) // batch_size
        count = min(len(examples.x), max(1, batches) * batch_size)


def _timed_fit(model: Model, examples: Examples, count: int, batch_size: int) -> float:
    x, y = np.ascontiguousarray(examples.x[:count]), examples.y[:count]
    began = time.perf_counter()
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0, check="off")
    return time.perf_counter() - began

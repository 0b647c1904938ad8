"""Compiles, trains and tests the model of a run."""

import math
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lamina.core import names, randomness
from lamina.core.errors import LaminaError
from lamina.data.dataset import Dataset
from lamina.models.model import Model
from lamina.optimizers import Adam, AdamW, Optimizer
from lamina.optimizers.schedules import CosineDecay
from lamina.report.live import LivePage
from lamina.train.callbacks import Callback, EarlyStopping
from lamina.train.callbacks.scalars import scalar
from lamina.train.history import History
from lamina.train.run_folder import HistoryLog
from lamina.workbench import own_models, presets, spoken
from lamina.workbench.facts import DataFacts
from lamina.workbench.presets import Sizing
from lamina.workbench.settings import JIT_WORDS, Settings

_AT_ONCE = 1_000
REPORT, RECORD = "report.html", "run.json"
_USUAL_RATE = 0.001
_COLD_START = 0.04  # of the largest learning rate, at which a warm-up begins


class DivergedError(LaminaError, ArithmeticError):
    """The loss of a run is no longer a finite number."""


@dataclass(frozen=True)
class Tested:
    """What came out of a training.

    Args:
        model: The trained model, which computes in float32.
        history: What happened.
        results: Numbers of the validation and the test part.
    """

    model: Model
    history: History
    results: dict[str, Any]


def make_model(settings: Settings, facts: DataFacts, dataset: Dataset) -> Model:
    """The model that decided settings ask for, compiled, its weights not trained.

    Args:
        settings: With nothing left open.
        facts: What is known of the training part.
        dataset: The divided data set.

    Raises:
        ArgumentError: The model does not suit the data, or the user's own cannot be made.
    """
    randomness.set_seed(settings.seed)
    name = settings.model or ""
    if own_models.is_own(name):
        model = own_models.build(name, dataset.schema)
    else:
        model = presets.build(name, facts, _sizing(settings))
    if not model.compiled:
        _compile(model, settings, facts)
    model.__dict__["_findings_spoken"] = spoken.speaker(settings)
    return model


def _sizing(settings: Settings) -> Sizing:
    return Sizing(settings.width, settings.dropout or 0.0, settings.augment, settings.precision)


def _compile(model: Model, settings: Settings, facts: DataFacts) -> None:
    is_regression = not facts.num_classes
    model.compile(
        optimizer=_optimizer(settings, facts.num_examples),
        loss="mse" if is_regression else "sparse_categorical_crossentropy",
        metrics=["mae", "r2_score"] if is_regression else ["accuracy"],
        jit=JIT_WORDS[settings.jit],
    )


def _optimizer(settings: Settings, num_examples: int) -> Optimizer:
    updates = (settings.epochs or 1) * -(-num_examples // (settings.batch_size or 1))
    updates = max(2, updates)  # a cosine of one update begins where it ends, at 0
    largest = settings.learning_rate or 0.0
    warming = round((settings.warmup or 0.0) * updates)
    rate: Any = CosineDecay(largest, updates)
    if warming:
        rate = CosineDecay(
            largest * _COLD_START,
            updates - warming,
            warmup_target=largest,
            warmup_steps=warming,
        )
    if settings.weight_decay:
        return AdamW(rate, weight_decay=settings.weight_decay)
    return Adam(rate)


def fit(
    model: Model, settings: Settings, dataset: Dataset, folder: Path, history: Path, verbose: Any
) -> History:
    """Trains a model, or goes on where its checkpoints stand.

    Args:
        model: Compiled.
        settings: With nothing left open.
        dataset: The divided data set.
        folder: Where checkpoints are kept.
        history: The file that gets a line an epoch.
        verbose: As in `Model.fit`.

    Raises:
        DivergedError: The loss became NaN or infinite.
        LaminaError: The data cannot be trained on, or a file not be written.
    """
    train, validation = dataset.train, dataset.validation
    _say_where(model, settings, folder.parent)
    callbacks: list[Callback] = [HistoryLog(history), _StopWhenLost()]
    stopping = EarlyStopping(patience=settings.patience or 0, restore_best_weights=True)
    if settings.patience is not None:
        callbacks.append(stopping)
    if settings.watch:
        callbacks.append(LivePage(class_names=dataset.schema.class_names))
    told = model.fit(
        train.x,
        train.y,
        batch_size=settings.batch_size,
        epochs=settings.epochs or 1,
        verbose=verbose,
        validation_data=None if validation is None else (validation.x, validation.y),
        validation_batch_size=_AT_ONCE,
        callbacks=callbacks,
        class_weight=_class_weight(settings, dataset),
        checkpoint=folder,
        every=settings.every,
        check=settings.check,
        ignore=settings.ignore,
    )
    _check_finite(told, settings)
    if settings.patience is not None:
        told.__dict__["kept_epoch"] = stopping.best_epoch + 1
    return told


def _class_weight(settings: Settings, dataset: Dataset) -> dict[int, float] | None:
    """The weight that gives every class of the training part the same say, 1 in the mean."""
    y = dataset.train.y
    if settings.class_weight is None or y is None or not dataset.schema.num_classes:
        return None
    numbers, counts = np.unique(y, return_counts=True)
    weights = counts.sum() / (len(counts) * counts)
    return dict(zip(numbers.tolist(), weights.tolist(), strict=True))


def _say_where(model: Model, settings: Settings, run: Path) -> None:
    """Lets findings lead to commands and files, where `fit` by itself names Python objects."""
    words = ["lamina", "check", settings.source]
    for name in ("target", "model"):
        value = getattr(settings, name)
        words += [f"--{name}", value] * (value is not None)
    model.__dict__["_findings_before"] = shlex.join(words)
    page = run / (REPORT if settings.report else RECORD)
    model.__dict__["_findings_after"] = str(page)


class _StopWhenLost(Callback):
    """Ends training after an epoch whose loss is not finite, at no cost a batch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = scalar((logs or {}).get("loss"))
        if loss is not None and not math.isfinite(loss):
            self.model.stop_training = True


def kept_of(history: History) -> dict[str, Any]:
    """Which epoch the weights are of, as the record of a run says it.

    Args:
        history: What happened; its callbacks know whether the best weights came back.
    """
    best = getattr(history, "kept_epoch", None)
    last = len(history.epoch)
    return {"epoch": last if best is None else best, "epochs": last, "is_best": best is not None}


def _check_finite(history: History, settings: Settings) -> None:
    loss = history.history["loss"][-1]
    found = next((one for one in history.findings if one.code == "nan-loss"), None)
    if found is not None:
        raise DivergedError(found.problem, expected=found.expected, fix=found.fix)
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} in epoch {len(history.epoch)}.",
            expected="a finite number in every epoch.",
            fix="lower the learning rate, for example "
            f"--learning-rate {(settings.learning_rate or 0.0) / 10:g}.",
        )


def finished(model: Model, settings: Settings, facts: DataFacts) -> Model:
    """The trained model in float32, which every machine computes with, and quickly.

    Args:
        model: Trained.
        settings: What it was made with.
        facts: Likewise.
    """
    if settings.precision == "float32" or own_models.is_own(settings.model or ""):
        return model
    sizing = replace(_sizing(settings), precision="float32")
    names.clear()  # the copy is what is saved, and its layers count from the first on
    copy = presets.build(settings.model or "", facts, sizing)
    with torch.no_grad():
        for new, old in zip(_tensors(copy), _tensors(model), strict=True):
            new.copy_(old)
    copy.__dict__["input_ranges"] = model.__dict__.get("input_ranges")
    _compile(copy, settings, facts)
    return copy


def _tensors(model: Model) -> list[torch.Tensor]:
    return [*model.parameters(), *model.buffers()]


def test(model: Model, history: History, dataset: Dataset) -> Tested:
    """Asks a trained model the last question.

    Args:
        model: Trained.
        history: What happened while it was.
        dataset: The divided data set.
    """
    part = dataset.test
    results: dict[str, Any] = dict(
        model.evaluate(part.x, part.y, batch_size=_AT_ONCE, verbose=0, return_dict=True)
    )
    return Tested(model, history, {"validation": _of_validation(history), "test": results})


def _of_validation(history: History) -> dict[str, float]:
    return {
        name.removeprefix("val_"): values[-1]
        for name, values in history.history.items()
        if name.startswith("val_") and values
    }


def speed_of(history: History) -> dict[str, Any]:
    """How fast a run was, as its record says it."""
    speed = history.speed
    return {
        "tier": history.tier,
        "refusals": [refusal.problem for refusal in history.refusals],
        "examples_per_second": None if speed is None else round(speed.examples_per_second, 1),
        "threads": None if speed is None else speed.threads,
        "verdict": None if speed is None else speed.verdict,
    }

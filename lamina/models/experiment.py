"""One run from a data set to a tested model in a run folder.

What it leaves to others: the models (presets), the loop (train), the files (run_folder, saving).
"""

import math
import os
import platform
import shlex
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lamina.core import checks, devices, randomness
from lamina.core.errors import LaminaError
from lamina.data import Arrays, catalog, to_arrays, train_validation_split
from lamina.data.catalog import Description, PublicDataset
from lamina.data.fingerprint import fingerprint
from lamina.models import presets
from lamina.models.presets import DataFacts
from lamina.models.sequential import Sequential
from lamina.optimizers import Adam
from lamina.optimizers.schedules import CosineDecay
from lamina.train import run_folder
from lamina.train.callbacks import Callback
from lamina.train.callbacks.scalars import scalar
from lamina.train.history import History
from lamina.train.run_folder import HistoryLog, RunFolder
from lamina.version import VERSION

VALIDATION_SHARE = 0.1
RUNS = Path("runs")

Say = Callable[[str], Any]
"""Is told each line that a person should read."""


class DivergedError(LaminaError, ArithmeticError):
    """The loss of a run is no longer a finite number."""


@dataclass(frozen=True)
class Settings:
    """What a run is asked for; what is `None` is chosen by the data and the model.

    Args:
        dataset: Name in the catalogue.
        model: Name of a preset.
        epochs: Times each example is seen.
        batch_size: Examples in a training step.
        learning_rate: Step size of the first update; it falls to 0 along a cosine.
        seed: Seed of the weights, the validation part, the order and the noise.
        out: Folder of the run; the next free one below `runs` when `None`.
    """

    dataset: str
    model: str = "mlp"
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int = 1
    out: Path | None = None


def carry_out(settings: Settings, *, say: Say) -> Path:
    """Loads the data, trains and tests a model, and leaves everything in a run folder.

    Args:
        settings: What is asked for.
        say: Is told what happens, line by line.

    Returns:
        The run folder: run.json, history.jsonl, model.lamina.

    Raises:
        ArgumentError: A setting is not possible.
        DivergedError: The loss became NaN or infinite.
        LoadError: A file of the data set is damaged.
        StorageError: The data set cannot be had, or the folder not be written.
    """
    check(settings)
    dataset = catalog.load(settings.dataset)
    parts = divide(dataset, settings.seed)
    facts = facts_of(dataset.description, parts.train)
    settings = completed(settings, facts)
    randomness.set_seed(settings.seed)
    model = presets.build(settings.model, facts)
    folder = _make_folder(settings, dataset.description)
    folder.note(
        command=command(settings, folder.path),
        settings=asdict(settings),
        data=_described(dataset, parts),
        model={"name": settings.model, "parameters": model.count_params()},
        machine=_machine(),
        versions=_versions(),
    )
    _introduce(dataset.description, parts, model, say)
    try:
        _train_and_test(settings, model, parts, folder, say)
    except LaminaError as error:
        status = "diverged" if isinstance(error, DivergedError) else "failed"
        folder.end(status, problem=error.problem)
        raise
    except (KeyboardInterrupt, SystemExit):
        folder.end("interrupted")
        say(f"interrupted; what was done so far is in {folder.path}")
        raise
    return folder.path


# -- what is asked for -----------------------------------------------------------------------


def check(settings: Settings) -> None:
    """Passes when every setting is possible, before anything is loaded.

    Raises:
        ArgumentError: One is not; the message names it.
    """
    catalog.describe(settings.dataset)
    presets.recipe(settings.model)
    checks.whole("train", "seed", settings.seed, high=2**32 - 1)
    for name in ("epochs", "batch_size"):
        if getattr(settings, name) is not None:
            checks.positive_int("train", name, getattr(settings, name))
    if settings.learning_rate is not None:
        checks.number(
            "train", "learning_rate", settings.learning_rate, low=0.0, open_low=True, example=0.001
        )


def completed(settings: Settings, facts: DataFacts) -> Settings:
    """The settings with the model's recipe in the place of what was left open."""
    recipe = presets.recipe(settings.model)
    batch_size = settings.batch_size or recipe.batch_size_for(facts.num_examples)
    return replace(
        settings,
        dataset=facts.name,
        epochs=settings.epochs or recipe.epochs_for(facts.num_examples, batch_size),
        batch_size=batch_size,
        learning_rate=settings.learning_rate or recipe.learning_rate,
    )


def command(settings: Settings, folder: Path) -> str:
    """The shell command that repeats a run, its results included, in another folder."""
    words = ["lamina", "train", settings.dataset, "--model", settings.model]
    for name in ("epochs", "batch_size", "learning_rate", "seed"):
        words += [f"--{name.replace('_', '-')}", str(getattr(settings, name))]
    return shlex.join([*words, "--out", f"{folder}-again"])


# -- data ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """The examples of a run: trained on, watched while it trains, and kept for the test."""

    train: Arrays
    validation: Arrays
    test: Arrays


def divide(dataset: PublicDataset, seed: int) -> Parts:
    """Keeps a share of the training part for validation, all classes in proportion.

    Args:
        dataset: A loaded data set.
        seed: The same seed keeps the same examples.
    """
    arrays, test = (_as_columns(to_arrays(*part), dataset.task) for part in dataset)
    kept, held_out = train_validation_split(arrays, VALIDATION_SHARE, seed=seed)
    return Parts(
        train=Arrays(arrays.x[kept], arrays.y[kept]),
        validation=Arrays(arrays.x[held_out], arrays.y[held_out]),
        test=test,
    )


def _as_columns(arrays: Arrays, task: str) -> Arrays:
    """Labels that are numbers become a column, as the outputs of a regression are."""
    if task == "classification":
        return arrays
    return Arrays(arrays.x, arrays.y.reshape(arrays.num_examples, -1))


def facts_of(description: Description, train: Arrays) -> DataFacts:
    """What a preset needs to know, learned from the training part alone."""
    is_regression = description.task == "regression"
    y = train.y.double()
    return DataFacts(
        name=description.name.replace("_", "-"),
        input_shape=description.input_shape,
        num_examples=train.num_examples,
        num_classes=description.num_classes,
        value_range=description.value_range,
        label_mean=float(y.mean()) if is_regression else 0.0,
        label_deviation=float(y.std(correction=0)) or 1.0 if is_regression else 1.0,
    )


def _described(dataset: PublicDataset, parts: Parts) -> dict[str, Any]:
    description = dataset.description
    return {
        "name": description.name,
        "title": description.title,
        "task": description.task,
        "input_shape": description.input_shape,
        "class_names": description.class_names,
        "num_train": parts.train.num_examples,
        "num_validation": parts.validation.num_examples,
        "num_test": parts.test.num_examples,
        "fingerprint": fingerprint(map(np.asarray, (*dataset.train, *dataset.test))),
    }


# -- training and testing --------------------------------------------------------------------


def _train_and_test(
    settings: Settings, model: Sequential, parts: Parts, folder: RunFolder, say: Say
) -> None:
    started = time.perf_counter()
    is_regression = folder.facts["data"]["task"] == "regression"
    _compile(model, settings, parts.train.num_examples, is_regression)
    callbacks: list[Callback] = [HistoryLog(folder.history_path), _StopWhenLost()]
    history = model.fit(
        parts.train.x,
        parts.train.y,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=(parts.validation.x, parts.validation.y),
        validation_batch_size=1_000,
        callbacks=callbacks,
    )
    _check_finite(history, settings)
    results = model.evaluate(
        parts.test.x, parts.test.y, batch_size=1_000, verbose=0, return_dict=True
    )
    model.save(folder.model_path)
    seconds = time.perf_counter() - started
    folder.end(
        "finished",
        results={"validation": _last(history, "val_"), "test": results},
        seconds=round(seconds, 3),
        speed=_speed(history),
    )
    _conclude(results, is_regression, seconds, folder, say)


class _StopWhenLost(Callback):
    """Ends training after an epoch whose loss is not finite, at no cost a batch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = scalar((logs or {}).get("loss"))
        self.model.stop_training = loss is not None and not math.isfinite(loss)


def _compile(model: Sequential, settings: Settings, num_examples: int, is_regression: bool) -> None:
    updates = settings.epochs * -(-num_examples // settings.batch_size)
    model.compile(
        optimizer=Adam(CosineDecay(settings.learning_rate, updates)),
        loss="mse" if is_regression else "sparse_categorical_crossentropy",
        metrics=["mae", "r2_score"] if is_regression else ["accuracy"],
    )


def _check_finite(history: History, settings: Settings) -> None:
    losses = history.history.get("loss", [])
    if not losses or not math.isfinite(losses[-1]):
        raise DivergedError(
            f"the loss became {losses[-1] if losses else 'nothing'} in epoch {len(losses)}.",
            expected="a finite number in every epoch.",
            fix=f"lower the learning rate, for example --learning-rate "
            f"{settings.learning_rate / 10:g}.",
        )


def _last(history: History, prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): values[-1]
        for name, values in history.history.items()
        if name.startswith(prefix)
    }


# -- what is written down, and said ----------------------------------------------------------


def _make_folder(settings: Settings, description: Description) -> RunFolder:
    if settings.out is not None:
        return run_folder.create(settings.out)
    return run_folder.create_next(RUNS, f"{settings.dataset}-{settings.model}")


def _machine() -> dict[str, Any]:
    return {
        "device": str(devices.default()),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "platform": platform.platform(),
    }


def _versions() -> dict[str, str]:
    return {
        "lamina": VERSION,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def _speed(history: History) -> dict[str, Any]:
    return {
        **(asdict(history.speed) if history.speed else {}),
        "tier": history.tier,
        "refusals": [refusal.problem for refusal in history.refusals],
    }


def _introduce(description: Description, parts: Parts, model: Sequential, say: Say) -> None:
    shape = "x".join(map(str, description.input_shape))
    kind = f"{description.num_classes} classes" if description.num_classes else "a number"
    say(
        f"data    {description.title}: {parts.train.num_examples:,} to train on, "
        f"{parts.validation.num_examples:,} to watch, {parts.test.num_examples:,} to test on; "
        f"{shape} to {kind}"
    )
    say(f"model   {model.name}, {model.count_params():,} parameters")
    say(f"device  {devices.describe(devices.default())}")


def _conclude(
    results: dict[str, float], is_regression: bool, seconds: float, folder: RunFolder, say: Say
) -> None:
    say(f"trained and tested in {seconds:.1f} s")
    if is_regression:
        say(f"test R2        {results['r2_score']:.4f}")
        say(f"test MAE       {results['mae']:.4g}")
    else:
        say(f"test accuracy  {results['accuracy']:.4f}")
    say(f"run folder     {folder.path}")

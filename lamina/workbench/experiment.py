"""One run from a data set to a tested model in a run folder.

What it leaves to others: the models (presets), the loop (train), the files (run_folder, saving).
"""

import math
import shlex
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lamina.core import checks, randomness
from lamina.core.errors import LaminaError
from lamina.data import catalog
from lamina.data.catalog import Description
from lamina.models.sequential import Sequential
from lamina.optimizers import Adam
from lamina.optimizers.schedules import CosineDecay
from lamina.train import circumstances, run_folder
from lamina.train.callbacks import Callback
from lamina.train.callbacks.scalars import scalar
from lamina.train.history import History
from lamina.train.run_folder import HistoryLog, RunFolder
from lamina.workbench import presets
from lamina.workbench.parts import Parts, described, divide, facts_of

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


@dataclass(frozen=True)
class Pace:
    """How long and how fast a run trains, with nothing left open."""

    epochs: int
    batch_size: int
    learning_rate: float


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
    pace = choose_pace(settings, facts.num_examples)
    randomness.set_seed(settings.seed)
    model = presets.build(settings.model, facts)
    folder = _make_folder(settings, facts.name)
    folder.note(
        command=_command(settings, facts.name, pace, folder.path),
        settings={**asdict(settings), **asdict(pace), "out": folder.path},
        data=described(dataset, parts),
        model={"name": settings.model, "parameters": model.count_params()},
        machine=circumstances.machine(),
        versions=circumstances.versions(),
    )
    _introduce(dataset.description, parts, model, say)
    try:
        _train_and_test(pace, model, parts, folder, say)
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


def choose_pace(settings: Settings, num_examples: int) -> Pace:
    """What the settings ask for, with the model's recipe in the place of what they left open.

    Args:
        settings: What is asked for.
        num_examples: Examples in the training part.
    """
    recipe = presets.recipe(settings.model)
    batch_size = settings.batch_size or recipe.batch_size_for(num_examples)
    return Pace(
        epochs=settings.epochs or recipe.epochs_for(num_examples, batch_size),
        batch_size=batch_size,
        learning_rate=settings.learning_rate or recipe.learning_rate,
    )


def _command(settings: Settings, dataset: str, pace: Pace, folder: Path) -> str:
    """The shell command that repeats a run, its results included, in another folder."""
    words = ["lamina", "train", dataset, "--model", settings.model, "--seed", str(settings.seed)]
    for name, value in asdict(pace).items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join([*words, "--out", f"{folder}-again"])


def _make_folder(settings: Settings, dataset: str) -> RunFolder:
    if settings.out is not None:
        return run_folder.create(settings.out)
    return run_folder.create_next(RUNS, f"{dataset}-{settings.model}")


# -- training and testing --------------------------------------------------------------------


def _train_and_test(
    pace: Pace, model: Sequential, parts: Parts, folder: RunFolder, say: Say
) -> None:
    started = time.perf_counter()
    is_regression = folder.facts["data"]["task"] == "regression"
    _compile(model, pace, parts.train.num_examples, is_regression)
    history = model.fit(
        parts.train.x,
        parts.train.y,
        batch_size=pace.batch_size,
        epochs=pace.epochs,
        validation_data=(parts.validation.x, parts.validation.y),
        validation_batch_size=1_000,
        callbacks=[HistoryLog(folder.history_path), _StopWhenLost()],
    )
    _check_finite(history, pace)
    results = model.evaluate(
        parts.test.x, parts.test.y, batch_size=1_000, verbose=0, return_dict=True
    )
    model.save(folder.model_path)
    seconds = time.perf_counter() - started
    folder.end(
        "finished",
        results={"validation": _of_validation(history), "test": results},
        seconds=round(seconds, 3),
        speed=_speed(history),
    )
    _conclude(results, is_regression, seconds, folder, say)


class _StopWhenLost(Callback):
    """Ends training after an epoch whose loss is not finite, at no cost a batch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = scalar((logs or {}).get("loss"))
        if loss is not None and not math.isfinite(loss):
            self.model.stop_training = True


def _compile(model: Sequential, pace: Pace, num_examples: int, is_regression: bool) -> None:
    updates = pace.epochs * -(-num_examples // pace.batch_size)
    model.compile(
        optimizer=Adam(CosineDecay(pace.learning_rate, updates)),
        loss="mse" if is_regression else "sparse_categorical_crossentropy",
        metrics=["mae", "r2_score"] if is_regression else ["accuracy"],
    )


def _check_finite(history: History, pace: Pace) -> None:
    loss = history.history["loss"][-1]
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} in epoch {len(history.epoch)}.",
            expected="a finite number in every epoch.",
            fix="lower the learning rate, for example "
            f"--learning-rate {pace.learning_rate / 10:g}.",
        )


def _of_validation(history: History) -> dict[str, float]:
    return {
        name.removeprefix("val_"): values[-1]
        for name, values in history.history.items()
        if name.startswith("val_")
    }


def _speed(history: History) -> dict[str, Any]:
    speed = history.speed
    return {
        "tier": history.tier,
        "refusals": [refusal.problem for refusal in history.refusals],
        "examples_per_second": None if speed is None else round(speed.examples_per_second, 1),
        "threads": None if speed is None else speed.threads,
    }


# -- what is said ----------------------------------------------------------------------------


def _introduce(description: Description, parts: Parts, model: Sequential, say: Say) -> None:
    shape = "x".join(map(str, description.input_shape))
    wanted = f"{description.num_classes} classes" if description.num_classes else "one number"
    say(f"data    {description.title}: examples of {shape}, {wanted}")
    say(
        f"        {parts.train.num_examples:,} for training, "
        f"{parts.validation.num_examples:,} for validation, "
        f"{parts.test.num_examples:,} for the test"
    )
    say(f"model   {model.name}, {model.count_params():,} parameters")


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

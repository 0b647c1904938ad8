"""ModelCheckpoint: saves the model while it trains."""

import os
from pathlib import Path
from typing import Any, Literal

from lamina.core import checks, kinds
from lamina.core.errors import ArgumentError, StorageError
from lamina.core.names import shown, shown_path
from lamina.files import atomic
from lamina.train.callbacks.batch_frequency import BatchFrequency
from lamina.train.callbacks.monitor import MonitorCallback, optional_number, verbosity
from lamina.train.callbacks.path_pattern import PathPattern
from lamina.train.printing import say

MODEL_ENDINGS = (".lamina",)
WEIGHTS_ENDINGS = (".safetensors",)


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after each epoch or every so many batches.

    Args:
        filepath: File to write, ending in .lamina, or in .weights.safetensors for weights
            alone. Places such as {epoch:02d}, {batch} and {val_loss:.2f} are filled in; the
            first epoch is 1 there. A missing folder is made.
        monitor: Name of the number that says which model is best.
        verbose: 1 to say what is saved and why.
        save_best_only: Whether a model is saved only when the number improved.
        save_weights_only: Whether weights alone are saved.
        mode: "min" where less is better, "max" where more is, "auto" to tell from the name.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: First value to be improved on.

    Raises:
        ArgumentError: An argument has no possible value, or the run has no such number.
        ArgumentTypeError: `monitor` is no text.
        StorageError: The folder of the file cannot be made.

    Example:
        >>> ModelCheckpoint("best-{epoch:02d}.lamina", save_best_only=True).monitor
        'val_loss'
    """

    def __init__(
        self,
        filepath: str | os.PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Literal["auto", "min", "max"] = "auto",
        save_freq: int | Literal["epoch"] = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        self.best = optional_number(self, "initial_value_threshold", initial_value_threshold)
        self.verbose = verbosity(self, verbose)
        self.save_best_only = checks.boolean(self, "save_best_only", save_best_only)
        self.save_weights_only = checks.boolean(self, "save_weights_only", save_weights_only)
        path = kinds.path(self, "filepath", filepath, "best.lamina")
        self.filepath = _checked_ending(path, self.save_weights_only)
        self.save_freq = checked_frequency(self, save_freq)
        self._pattern = PathPattern(self.filepath)
        self._epoch = 0
        if self.save_freq != "epoch":
            self._frequency = BatchFrequency(self.save_freq)
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # else free

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Checks that the numbers will be there, and makes the folder."""
        folder = str(Path(self.filepath).parent)
        if "{" not in folder:
            _make_folder(self.filepath)
            atomic.remove_litter(folder, self._pattern.names())
        if self.save_freq != "epoch":
            return
        if self.save_best_only:
            self.check_monitor()
        if self.params.get("metrics") is not None and not self.params.get("adds_logs"):
            rates = {name for name in self._pattern.fields if name.startswith("learning_rate")}
            self._pattern.check(["epoch", *self.params["metrics"], *rates])

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Remembers the epoch for saves between batches."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves, where epochs are counted."""
        if self.save_freq == "epoch":
            self._save(epoch, {"epoch": epoch + 1}, logs or {})

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._frequency.is_due(batch):
            self._save(self._epoch, {"epoch": self._epoch + 1, "batch": batch + 1}, logs or {})

    def _save(self, epoch: int, places: dict[str, Any], logs: dict[str, Any]) -> None:
        if self.save_best_only and not self._is_best(epoch, logs):
            return
        path = self._pattern.fill({**places, **logs})
        _make_folder(path)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        if self.verbose:
            say(f"epoch {epoch + 1}: saved {path}")

    def _is_best(self, epoch: int, logs: dict[str, Any]) -> bool:
        value = self.get_monitor_value(logs)
        if value is None:
            # As in Keras a number that never comes keeps nothing from being saved. One that comes
            # at some epochs only must not let the others overwrite the best model.
            return self.monitor not in (self.params.get("metrics") or ())
        is_best = self._is_improvement(value, self.best)
        if self.verbose:
            word = "improved from" if is_best else "did not improve from"
            best = "nothing" if self.best is None else f"{self.best:.5f}"
            reached = f" to {value:.5f}" if is_best else f": {value:.5f}"
            say(f"epoch {epoch + 1}: {self.monitor} {word} {best}{reached}")
        if is_best:
            self.best = value
        return is_best

    def state(self) -> dict[str, Any]:
        """The best value, and batches since the last save."""
        batches = None if self.save_freq == "epoch" else self._frequency.state()
        return {"best": self.best, "batches": batches}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on from here."""
        self.best = state["best"]
        if state["batches"] is not None and self.save_freq != "epoch":
            self._frequency.load_state(state["batches"])


def checked_frequency(owner: object, value: Any) -> Any:
    """Accepts "epoch" or a number of batches."""
    if (isinstance(value, str) and value == "epoch") or (checks.is_whole(value) and value >= 1):
        return value
    raise checks.refuse(
        owner,
        "save_freq",
        value,
        expected="'epoch', or a whole number of batches of at least 1.",
        fix="pass save_freq='epoch'.",
    )


def _checked_ending(path: str, weights_only: bool) -> str:
    endings = WEIGHTS_ENDINGS if weights_only else MODEL_ENDINGS
    if path.endswith(endings):
        return path
    for foreign in (".weights.h5", ".keras", ".h5", ".hdf5", *WEIGHTS_ENDINGS, *MODEL_ENDINGS):
        stem = path.removesuffix(foreign)
        if stem != path:
            break
    what = "weights alone" if weights_only else "a whole model"
    wanted = ".weights.safetensors" if weights_only else ".lamina"
    raise ArgumentError(
        f"ModelCheckpoint(filepath={shown(path)}) is not possible.",
        expected=f"a file name that ends in {wanted}, for {what}.",
        fix=f"pass filepath={stem.removesuffix('.weights') + wanted!r}.",
    )


def _make_folder(path: str) -> None:
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"folder {shown_path(folder)} cannot be made: {error.strerror}.",
            expected="a place where this user may make folders.",
            fix="make the folder first, or choose another one.",
        ) from error

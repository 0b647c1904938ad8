"""EarlyStopping: ends a run that no longer improves."""

import math
from typing import Any, Literal

from torch import Tensor

from lamina.core import checks
from lamina.train.callbacks import kept_weights
from lamina.train.callbacks.monitor import MonitorCallback, optional_number, verbosity
from lamina.train.printing import say


class EarlyStopping(MonitorCallback):
    """Stops the run when a number of the logs has not improved for some epochs.

    Args:
        monitor: Name of the number.
        min_delta: Smallest change that counts as an improvement.
        patience: Epochs without improvement after which the run ends; 0 for the first one.
        verbose: 1 to say when and why the run ended.
        mode: "min" where less is better, "max" where more is, "auto" to tell from the name.
        baseline: Value that must be beaten before the patience starts again.
        restore_best_weights: Whether the weights of the best epoch are put back at the end, also
            where the run ended by itself.
        start_from_epoch: Epochs at the beginning that are not watched.

    Raises:
        ArgumentError: An argument has no possible value, or the run has no such number.
        ArgumentTypeError: `monitor` is no text.

    Example:
        >>> EarlyStopping("val_loss", patience=3, restore_best_weights=True).patience
        3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = checks.whole(self, "patience", patience)
        self.verbose = verbosity(self, verbose)
        self.baseline = optional_number(self, "baseline", baseline)
        self.restore_best_weights = checks.boolean(
            self, "restore_best_weights", restore_best_weights
        )
        self.start_from_epoch = checks.whole(self, "start_from_epoch", start_from_epoch)
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: dict[str, Tensor] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets an earlier run and checks that the number will be there."""
        self._reset()
        self.check_monitor()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compares with the best epoch so far."""
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None and not math.isnan(current):
            self._keep(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = kept_weights.copied(self.model)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the best weights back, if asked for."""
        if self.stopped_epoch > 0 and self.verbose:
            best = "none" if self.best is None else f"{self.best:.4f}"
            say(
                f"epoch {self.stopped_epoch + 1}: stopped early; best {self.monitor} {best} in "
                f"epoch {self.best_epoch + 1}"
            )
        if self.best_weights is not None:
            kept_weights.put_back(self.model, self.best_weights)
            if self.verbose:
                say(f"weights of epoch {self.best_epoch + 1} restored")

    def state(self) -> dict[str, Any]:
        """Counters and the best value; the best weights as tensors."""
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "tensors": kept_weights.numbered(self.best_weights or {}),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on watching from here."""
        self.wait, self.stopped_epoch = state["wait"], state["stopped_epoch"]
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.best_weights = kept_weights.renamed(self.model, state["tensors"]) or None

"""ReduceLROnPlateau: takes smaller steps when a run no longer improves."""

from typing import Any, Literal

import numpy as np

from lamina.core import checks, configured, names
from lamina.core.errors import ArgumentError
from lamina.train.callbacks import learning_rates
from lamina.train.callbacks.monitor import MonitorCallback, verbosity
from lamina.train.printing import say


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by a factor when a number has not improved for some epochs.

    The learning rate of each epoch is added to its logs.

    Args:
        monitor: Name of the number.
        factor: What the learning rate is multiplied by, between 0 and 1.
        patience: Epochs without improvement after which it is reduced.
        verbose: 1 to say so.
        mode: "min" where less is better, "max" where more is, "auto" to tell from the name.
        min_delta: Smallest change that counts as an improvement.
        cooldown: Epochs after a reduction in which none is counted.
        min_lr: Learning rate below which it is not reduced.

    Raises:
        ArgumentError: An argument is unknown or has no possible value, or the run has no such
            number.
        ArgumentTypeError: `monitor` is no text.
        StateError: A schedule decides the learning rate.

    Example:
        >>> ReduceLROnPlateau(factor=0.5, patience=2).factor
        0.5
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **old: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        _refuse_unknown(old)
        self.factor = checks.number(
            self, "factor", factor, low=0.0, high=1.0, open_low=True, open_high=True
        )
        self.patience = checks.whole(self, "patience", patience)
        self.verbose = verbosity(self, verbose)
        self.cooldown = checks.whole(self, "cooldown", cooldown)
        self.min_lr = checks.number(self, "min_lr", min_lr, low=0.0, example=1e-6)
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets an earlier run and checks that it can do its work."""
        self._reset()
        self.check_monitor()
        learning_rates.refuse_schedules(self, self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compares with the best epoch so far."""
        learning_rates.add_to_logs(self.model, logs)
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        """Reduces every learning rate that may still be reduced; says whether there was one."""
        reduced = False
        for name, optimizer in learning_rates.optimizers_of(self.model):
            old = float(optimizer.learning_rate)
            if old > np.float32(self.min_lr):
                new = max(old * self.factor, self.min_lr)
                optimizer.learning_rate = new
                reduced = True
                if self.verbose:
                    say(f"epoch {epoch + 1}: {name} reduced from {old:.4g} to {new:.4g}")
        return reduced

    def in_cooldown(self) -> bool:
        """Whether epochs are not counted at present."""
        return self.cooldown_counter > 0

    def state(self) -> dict[str, Any]:
        """Counters and the best value; the learning rate belongs to the optimizer."""
        return {"wait": self.wait, "best": self.best, "cooldown_counter": self.cooldown_counter}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on watching from here."""
        self.wait, self.best = state["wait"], state["best"]
        self.cooldown_counter = state["cooldown_counter"]


def _refuse_unknown(old: dict[str, Any]) -> None:
    if not old:
        return
    word = next(iter(old))
    known = configured.argument_names(ReduceLROnPlateau)
    fix = "pass it as min_delta." if word == "epsilon" else names.suggestion(word, known)
    raise ArgumentError(
        f"ReduceLROnPlateau has no argument {word!r}.",
        expected=f"arguments among {', '.join(known)}.",
        fix=fix,
    )

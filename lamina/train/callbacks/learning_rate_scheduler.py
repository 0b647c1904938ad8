"""LearningRateScheduler: a function decides the learning rate of each epoch."""

import inspect
from collections.abc import Callable
from typing import Any

from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown
from lamina.train.callbacks import learning_rates
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.monitor import verbosity
from lamina.train.callbacks.scalars import scalar
from lamina.train.printing import say


class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of each epoch to what a function returns.

    The learning rate of each epoch is added to its logs.

    Args:
        schedule: A function of the epoch, the first being 0, and the present learning rate; or
            of the epoch alone. It returns the new learning rate.
        verbose: 1 to say so.

    Raises:
        ArgumentTypeError: `schedule` is no function, or does not return a number.
        StateError: The optimizer has a schedule of its own.

    Example:
        >>> halving = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    """

    def __init__(
        self,
        schedule: Callable[[int, float], float] | Callable[[int], float],
        verbose: int = 0,
    ) -> None:
        super().__init__()
        if not callable(schedule):
            raise ArgumentTypeError(
                f"LearningRateScheduler(schedule={shown(schedule)}) is not possible.",
                expected="a function of the epoch and the present learning rate.",
                fix="pass for example schedule=lambda epoch, rate: rate * 0.9.",
            )
        self.schedule = schedule
        self.verbose = verbosity(self, verbose)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Checks that the learning rate may be set."""
        learning_rates.refuse_schedules(self, self.model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sets the learning rate."""
        for name, optimizer in learning_rates.optimizers_of(self.model):
            rate = self._rate(epoch, float(optimizer.learning_rate))
            optimizer.learning_rate = rate
            if self.verbose:
                say(f"epoch {epoch + 1}: {name} set to {rate:.4g}")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds the learning rate to the logs."""
        learning_rates.add_to_logs(self.model, logs)

    def _rate(self, epoch: int, present: float) -> float:
        arguments = (epoch, present) if _takes_two(self.schedule) else (epoch,)
        returned = self.schedule(*arguments)
        rate = scalar(returned)
        if rate is not None:
            return rate
        raise ArgumentTypeError(
            f"the schedule of LearningRateScheduler returned {shown(returned)} for epoch {epoch}.",
            expected="a number.",
            fix="let the function return the learning rate in every case.",
        )


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a function without a signature, written in C
        return True
    return True

"""TerminateOnNaN: ends a run whose loss is no longer a finite number."""

import math
from typing import Any

from lamina.core import checks
from lamina.core.errors import StateError
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.scalars import scalar
from lamina.train.printing import say


class TerminateOnNaN(Callback):
    """Stops the run at the first batch after which the loss is NaN or infinite.

    Looking at the loss of every batch waits for the device and so costs speed.

    Args:
        raise_error: Whether an error ends the run at once, without `on_train_end`.

    Raises:
        ArgumentError: `raise_error` is not True or False.
        StateError: The loss is not finite and `raise_error` is true.

    Example:
        >>> TerminateOnNaN().raise_error
        False
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = checks.boolean(self, "raise_error", raise_error)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = scalar((logs or {}).get("loss"))
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise StateError(
                f"the loss is {loss} after batch {batch}.",
                expected="a finite number.",
                fix="lower the learning rate, or look for values that are far too large in x.",
            )
        say(f"batch {batch}: the loss is {loss}; training ends")
        self.model.stop_training = True

"""SwapEMAWeights: evaluates with the moving averages of the weights."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import StateError
from lamina.train.callbacks.base import Callback


class SwapEMAWeights(Callback):
    """Exchanges weights and their moving averages around evaluation and prediction.

    Needs an optimizer with `use_ema=True`. Averages and weights change places in memory, so no
    copy stays.

    Args:
        swap_on_epoch: Whether the averages also stand in the model from the end of an epoch to
            the beginning of the next, so that callbacks after this one save them.

    Raises:
        ArgumentError: `swap_on_epoch` is not True or False.
        StateError: The optimizer keeps no averages.

    Reference:
        Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM
        Journal on Control and Optimization 30(4), 1992.

    Example:
        >>> SwapEMAWeights().swap_on_epoch
        False
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = checks.boolean(self, "swap_on_epoch", swap_on_epoch)
        self._is_swapped = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Checks that there will be averages."""
        self._is_swapped = False
        self._averaging()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        if self.swap_on_epoch:
            self._put_weights()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model, if asked for."""
        if self.swap_on_epoch:
            self._put_averages()
            if self.model.stop_training or epoch + 1 == self.params.get("epochs"):
                self._settle()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leaves the averages in the model, if they stand there."""
        self._settle()

    def _settle(self) -> None:
        """Ends with the averages in both places, so that finalize_variable_values keeps them."""
        if self._is_swapped:
            with torch.no_grad():
                for weight, average in self._pairs():
                    average.copy_(weight)
            self._is_swapped = False

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model."""
        self._put_averages()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._put_weights()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model."""
        self._put_averages()

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._put_weights()

    def state(self) -> dict[str, Any]:
        """Whether averages and weights have changed places."""
        return {"is_swapped": self._is_swapped}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on from here; the weights themselves are restored by the run."""
        self._is_swapped = state["is_swapped"]

    def _put_averages(self) -> None:
        if not self._is_swapped:
            self._is_swapped = self._swap()

    def _put_weights(self) -> None:
        if self._is_swapped:
            self._swap()
            self._is_swapped = False

    def _swap(self) -> bool:
        """Exchanges all pairs; says whether there were any."""
        pairs = list(self._pairs())
        with torch.no_grad():
            for weight, average in pairs:
                kept = weight.clone()
                weight.copy_(average)
                average.copy_(kept)
        return bool(pairs)

    def _pairs(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Weights with their averages; none before the first update, when averages are 0."""
        for optimizer in self._averaging():
            if optimizer.built and optimizer.iterations > 0:
                memory = optimizer.memory()
                averages = (slots["average"] for slots in memory.slots)
                yield from zip(memory.weights, averages, strict=True)

    def _averaging(self) -> list[Any]:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        several = getattr(optimizer, "optimizers", None) or [optimizer]
        averaging = [one for one in several if one.use_ema]
        if not averaging:
            raise StateError(
                f"SwapEMAWeights finds no moving averages in optimizer {optimizer.name!r}.",
                expected="an optimizer made with use_ema=True.",
                fix=f"pass optimizer=keras.optimizers.{type(several[0]).__name__}(use_ema=True) "
                "to compile().",
            )
        return averaging

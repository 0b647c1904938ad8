"""SGD: steps against the gradient, with or without momentum."""

from collections.abc import Mapping
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings


class SGD(Optimizer):
    """Steps against the gradient, with or without momentum.

    w -= learning_rate * g; with momentum v = momentum * v - learning_rate * g and w += v, with
    `nesterov` w += momentum * v - learning_rate * g. Choose it with a schedule for long runs on
    images; `Adam` needs less care.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        momentum: Share of the last step kept in the next one, 0 to 1.
        nesterov: Whether the gradient is taken to act after the momentum.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: `momentum` lies outside 0 to 1.

    Reference:
        Sutskever et al., "On the importance of initialization and momentum in deep learning",
        ICML 2013.

    Example:
        >>> SGD(0.1, momentum=0.9).momentum
        0.9
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.momentum = checks.number(self, "momentum", momentum, low=0.0, high=1.0, example=0.9)
        self.nesterov = checks.boolean(self, "nesterov", nesterov)

    def own_slots(self, weight: Tensor) -> Slots:
        """The velocity, where there is momentum."""
        return {"momentum": torch.zeros_like(weight)} if self.momentum else {}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and velocity in place."""
        rate = coefficients["learning_rate"]
        if not self.momentum:
            weight.addcmul_(gradient, rate, value=-1)
            return
        velocity = slots["momentum"].mul_(self.momentum).addcmul_(gradient, rate, value=-1)
        if self.nesterov:
            weight.add_(velocity, alpha=self.momentum).addcmul_(gradient, rate, value=-1)
        else:
            weight.add_(velocity)

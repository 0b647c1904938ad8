"""ScheduleFreeAdamW: averages of the weights take the place of a schedule."""

from collections.abc import Mapping
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings


class ScheduleFreeAdamW(Optimizer):
    """Trains a mixture of fast weights and their mean, so that no schedule is needed.

    At update t, with the fast weights z, v as in `Adam` and x = (w - (1 - beta_1) * z) / beta_1:
    z -= learning_rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon), x += (z - x) / t and
    w = (1 - beta_1) * z + beta_1 * x.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: Share of the mean in the weights, above 0, below 1.
        beta_2: As in `Adam`.
        epsilon: Small constant in the denominator.
        warmup_steps: Updates over which the learning rate rises from 0.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Defazio et al., "The Road Less Scheduled", NeurIPS 2024.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.number(
            self, "beta_1", beta_1, low=0.0, high=1.0, open_low=True, open_high=True, example=0.9
        )
        self.beta_2 = checks.rate(self, "beta_2", beta_2)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-8)
        self.warmup_steps = checks.whole(self, "warmup_steps", warmup_steps)

    def own_slots(self, weight: Tensor) -> Slots:
        """The fast weights, which start where the weights are, and the mean of squares."""
        return {"fast": weight.detach().clone(), "velocity": torch.zeros_like(weight)}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """The risen rate, the correction of the squares and the share of the newest weights."""
        rise = (updates / self.warmup_steps).clamp(max=1.0) if self.warmup_steps else 1.0
        return {
            "fast_rate": learning_rate * rise,
            "velocity_correction": 1 / (1 - self.beta_2**updates),
            "newest_share": 1 / updates,
        }

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        fast = slots["fast"]
        mean = (weight - (1 - self.beta_1) * fast).div_(self.beta_1)
        velocity = slots["velocity"].mul_(self.beta_2)
        velocity.addcmul_(gradient, gradient, value=1 - self.beta_2)
        denominator = (velocity * coefficients["velocity_correction"]).sqrt_().add_(self.epsilon)
        fast.addcdiv_(gradient * coefficients["fast_rate"], denominator, value=-1)
        mean.lerp_(fast, coefficients["newest_share"])
        weight.copy_(mean.lerp_(fast, 1 - self.beta_1))

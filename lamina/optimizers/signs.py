"""Rules that shrink or sign what others scale: Lion and Ftrl."""

from collections.abc import Mapping
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings


class Lion(Optimizer):
    """Steps by the sign of a mean of gradients, so that every value moves equally far.

    w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * g), then
    m = beta_2 * m + (1 - beta_2) * g. Takes a learning rate 3 to 10 times below that of `Adam`.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: Share of the mean in the sign, above 0 up to 1.
        beta_2: Share of the old mean kept, 0 to 1.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range.

    Reference:
        Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.number(
            self, "beta_1", beta_1, low=0.0, high=1.0, open_low=True, example=0.9
        )
        self.beta_2 = checks.number(self, "beta_2", beta_2, low=0.0, high=1.0, example=0.99)

    def own_slots(self, weight: Tensor) -> Slots:
        """Mean of the gradient."""
        return {"momentum": torch.zeros_like(weight)}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        momentum = slots["momentum"]
        direction = (momentum * self.beta_1).add_(gradient, alpha=1 - self.beta_1).sign_()
        weight.addcmul_(direction, coefficients["learning_rate"], value=-1)
        momentum.mul_(self.beta_2).add_(gradient, alpha=1 - self.beta_2)


class Ftrl(Optimizer):
    """Follows the regularized leader: keeps weights of rare features at exactly 0.

    With p = -learning_rate_power, a' = a + g² and G = g + 2 * l2_shrinkage * w:
    z += G - (a'^p - a^p) / learning_rate * w, and
    w = (clip(z, -l1, l1) - z) / (a'^p / learning_rate + 2 * l2 + beta / learning_rate).

    Args:
        learning_rate: Step size, above 0, or a schedule.
        learning_rate_power: Power of the sum of squares, at most 0.
        initial_accumulator_value: Where the sum of squares starts, at least 0.
        l1_regularization_strength: Pull of small weights to 0, at least 0.
        l2_regularization_strength: Shrinking of weights, at least 0.
        l2_shrinkage_regularization_strength: Shrinking that acts on the gradient, at least 0.
        beta: Smoothing of the first steps.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A strength is negative or `learning_rate_power` is above 0.

    Reference:
        McMahan et al., "Ad Click Prediction: a View from the Trenches", KDD 2013.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.learning_rate_power = checks.number(
            self, "learning_rate_power", learning_rate_power, high=0.0, example=-0.5
        )
        self.initial_accumulator_value = checks.number(
            self, "initial_accumulator_value", initial_accumulator_value, low=0.0, example=0.1
        )
        self.l1_regularization_strength = checks.number(
            self, "l1_regularization_strength", l1_regularization_strength, low=0.0, example=0.0
        )
        self.l2_regularization_strength = checks.number(
            self, "l2_regularization_strength", l2_regularization_strength, low=0.0, example=0.0
        )
        self.l2_shrinkage_regularization_strength = checks.number(
            self,
            "l2_shrinkage_regularization_strength",
            l2_shrinkage_regularization_strength,
            low=0.0,
            example=0.0,
        )
        self.beta = checks.number(self, "beta", beta, low=0.0, example=0.0)

    def own_slots(self, weight: Tensor) -> Slots:
        """Sum of squares, and the linear part."""
        start = torch.full_like(weight, self.initial_accumulator_value)
        return {"accumulator": start, "linear": torch.zeros_like(weight)}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """What divides by the learning rate."""
        smoothing = 2 * self.l2_regularization_strength + self.beta / learning_rate
        return {"inverse_rate": 1 / learning_rate, "smoothing": smoothing}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        accumulator, linear = slots["accumulator"], slots["linear"]
        inverse_rate, power = coefficients["inverse_rate"], -self.learning_rate_power
        before = accumulator**power
        after = accumulator.addcmul_(gradient, gradient) ** power
        pull = gradient.add(weight, alpha=2 * self.l2_shrinkage_regularization_strength)
        linear.add_(pull.sub_((after - before).mul_(inverse_rate).mul_(weight)))
        clipped = linear.clamp(-self.l1_regularization_strength, self.l1_regularization_strength)
        quadratic = after.mul_(inverse_rate).add_(coefficients["smoothing"])
        weight.copy_(clipped.sub_(linear).div_(quadratic))

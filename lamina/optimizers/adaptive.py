"""Relatives of Adam, each elementwise: Adamax, Nadam, RMSprop, Adagrad, Adadelta."""

from collections.abc import Mapping
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings


class Adamax(Optimizer):
    """Scales each step by the largest recent gradient instead of the mean square.

    m as in `Adam`, u = max(beta_2 * u, |g|), and
    w -= learning_rate / (1 - beta_1^t) * m / (u + epsilon).

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: Share of the old mean of gradients kept, from 0 up to, not including, 1.
        beta_2: Share of the old maximum kept, from 0 up to, not including, 1.
        epsilon: Small constant in the denominator.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, section 7.1.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.rate(self, "beta_1", beta_1)
        self.beta_2 = checks.rate(self, "beta_2", beta_2)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)

    def own_slots(self, weight: Tensor) -> Slots:
        """Mean of the gradient and its largest recent size."""
        return {key: torch.zeros_like(weight) for key in ("momentum", "norm")}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """The learning rate with the correction of the mean's start at 0."""
        return {"step_size": learning_rate / (1 - self.beta_1**updates)}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        momentum = slots["momentum"].lerp_(gradient, 1 - self.beta_1)
        norm = slots["norm"].mul_(self.beta_2)
        norm.copy_(torch.maximum(norm, gradient.abs()))
        step = momentum * coefficients["step_size"]
        weight.addcdiv_(step, norm + self.epsilon, value=-1)


class Nadam(Optimizer):
    """`Adam` with Nesterov's momentum.

    With u_t = beta_1 * (1 - 0.96^t / 2) and P_t = u_1 * ... * u_t, the step is
    learning_rate * (u_{t+1} * m / (1 - P_{t+1}) + (1 - u_t) * g / (1 - P_t))
    / (sqrt(v / (1 - beta_2^t)) + epsilon).

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: As in `Adam`.
        beta_2: As in `Adam`.
        epsilon: Small constant in the denominator.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.rate(self, "beta_1", beta_1)
        self.beta_2 = checks.rate(self, "beta_2", beta_2)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)

    def own_slots(self, weight: Tensor) -> Slots:
        """Means of the gradient and of its square."""
        return {key: torch.zeros_like(weight) for key in ("momentum", "velocity")}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """Weights of momentum and gradient in the step, and the correction of the squares."""
        now, after = self._share(updates), self._share(updates + 1)
        product = self._product(updates)
        return {
            "momentum_rate": learning_rate * after / (1 - product * after),
            "gradient_rate": learning_rate * (1 - now) / (1 - product),
            "velocity_correction": 1 / (1 - self.beta_2**updates),
        }

    def _share(self, updates: Tensor) -> Tensor:
        return self.beta_1 * (1 - 0.5 * 0.96**updates)

    def _product(self, updates: Tensor) -> Tensor:
        """The product of all shares up to these updates, in closed form."""
        # From update 1000 on 0.96^t is below 1e-17 and leaves the product as it is.
        first = torch.arange(1, 1001, dtype=torch.float64, device=updates.device)
        products = torch.cumprod(1 - 0.5 * 0.96**first, dim=0)
        place = updates.long().clamp(1, len(first)) - 1
        return self.beta_1**updates * products[place]

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        momentum = slots["momentum"].lerp_(gradient, 1 - self.beta_1)
        velocity = slots["velocity"].mul_(self.beta_2)
        velocity.addcmul_(gradient, gradient, value=1 - self.beta_2)
        step = momentum * coefficients["momentum_rate"]
        step.addcmul_(gradient, coefficients["gradient_rate"])
        denominator = (velocity * coefficients["velocity_correction"]).sqrt_().add_(self.epsilon)
        weight.addcdiv_(step, denominator, value=-1)


class RMSprop(Optimizer):
    """Divides each gradient by the root of its running mean square.

    v = rho * v + (1 - rho) * g², and the step is learning_rate * g / sqrt(v + epsilon).

    Args:
        learning_rate: Step size, above 0, or a schedule.
        rho: Share of the old mean of squares kept, from 0 up to, not including, 1.
        momentum: Share of the last step kept in the next one, 0 to 1.
        epsilon: Small constant under the root.
        centered: Whether the variance of the gradient is used instead of the mean square.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.rho = checks.rate(self, "rho", rho)
        self.momentum = checks.number(self, "momentum", momentum, low=0.0, high=1.0, example=0.9)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)
        self.centered = checks.boolean(self, "centered", centered)

    def own_slots(self, weight: Tensor) -> Slots:
        """Mean of squares; the last step and the mean of gradients where they are used."""
        used = {"velocity": True, "momentum": self.momentum > 0, "mean": self.centered}
        return {key: torch.zeros_like(weight) for key, is_used in used.items() if is_used}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        velocity = slots["velocity"].mul_(self.rho)
        velocity.addcmul_(gradient, gradient, value=1 - self.rho)
        denominator = velocity + self.epsilon
        if self.centered:
            mean = slots["mean"].mul_(self.rho).add_(gradient, alpha=1 - self.rho)
            denominator = denominator.addcmul_(mean, mean, value=-1)
        step = gradient * coefficients["learning_rate"]
        if self.momentum > 0:
            last = slots["momentum"].mul_(self.momentum)
            weight.sub_(last.addcdiv_(step, denominator.sqrt_()))
        else:
            weight.addcdiv_(step, denominator.sqrt_(), value=-1)


class Adagrad(Optimizer):
    """Divides each gradient by the root of the sum of all its squares.

    a += g², and w -= learning_rate * g / sqrt(a + epsilon). For sparse features.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        initial_accumulator_value: Where the sum of squares starts, at least 0.
        epsilon: Small constant under the root.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: `initial_accumulator_value` or `epsilon` is negative.

    Reference:
        Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and
        Stochastic Optimization", Journal of Machine Learning Research 12, 2011.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.initial_accumulator_value = checks.number(
            self, "initial_accumulator_value", initial_accumulator_value, low=0.0, example=0.1
        )
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)

    def own_slots(self, weight: Tensor) -> Slots:
        """Sum of squares."""
        return {"accumulator": torch.full_like(weight, self.initial_accumulator_value)}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        accumulator = slots["accumulator"].addcmul_(gradient, gradient)
        step = gradient * coefficients["learning_rate"]
        weight.addcdiv_(step, (accumulator + self.epsilon).sqrt_(), value=-1)


class Adadelta(Optimizer):
    """Scales each step by the ratio of recent steps to recent gradients.

    a = rho * a + (1 - rho) * g², d = g * sqrt(s + epsilon) / sqrt(a + epsilon),
    s = rho * s + (1 - rho) * d², and w -= learning_rate * d. The paper has learning_rate = 1.

    Args:
        learning_rate: Factor of the steps, above 0, or a schedule.
        rho: Share of the old means kept, from 0 up to, not including, 1.
        epsilon: Small constant under the roots.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: `rho` lies outside its range or `epsilon` is negative.

    Reference:
        Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.rho = checks.rate(self, "rho", rho)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)

    def own_slots(self, weight: Tensor) -> Slots:
        """Mean squares of gradients and of steps."""
        return {key: torch.zeros_like(weight) for key in ("gradients", "steps")}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        gradients = slots["gradients"].mul_(self.rho)
        gradients.addcmul_(gradient, gradient, value=1 - self.rho)
        ratio = (slots["steps"] + self.epsilon).div_(gradients + self.epsilon).sqrt_()
        step = ratio.mul_(gradient)
        slots["steps"].mul_(self.rho).addcmul_(step, step, value=1 - self.rho)
        weight.addcmul_(step, coefficients["learning_rate"], value=-1)

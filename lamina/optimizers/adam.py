"""Adam and AdamW: steps scaled by running means of the gradient and of its square."""

from collections.abc import Mapping
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.private_torch import fused_adam
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings

NEVER = 1e9  # a step count so large that torch's own bias correction vanishes


class AdaptiveMoments(Optimizer):
    """The rule that Adam and AdamW share; they differ in their defaults."""

    elementwise = True

    def __init__(
        self,
        learning_rate: Any,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        amsgrad: bool,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.rate(self, "beta_1", beta_1)
        self.beta_2 = checks.rate(self, "beta_2", beta_2)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)
        self.amsgrad = checks.boolean(self, "amsgrad", amsgrad)
        self._never: dict[torch.device, Tensor] = {}

    def own_slots(self, weight: Tensor) -> Slots:
        """Means of the gradient and of its square; with `amsgrad` the latter's peak."""
        self._never_on(weight.device)  # made here, so that no step has to make it
        keys = ("momentum", "velocity", "peak") if self.amsgrad else ("momentum", "velocity")
        return {key: torch.zeros_like(weight) for key in keys}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """The learning rate with the correction of both means' start at 0."""
        correction = torch.sqrt(1 - self.beta_2**updates) / (1 - self.beta_1**updates)
        return {"step_size": learning_rate * correction}

    def update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place, in one pass over memory where torch can."""
        if not _can_fuse(weight, gradient):
            self.formula_update(weight, gradient, slots, coefficients)
            return
        fused_adam(
            weight,
            gradient,
            slots["momentum"],
            slots["velocity"],
            slots.get("peak"),
            self._never_on(weight.device),
            coefficients["step_size"],
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
        )

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place with plain torch operations."""
        momentum = slots["momentum"].mul_(self.beta_1).add_(gradient, alpha=1 - self.beta_1)
        velocity = slots["velocity"].mul_(self.beta_2)
        velocity.add_(gradient.square(), alpha=1 - self.beta_2)
        if "peak" in slots:
            velocity = slots["peak"].copy_(torch.maximum(slots["peak"], velocity))
        step = momentum * coefficients["step_size"]
        weight.sub_(step.div_(velocity.sqrt().add_(self.epsilon)))

    def _never_on(self, device: torch.device) -> Tensor:
        if device not in self._never:
            self._never[device] = torch.full((), NEVER, dtype=torch.float32, device=device)
        return self._never[device]


class Adam(AdaptiveMoments):
    """Scales each step by running means of the gradient and of its square.

    m = beta_1 * m + (1 - beta_1) * g, v = beta_2 * v + (1 - beta_2) * g², and
    w -= learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon) at update
    t. A good first choice for everything.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: Share of the old mean of gradients kept, from 0 up to, not including, 1.
        beta_2: Share of the old mean of squares kept, from 0 up to, not including, 1.
        epsilon: Small constant in the denominator, outside of the correction.
        amsgrad: Whether the largest mean of squares so far is used.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, the formula at
        the end of section 2; Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond",
        ICLR 2018, for `amsgrad`.

    Example:
        >>> float(Adam(1e-3).learning_rate)
        0.0010000000474974513
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, **settings)


class AdamW(AdaptiveMoments):
    """`Adam` that also shrinks the weights by a share of the learning rate.

    Before each step w -= learning_rate * weight_decay * w.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        weight_decay: Share, times the learning rate, that each update takes off the weights.
        beta_1: As in `Adam`.
        beta_2: As in `Adam`.
        epsilon: As in `Adam`.
        amsgrad: As in `Adam`.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: `weight_decay` is missing, or an argument has no possible value.

    Reference:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
    """

    def __init__(  # type: ignore[misc]  # `settings` holds the others
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **settings: Unpack[Settings],
    ) -> None:
        if weight_decay is None:
            raise checks.refuse(
                self,
                "weight_decay",
                None,
                expected="'weight_decay' as a number of at least 0.",
                fix="use Adam, or pass for example weight_decay=0.004.",
            )
        settings["weight_decay"] = weight_decay
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, **settings)


def _can_fuse(weight: Tensor, gradient: Tensor) -> bool:
    return (
        weight.dtype == gradient.dtype == torch.float32
        and weight.device.type in ("cpu", "cuda")
        and weight.is_contiguous()
        and gradient.is_contiguous()
    )

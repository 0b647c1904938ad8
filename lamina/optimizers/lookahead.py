"""Lookahead: slow weights that follow the fast ones of another optimizer."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import torch
from torch import Tensor

from lamina.core import checks, configured, names
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.variables import Variable
from lamina.optimizers import rate, schedules
from lamina.optimizers.base import Optimizer
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.memory import Slots
from lamina.optimizers.multi import MultiOptimizer
from lamina.optimizers.schedules import LearningRateSchedule

_SHARED = (
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum"),
    *("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"),
)


class Lookahead(Optimizer):
    """Lets another optimizer run ahead, and every few updates goes a share of the way after it.

    Every `period` updates: slow += alpha * (fast - slow), then fast = slow. It evens out the
    steps of a large learning rate. When `fit` ends, the slow weights are the model's.

    Args:
        inner_optimizer: The optimizer that moves the fast weights; all settings belong to it.
        alpha: Share of the way, 0 to 1, or a schedule of it over the updates.
        period: Updates between two meetings.
        name: Name in messages. Chosen automatically when `None`.

    Raises:
        ArgumentError: `alpha` lies outside 0 to 1, `period` is not a whole number of at least 1, or
            `inner_optimizer` is a `MultiOptimizer` or a `LossScaleOptimizer`.
        ArgumentTypeError: `inner_optimizer` is no optimizer.

    Reference:
        Zhang et al., "Lookahead Optimizer: k steps forward, 1 step back", NeurIPS 2019.

    Example:
        >>> Lookahead(SGD(0.1, momentum=0.9), alpha=0.5, period=5).period
        5
    """

    inner_optimizer: Optimizer

    def __init__(
        self,
        inner_optimizer: Optimizer,
        alpha: Any = 0.5,
        period: int = 5,
        name: str | None = None,
    ) -> None:
        _refuse_inner(inner_optimizer)
        settings: Any = {key: getattr(inner_optimizer, key) for key in _SHARED}
        self.__dict__["inner_optimizer"] = inner_optimizer
        super().__init__(1.0, name=name, **settings)
        if isinstance(alpha, Mapping):
            alpha = schedules.deserialize(alpha)
        if not isinstance(alpha, LearningRateSchedule):
            alpha = checks.number(self, "alpha", alpha, low=0.0, high=1.0, example=0.5)
        self.alpha = alpha
        self.period = checks.positive_int(self, "period", period)

    @property
    def elementwise(self) -> bool:  # type: ignore[override]  # that of a class elsewhere
        """Whether the inner optimizer takes many weights in one buffer."""
        return self.inner_optimizer.elementwise

    @property
    def capturable(self) -> bool:  # type: ignore[override]  # that of a class elsewhere
        """Whether the inner optimizer reads nothing on the host."""
        return self.inner_optimizer.capturable

    @property
    def learning_rate(self) -> Variable:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def version(self) -> int:
        """A number that grows whenever a setting of either optimizer changed."""
        return self._changes + self.inner_optimizer.version

    def rate_at(self, updates: Tensor) -> Tensor:
        """Learning rates of the inner optimizer for these updates, the first being 1."""
        return self.inner_optimizer.rate_at(updates)

    def decay_key(self, weight: Tensor) -> str | None:
        """As the inner optimizer decides."""
        return self.inner_optimizer.decay_key(weight)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Tensor] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Keeps weights out of the inner optimizer's weight decay."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def own_slots(self, weight: Tensor) -> Slots:
        """The slow weights, and the memory of the inner optimizer."""
        slow = weight.detach().as_subclass(Tensor).clone()
        return {**self.inner_optimizer.own_slots(weight), "slow": slow}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """Whether the two meet, and the share of the way; those of the inner optimizer."""
        is_due = (updates % self.period == 0).to(torch.float64)
        alpha: Any = self.alpha
        if isinstance(alpha, LearningRateSchedule):
            alpha = rate.at(alpha, updates - 1)
        terms = {"lookahead_due": is_due, "lookahead_share": is_due * alpha}
        return {**self.inner_optimizer.own_coefficients(updates, learning_rate), **terms}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place with plain torch operations."""
        self.inner_optimizer.formula_update(weight, gradient, slots, coefficients)
        _meet(weight, slots["slow"], coefficients)

    def update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place, by the inner optimizer's fastest way."""
        self.inner_optimizer.update(weight, gradient, slots, coefficients)
        _meet(weight, slots["slow"], coefficients)

    def finalize_variable_values(self, var_list: Iterable[Tensor]) -> None:
        """Replaces the weights by their moving averages if there are any, else by the slow ones."""
        if self.use_ema:
            super().finalize_variable_values(var_list)
            return
        memory = self.memory()
        with torch.no_grad():
            for weight in var_list:
                weight.copy_(memory.slots[memory.index[id(weight)]]["slow"])

    def state(self) -> dict[str, Tensor]:
        """The state of this optimizer, and the learning rate of the inner one."""
        inner = self.inner_optimizer.state()
        rates = {"learning_rate": inner["learning_rate"]} if "learning_rate" in inner else {}
        own = {key: value for key, value in super().state().items() if key != "learning_rate"}
        return {**rates, **own}

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        alpha = self.alpha
        is_schedule = isinstance(alpha, LearningRateSchedule)
        return {
            "inner_optimizer": configured.recipe(self.inner_optimizer, "keras.optimizers"),
            "alpha": schedules.serialize(alpha) if is_schedule else alpha,
            "period": self.period,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new optimizer around the inner one; `names.deserialize` makes the inner one."""
        return cls(**config)


def _meet(weight: Tensor, slow: Tensor, coefficients: Mapping[str, Tensor]) -> None:
    """Moves the slow weight towards the fast one and back, where both shares are not 0."""
    slow.add_((weight - slow).mul_(coefficients["lookahead_share"]))
    is_due = coefficients["lookahead_due"]
    weight.copy_(torch.where(is_due > 0, slow, weight))


def _refuse_inner(inner: Any) -> None:
    if isinstance(inner, (LossScaleOptimizer, MultiOptimizer, Lookahead)):
        raise ArgumentError(
            f"Lookahead cannot go around {type(inner).__name__}.",
            expected="an optimizer that changes weights itself.",
            fix="put the Lookahead inside.",
        )
    if not isinstance(inner, Optimizer):
        raise ArgumentTypeError(
            f"Lookahead received {names.shown(inner)}.",
            expected="an optimizer that moves the weights.",
            fix="pass for example Lookahead(keras.optimizers.SGD(0.1)).",
        )

"""Learning rates that change: each a function of the number of updates made so far.

A schedule takes a number or a tensor of numbers and computes in float64.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, configured
from lamina.core.errors import ArgumentError
from lamina.optimizers.cycles import OneCycle, Triangular
from lamina.optimizers.schedule_base import FormulaSchedule, LearningRateSchedule


class ExponentialDecay(FormulaSchedule):
    """Multiplies by `decay_rate` every `decay_steps` updates.

    initial_learning_rate * decay_rate ** (step / decay_steps).

    Args:
        initial_learning_rate: Rate of the first update.
        decay_steps: Updates it takes to multiply once, above 0.
        decay_rate: The factor.
        staircase: Whether it changes in jumps instead of smoothly.
        name: Accepted for Keras's sake.

    Raises:
        ArgumentError: A rate is negative or `decay_steps` is not above 0.

    Example:
        >>> float(ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)(20))
        0.125
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = self._rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self._positive("decay_steps", decay_steps)
        self.decay_rate = checks.number(self, "decay_rate", decay_rate, low=0.0, example=0.96)
        self.staircase = checks.boolean(self, "staircase", staircase)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        periods = steps / self.decay_steps
        periods = periods.floor() if self.staircase else periods
        return self.initial_learning_rate * self.decay_rate**periods


class InverseTimeDecay(FormulaSchedule):
    """Divides by a number that grows with the updates.

    initial_learning_rate / (1 + decay_rate * step / decay_steps).

    Args:
        initial_learning_rate: Rate of the first update.
        decay_steps: Unit in which updates are counted, above 0.
        decay_rate: What each unit adds to the divisor.
        staircase: Whether it changes in jumps instead of smoothly.
        name: Accepted for Keras's sake.

    Raises:
        ArgumentError: A rate is negative or `decay_steps` is not above 0.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = self._rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self._positive("decay_steps", decay_steps)
        self.decay_rate = checks.number(self, "decay_rate", decay_rate, low=0.0, example=0.5)
        self.staircase = checks.boolean(self, "staircase", staircase)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        periods = steps / self.decay_steps
        periods = periods.floor() if self.staircase else periods
        return self.initial_learning_rate / (1.0 + self.decay_rate * periods)


class PiecewiseConstantDecay(FormulaSchedule):
    """Holds each of several rates up to a boundary.

    values[0] while step <= boundaries[0], values[1] while step <= boundaries[1], and so on.

    Args:
        boundaries: Rising numbers of updates.
        values: Rates, one more than boundaries.
        name: Accepted for Keras's sake.

    Raises:
        ArgumentError: There is not one value more than there are boundaries.
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        boundaries = self._numbers("boundaries", boundaries)
        values = self._numbers("values", values)
        if any(later <= one for one, later in pairwise(boundaries)):
            raise checks.refuse(
                self,
                "boundaries",
                boundaries,
                expected="'boundaries' as rising numbers of updates.",
                fix="pass them in rising order, for example boundaries=[100, 200].",
            )
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                f"PiecewiseConstantDecay received {len(boundaries)} boundaries and "
                f"{len(values)} values.",
                expected="one value more than boundaries.",
                fix="pass for example boundaries=[100, 200], values=[0.1, 0.01, 0.001].",
            )
        self.boundaries = boundaries
        self.values = values
        self.name = checks.label(self, name)

    def _numbers(self, name: str, values: Any) -> list[float]:
        if not isinstance(values, (list, tuple, np.ndarray, Tensor)):
            raise checks.refuse(
                self,
                name,
                values,
                expected=f"{name!r} as a list of numbers.",
                fix="pass for example boundaries=[100], values=[0.1, 0.01].",
            )
        listed = values.tolist() if isinstance(values, (np.ndarray, Tensor)) else values
        for value in listed:
            checks.number(self, name, value)
        return list(listed)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        boundaries = torch.tensor(self.boundaries, dtype=torch.float64, device=steps.device)
        values = torch.tensor(self.values, dtype=torch.float64, device=steps.device)
        return values[torch.bucketize(steps, boundaries)]


class PolynomialDecay(FormulaSchedule):
    """Goes to `end_learning_rate` along a power of the way that is left.

    (initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power
    + end_learning_rate.

    Args:
        initial_learning_rate: Rate of the first update.
        decay_steps: Updates until the end, above 0.
        end_learning_rate: Rate at the end and from then on.
        power: 1 is a straight line.
        cycle: Whether it starts again, from the next multiple of `decay_steps`.
        name: Accepted for Keras's sake.

    Raises:
        ArgumentError: A rate is negative or `decay_steps` is not above 0.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = self._rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self._positive("decay_steps", decay_steps)
        self.end_learning_rate = self._rate("end_learning_rate", end_learning_rate)
        self.power = checks.number(self, "power", power)
        self.cycle = checks.boolean(self, "cycle", cycle)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        if self.cycle:
            length = self.decay_steps * (steps / self.decay_steps).ceil().clamp(min=1.0)
            done = steps / length
        else:
            done = (steps / self.decay_steps).clamp(max=1.0)
        span = self.initial_learning_rate - self.end_learning_rate
        return span * (1.0 - done) ** self.power + self.end_learning_rate


class CosineDecay(FormulaSchedule):
    """Falls along half a cosine, after a straight rise where one is wanted.

    From the peak: peak * ((1 - alpha) * (1 + cos(π * done)) / 2 + alpha), where done is the
    share of `decay_steps` behind us.

    Args:
        initial_learning_rate: Rate of the first update.
        decay_steps: Updates of the fall, above 0.
        alpha: Lowest rate, as a share of the peak.
        name: Accepted for Keras's sake.
        warmup_target: Peak of the rise; `None` for no rise.
        warmup_steps: Updates of the rise.

    Raises:
        ArgumentError: A rate is negative or `decay_steps` is not above 0.

    Reference:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = self._rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self._positive("decay_steps", decay_steps)
        self.alpha = checks.number(self, "alpha", alpha)
        self.name = checks.label(self, name)
        self.warmup_target = (
            None if warmup_target is None else self._rate("warmup_target", warmup_target)
        )
        self.warmup_steps = checks.whole(self, "warmup_steps", warmup_steps)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        if self.warmup_target is None:
            return self._fall(steps, self.initial_learning_rate)
        rise = self.warmup_target - self.initial_learning_rate
        rising = self.initial_learning_rate + rise * steps / max(self.warmup_steps, 1)
        falling = self._fall(steps - self.warmup_steps, self.warmup_target)
        return torch.where(steps < self.warmup_steps, rising, falling)

    def _fall(self, steps: Tensor, peak: float) -> Tensor:
        done = (steps / self.decay_steps).clamp(max=1.0)
        share = 0.5 * (1.0 + torch.cos(math.pi * done))
        return peak * ((1.0 - self.alpha) * share + self.alpha)


class CosineDecayRestarts(FormulaSchedule):
    """Falls along half a cosine again and again, each time from a new height for a new length.

    Args:
        initial_learning_rate: Rate of the first update.
        first_decay_steps: Updates of the first fall, above 0.
        t_mul: Each fall is this many times as long as the one before.
        m_mul: Each fall starts this many times as high as the one before.
        alpha: Lowest rate, as a share of the initial one.
        name: Accepted for Keras's sake.

    Raises:
        ArgumentError: A rate is negative, `first_decay_steps` is not above 0 or `t_mul` is
            below 1.

    Reference:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = self._rate("initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = self._positive("first_decay_steps", first_decay_steps)
        self.t_mul = checks.number(self, "t_mul", t_mul, low=1.0, example=2.0)
        self.m_mul = checks.number(self, "m_mul", m_mul, low=0.0, example=1.0)
        self.alpha = checks.number(self, "alpha", alpha)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        periods = steps / self.first_decay_steps
        if self.t_mul == 1.0:
            restarts = periods.floor()
            done = periods - restarts
        else:
            # The small number keeps rounding from holding a restart back by one update.
            grown = torch.log(1.0 + periods * (self.t_mul - 1.0)) / math.log(self.t_mul)
            restarts = (grown + 1e-9).floor()
            behind = (self.t_mul**restarts - 1.0) / (self.t_mul - 1.0)
            done = ((periods - behind) / self.t_mul**restarts).clamp(min=0.0)
        share = 0.5 * self.m_mul**restarts * (1.0 + torch.cos(math.pi * done))
        return self.initial_learning_rate * ((1.0 - self.alpha) * share + self.alpha)


CLASSES: dict[str, type[LearningRateSchedule]] = {
    kind.__name__: kind
    for kind in (
        *(CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay),
        *(LearningRateSchedule, OneCycle, PiecewiseConstantDecay, PolynomialDecay, Triangular),
    )
}


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """The schedule as plain data, in Keras's form."""
    return configured.recipe(learning_rate_schedule, "keras.optimizers.schedules")


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> LearningRateSchedule:
    """The schedule that `serialize` wrote down.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit.
    """
    return configured.make("a learning rate schedule", config, CLASSES, custom_objects)

"""Learning rates that rise once and fall once over a run of known length; beyond Keras's own."""

import math

import torch
from torch import Tensor

from lamina.core import checks
from lamina.optimizers.schedule_base import FormulaSchedule


class Triangular(FormulaSchedule):
    """Rises along a straight line to a peak, then falls along another to the end.

    From `start` times the peak at step 0 to the peak after `rise` of the steps, and on to `end`
    times the peak after all of them, where it stays. `rise=0` only falls, `rise=1` only rises: a
    warm-up that ends in a constant.

    Args:
        peak_learning_rate: Highest rate.
        total_steps: Updates of the whole run, above 0.
        rise: Share of the steps spent rising, 0 to 1.
        start: Rate of the first update, as a share of the peak.
        end: Last rate, as a share of the peak.
        name: Name of the schedule.

    Raises:
        ArgumentError: A rate or share is negative, `rise` is above 1 or `total_steps` is not
            above 0.

    Reference:
        Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, one cycle of it.

    Example:
        >>> float(Triangular(1.0, total_steps=10, rise=0.2)(1))
        0.5
    """

    def __init__(
        self,
        peak_learning_rate: float,
        total_steps: int,
        rise: float = 0.25,
        start: float = 0.0,
        end: float = 0.0,
        name: str = "Triangular",
    ) -> None:
        self.peak_learning_rate = self._rate("peak_learning_rate", peak_learning_rate)
        self.total_steps = self._positive("total_steps", total_steps)
        self.rise = checks.number(self, "rise", rise, low=0.0, high=1.0, example=0.25)
        self.start = checks.number(self, "start", start, low=0.0, example=0.0)
        self.end = checks.number(self, "end", end, low=0.0, example=0.0)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        rising, falling = _progress(steps, self.rise * self.total_steps, self.total_steps)
        up = self.start + (1.0 - self.start) * rising
        down = 1.0 + (self.end - 1.0) * falling
        return self.peak_learning_rate * torch.where(rising < 1.0, up, down)


class OneCycle(FormulaSchedule):
    """Rises along half a cosine to a peak, then falls along another to almost 0.

    The numbers are those of torch's `OneCycleLR`: from peak / `start_divisor` to the peak, and down
    to peak / (`start_divisor` * `end_divisor`) at step `total_steps` - 1, where it stays.

    Args:
        peak_learning_rate: Highest rate.
        total_steps: Updates of the whole run, above 1.
        rise: Share of the steps spent rising, 0 to 1.
        start_divisor: What the peak is divided by at the start, above 0.
        end_divisor: What the start is divided by at the end, above 0.
        name: Name of the schedule.

    Raises:
        ArgumentError: A rate is negative, `rise` does not lie in 0 to 1, `total_steps` is not a
            whole number above 1 or a divisor is not above 0.

    Reference:
        Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
        Learning Rates", 2018.

    Example:
        >>> float(OneCycle(0.5, total_steps=11, rise=0.5)(11))
        2e-06
    """

    def __init__(
        self,
        peak_learning_rate: float,
        total_steps: int,
        rise: float = 0.3,
        start_divisor: float = 25.0,
        end_divisor: float = 1e4,
        name: str = "OneCycle",
    ) -> None:
        self.peak_learning_rate = self._rate("peak_learning_rate", peak_learning_rate)
        self.total_steps = checks.whole(self, "total_steps", total_steps, low=2)
        self.rise = checks.number(self, "rise", rise, low=0.0, high=1.0, example=0.3)
        self.start_divisor = self._positive("start_divisor", start_divisor)
        self.end_divisor = self._positive("end_divisor", end_divisor)
        self.name = checks.label(self, name)

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        peak, start = self.peak_learning_rate, self.peak_learning_rate / self.start_divisor
        top = self.rise * self.total_steps - 1.0
        rising, falling = _progress(steps, top, self.total_steps - 1.0)
        up = _along_cosine(start, peak, rising)
        down = _along_cosine(peak, start / self.end_divisor, falling)
        return torch.where(rising < 1.0, up, down)


def _progress(steps: Tensor, top: float, last: float) -> tuple[Tensor, Tensor]:
    """Shares of the way to the top and from there to the end that lie behind, 0 to 1 each."""
    rising = (steps / top).clamp(max=1.0) if top > 0 else torch.ones_like(steps)
    if last <= top:
        return rising, torch.zeros_like(steps)
    return rising, ((steps - top) / (last - top)).clamp(0.0, 1.0)


def _along_cosine(first: float, last: float, done: Tensor) -> Tensor:
    return last + (first - last) * 0.5 * (1.0 + torch.cos(math.pi * done))

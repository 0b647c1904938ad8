"""What learning-rate schedules are made of: the class to subclass, and formulas over many steps."""

from typing import Any, ClassVar

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.configured import Configured
from lamina.core.errors import StateError
from lamina.core.weighting import as_tensor
from lamina.optimizers.rate_error import checked_number


class LearningRateSchedule(Configured):
    """Gives the learning rate after a number of updates; subclass it and write `__call__`.

    `__call__(step)` of a subclass receives a whole number as a tensor without axes and returns
    a number or such a tensor. Set `takes_many = True` where it can take a whole vector of steps.
    """

    takes_many: ClassVar[bool] = False

    def __call__(self, step: Any) -> Any:
        """The learning rate after `step` updates."""
        raise StateError(
            f"schedule {type(self).__name__} has no __call__().",
            expected="a method __call__(self, step) that returns the learning rate.",
            fix="write the formula as def __call__(self, step): return ...",
        )


class FormulaSchedule(LearningRateSchedule):
    """A schedule that is one formula over any number of steps at once."""

    takes_many = True
    name: str | None

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after `step` updates: float64 for float64 steps, else floatx."""
        steps = as_tensor(step, name="step")
        rates = self.formula(steps.to(torch.float64))
        return rates if steps.dtype == torch.float64 else rates.to(dtypes.to_torch(None))

    def formula(self, steps: Tensor) -> Tensor:
        """The rates of float64 steps."""
        raise NotImplementedError

    def _positive(self, name: str, value: Any) -> Any:
        return _exact(value, checks.number(self, name, value, low=0.0, open_low=True, example=1000))

    def _rate(self, name: str, value: Any) -> Any:
        return _exact(value, checked_number(self, name, value))


def _exact(value: Any, number: float) -> Any:
    """What was given, where arithmetic takes it as it is; otherwise its float."""
    return value if checks.is_whole(value) and abs(value) < 2**53 else number

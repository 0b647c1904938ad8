"""The learning rate of an optimizer: a number, a schedule, or a function without arguments."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import StateError
from lamina.core.variables import Variable
from lamina.optimizers import schedules
from lamina.optimizers.rate_error import checked_number
from lamina.optimizers.schedules import LearningRateSchedule

Rate = Variable | LearningRateSchedule | Callable[[], Any]


def checked(owner: object, given: Any) -> Rate:
    """What an optimizer keeps of its argument `learning_rate`: numbers become a variable."""
    if isinstance(given, Mapping):
        return schedules.deserialize(given)
    if isinstance(given, LearningRateSchedule) or _is_function(given):
        return given
    value = _plain(given)
    return variable(checked_number(owner, "learning_rate", value, open_low=True))


def changed(owner: object, held: Rate, given: Any) -> Rate:
    """What an optimizer keeps when `learning_rate` is set on it.

    Raises:
        StateError: A number is given and a schedule decides.
        ArgumentError: The number is negative or not finite.
    """
    if isinstance(given, LearningRateSchedule) or _is_function(given):
        return given
    value = checked_number(owner, "learning_rate", _plain(given))
    if isinstance(held, LearningRateSchedule):
        raise StateError(
            f"{type(owner).__name__}.learning_rate = {value:g} is not possible: "
            f"the schedule {type(held).__name__} decides.",
            expected="another schedule, or an optimizer made with a number.",
            fix=f"make the optimizer with learning_rate={value:g}.",
        )
    return held.assign(value) if isinstance(held, Variable) else variable(value)


def variable(value: Any) -> Variable:
    """A number as a tensor without axes that also answers to Keras's names."""
    return Variable(torch.as_tensor(value).detach().to(_kind()))


def at(rate: Rate, steps: Tensor) -> Tensor:
    """The learning rates after these numbers of updates, in float64."""
    if isinstance(rate, Variable):
        return torch.full_like(steps, float(rate), dtype=torch.float64)
    if isinstance(rate, LearningRateSchedule):
        if rate.takes_many:
            return rate(steps.to(torch.float64))
        # One by one and as whole numbers: a formula of the user may hold an if or an index.
        values = [float(rate(step)) for step in steps.to(torch.int64)]
        return torch.tensor(values, dtype=torch.float64)
    return torch.full_like(steps, float(rate()), dtype=torch.float64)


def recipe(rate: Rate) -> Any:
    """The learning rate as plain data."""
    if isinstance(rate, Variable):
        return float(rate)
    if isinstance(rate, LearningRateSchedule):
        return schedules.serialize(rate)
    return getattr(rate, "__name__", type(rate).__name__)


def _is_function(given: Any) -> bool:
    return callable(given) and not isinstance(given, (Tensor, type))


def _plain(given: Any) -> Any:
    is_scalar = isinstance(given, Tensor) and given.numel() == 1
    return given.detach().item() if is_scalar else given


def _kind() -> torch.dtype:
    """Float64 where weights are float64; float32 holds a rate well enough for all others."""
    return torch.float64 if dtypes.floatx() == "float64" else torch.float32

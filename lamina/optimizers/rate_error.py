"""The error for a learning rate that is none, which carries the finding of the checks."""

from typing import Any

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.core.finding import Finding


class LearningRateError(ArgumentError):
    """A learning rate is no positive finite number; carries the finding that the checks give."""

    code = "lr-invalid"

    @property
    def findings(self) -> list[Finding]:
        """The error in the form of the checks before training."""
        return [Finding(self.code, "error", self.problem, self.expected, self.fix, {}, "compile")]


def checked_number(owner: object, name: str, value: Any, *, open_low: bool = False) -> float:
    """A number that a learning rate can be.

    Raises:
        LearningRateError: It is negative or not finite.
    """
    try:
        return checks.number(owner, name, value, low=0.0, open_low=open_low, example=0.001)
    except ArgumentError as error:
        raise LearningRateError(error.problem, expected=error.expected, fix=error.fix) from None

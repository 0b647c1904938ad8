"""Checks labels that have to be class numbers."""

from torch import Tensor

from lamina.core.errors import DataError
from lamina.data import finite


def check_whole(name: str, y: Tensor) -> None:
    """Passes labels that are whole numbers, whatever their dtype; 1.0 is as good as 1.

    Args:
        name: The argument as the user knows it, such as "y".
        y: Class numbers of any shape.

    Raises:
        DataError: A label has a fractional part or is not finite.
    """
    finite.check_finite(name, y, is_optional=False)
    if not y.is_floating_point():
        return
    broken = y != y.round()
    if broken.any():
        place = broken.nonzero()[0].tolist()
        raise DataError(
            f"{name} has the label {y[tuple(place)].item():g} at {finite.words_for(place)}.",
            expected="whole numbers: the numbers of the classes.",
            fix="round the labels, or use a loss for numbers such as 'mse'.",
        )

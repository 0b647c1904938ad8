"""Class numbers as one-hot rows, and rows of unit length."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes, kinds
from lamina.core.errors import DataError
from lamina.core.weighting import as_tensor
from lamina.data import conversion, finite, labels


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray | Tensor:
    """Turns class numbers into rows with a single 1.

    Args:
        x: Class numbers from 0 to `num_classes` - 1, of any shape; a last axis of size 1 is
            dropped.
        num_classes: Length of a row; the largest number plus 1 when `None`.

    Returns:
        Shape (..., num_classes): a float64 array, as in Keras; for a tensor a float32
            tensor on its device.

    Raises:
        ArgumentError: `num_classes` is not a whole number of at least 1.
        DataError: A number is negative, not whole, or not below `num_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    whole = _whole(x)
    if num_classes is None:
        num_classes = int(whole.max()) + 1
    else:
        num_classes = checks.positive_int("to_categorical", "num_classes", num_classes)
    outside = (whole < 0) | (whole >= num_classes)
    if outside.any():
        place = np.argwhere(outside)[0].tolist()
        raise DataError(
            f"to_categorical received {whole[tuple(place)]}{_at(place)}.",
            expected=f"class numbers from 0 to {num_classes - 1}.",
            fix="start the numbers at 0, or pass a larger num_classes.",
        )
    if isinstance(x, Tensor):
        rows = torch.nn.functional.one_hot(torch.as_tensor(whole, device=x.device), num_classes)
        return rows.to(dtypes.to_torch(None))
    result = np.zeros((whole.size, num_classes))
    result[np.arange(whole.size), whole.reshape(-1)] = 1
    return result.reshape(*whole.shape, num_classes)


def _whole(x: Any) -> np.ndarray:
    """The class numbers as int64, without a last axis of size 1."""
    if isinstance(x, (int, np.integer)):
        return np.asarray(x, np.int64)
    numbers = conversion.convert("y", x).tensor.numpy()
    if numbers.size == 0:
        raise DataError("y has no labels.", expected="at least one.", fix="pass class numbers.")
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    labels.check_whole("y", torch.as_tensor(numbers))
    return numbers.astype(np.int64)


def _at(place: list[int]) -> str:
    return f" at {finite.words_for(place)}" if place else ""


def normalize(x: Any, axis: int | None = -1, order: int = 2) -> np.ndarray | Tensor:
    """Divides each vector along an axis by its length; vectors of length 0 stay as they are.

    Args:
        x: Array or tensor.
        axis: The axis along which a vector lies; `None` takes the array as one.
        order: Which length: 2 for Euclidean, 1 for the sum of absolute values.

    Returns:
        The same shape, as NumPy array or, for a tensor, as tensor.

    Example:
        >>> normalize(np.array([[3.0, 4.0]]))
        array([[0.6, 0.8]])
    """
    if isinstance(x, Tensor):
        if axis is not None:
            kinds.axis_of("normalize", axis, x)
        checks.number("normalize", "order", order, low=1, high=1000, example=2)
        x = x if x.is_floating_point() else x.to(dtypes.to_torch(None))
        length = torch.linalg.vector_norm(x, order, axis, keepdim=True)
        return x / length.clamp(min=dtypes.epsilon())
    x = np.asarray(x) if isinstance(x, np.ndarray) else as_tensor(x, name="x").numpy()
    if x.dtype.kind not in "biuf":
        as_tensor(x, name="x")
    if axis is not None:
        checks.whole("normalize", "axis", axis, low=-x.ndim, high=x.ndim - 1)
    checks.number("normalize", "order", order, low=1, high=1000, example=2)
    length = np.atleast_1d(np.linalg.norm(x, order, axis))
    length[length == 0] = 1
    return x / np.expand_dims(length, -1 if axis is None else axis)

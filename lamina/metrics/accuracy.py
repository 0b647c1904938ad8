"""Shares of right answers, for each way of writing labels down."""

from typing import Any

from torch import Tensor

from lamina.core import dtypes
from lamina.core.errors import ShapeError
from lamina.core.weighting import as_tensor, same_rank, shape_of, unequal_shapes


def _floats(matches: Tensor) -> Tensor:
    return matches.to(dtypes.to_torch(None))


def _aligned(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    y_pred = as_tensor(y_pred, name="y_pred")
    y_true = as_tensor(y_true, like=y_pred, name="y_true")
    y_true, y_pred = same_rank(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise unequal_shapes(name, shape_of(y_true), shape_of(y_pred))
    return y_true, y_pred


def equal(y_true: Any, y_pred: Any) -> Tensor:
    """Where predictions equal labels, as booleans."""
    y_true, y_pred = _aligned("accuracy", y_true, y_pred)
    return y_true == y_pred


def binary_matches(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """Where predictions fall on the labels' side of a threshold, as booleans."""
    y_true, y_pred = _aligned("binary_accuracy", y_true, y_pred)
    return (y_pred > threshold) == y_true


def categorical_matches(y_true: Any, y_pred: Any) -> Tensor:
    """Where the highest prediction is at the one-hot label, as booleans."""
    y_true, y_pred = _aligned("categorical_accuracy", y_true, y_pred)
    return y_true.argmax(-1) == y_pred.argmax(-1)


def sparse_matches(y_true: Any, y_pred: Any) -> Tensor:
    """Where the highest prediction is at the class number, as booleans."""
    y_true, y_pred = class_numbers("sparse_categorical_accuracy", y_true, y_pred)
    return y_pred.argmax(-1) == y_true


def top_k_matches(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Where the one-hot label is among the `k` highest predictions, as booleans."""
    y_true, y_pred = _aligned("top_k_categorical_accuracy", y_true, y_pred)
    return _in_top(y_true.argmax(-1), y_pred, k)


def sparse_top_k_matches(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Where the class number is among the `k` highest predictions, as booleans."""
    y_true, y_pred = class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        return (y_pred[..., :k] == y_true.unsqueeze(-1)).any(-1)
    return _in_top(y_true.long(), y_pred, k)


def _in_top(labels: Tensor, y_pred: Tensor, k: int) -> Tensor:
    own = y_pred.gather(-1, labels.unsqueeze(-1))
    # Ties count as found, as in Keras: fewer than k predictions are higher.
    return (y_pred > own).sum(-1) < k


def class_numbers(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Labels without a last axis of size 1, one a row of predictions.

    Raises:
        ShapeError: There is not one label for each prediction.
    """
    y_pred = as_tensor(y_pred, name="y_pred")
    y_true = as_tensor(y_true, like=y_pred, name="y_true")
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true.squeeze(-1)
    if y_true.shape == y_pred.shape[:-1]:
        return y_true, y_pred
    raise ShapeError(
        f"{name} received y_true of shape {shape_of(y_true)} and y_pred of shape "
        f"{shape_of(y_pred)}.",
        expected=f"y_true of shape {shape_of(y_pred)[:-1]}: one class number for each prediction.",
        fix=f'for one-hot labels use "{name.removeprefix("sparse_")}".',
    )


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Gives 1 where a prediction equals its label, and 0 elsewhere.

    Args:
        y_true: Labels.
        y_pred: Predicted labels.

    Shape:
        y_true, y_pred: (batch, ...)
        result: (batch, ...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> accuracy([1, 2], [1, 3])
        tensor([1., 0.])
    """
    return _floats(equal(y_true, y_pred))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """Gives 1 where a prediction falls on its label's side of the threshold, and 0 elsewhere.

    Args:
        y_true: Labels 0 and 1.
        y_pred: Probabilities of 1.
        threshold: Predictions above it count as 1.

    Shape:
        y_true, y_pred: (batch, ...)
        result: (batch, ...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> binary_accuracy([[1], [0]], [[0.9], [0.6]])
        tensor([[1.],
                [0.]])
    """
    return _floats(binary_matches(y_true, y_pred, threshold))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Gives 1 where the highest prediction is at the one-hot label, and 0 elsewhere.

    Args:
        y_true: One-hot labels.
        y_pred: Scores or probabilities.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> categorical_accuracy([[0, 1]], [[0.3, 0.7]])
        tensor([1.])
    """
    return _floats(categorical_matches(y_true, y_pred))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Gives 1 where the highest prediction is at the class number, and 0 elsewhere.

    Args:
        y_true: Class numbers from 0.
        y_pred: Scores or probabilities.

    Shape:
        y_true: (...) or (..., 1)
        y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: There is not one label for each prediction.

    Example:
        >>> sparse_categorical_accuracy([1], [[0.3, 0.7]])
        tensor([1.])
    """
    return _floats(sparse_matches(y_true, y_pred))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Gives 1 where the one-hot label is among the `k` highest predictions, and 0 elsewhere.

    Args:
        y_true: One-hot labels.
        y_pred: Scores or probabilities.
        k: How many of the highest predictions may hold the label.

    Shape:
        y_true, y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.

    Example:
        >>> top_k_categorical_accuracy([[0, 1, 0]], [[0.5, 0.3, 0.2]], k=2)
        tensor([1.])
    """
    return _floats(top_k_matches(y_true, y_pred, k))


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Gives 1 where the class number is among the `k` highest predictions, and 0 elsewhere.

    Args:
        y_true: Class numbers from 0.
        y_pred: Scores or probabilities, or class numbers sorted from the best on.
        k: How many of the highest predictions may hold the label.
        from_sorted_ids: Whether `y_pred` holds sorted class numbers.

    Shape:
        y_true: (...) or (..., 1)
        y_pred: (..., classes)
        result: (...)

    Raises:
        ShapeError: There is not one label for each prediction.

    Example:
        >>> sparse_top_k_categorical_accuracy([1], [[0.5, 0.3, 0.2]], k=2)
        tensor([1.])
    """
    return _floats(sparse_top_k_matches(y_true, y_pred, k, from_sorted_ids))

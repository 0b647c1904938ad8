"""What losses and metrics share: tensors from anything, aligned ranks, weights and masks."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import conversion, dtypes
from lamina.core.errors import ShapeError


def as_tensor(
    value: Any,
    dtype: torch.dtype | None = None,
    like: Tensor | None = None,
    name: str = "the value",
) -> Tensor:
    """Turns numbers, lists and arrays into a tensor beside `like`; leaves tensors where they are.

    Python floats become the default float, as in Keras. Symbolic tensors pass through.

    Args:
        value: What was given.
        dtype: The dtype to bring it to; its own when `None`.
        like: A tensor on the device to be used.
        name: Name of the argument, for messages.

    Raises:
        ArgumentTypeError: It holds something else than real numbers.
        DataError: It is a list whose parts differ in length.
    """
    if not hasattr(type(value), "__torch_function__"):
        value = conversion.tensor_of(value, name, None if like is None else like.device)
    if value.dtype.is_complex:
        raise conversion.no_complex(name)
    return value if dtype is None or value.dtype == dtype else value.to(dtype)


def as_floats(value: Any, name: str = "the value") -> Tensor:
    """The same as `as_tensor`, with whole numbers and booleans turned into the default float."""
    value = as_tensor(value, name=name)
    if value.dtype.is_floating_point:
        return value
    return as_tensor(value, dtypes.to_torch(None), name=name)


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """The shape as a plain tuple, as messages show it."""
    return tuple(tensor.shape)


def same_rank(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Adds or drops a last axis of size 1 where the ranks of two tensors differ by exactly one."""
    if y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        if y_pred.ndim == 1:
            return y_true, y_pred.unsqueeze(-1)
        return y_true.squeeze(-1), y_pred
    if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        if y_true.ndim == 1:
            return y_true.unsqueeze(-1), y_pred
        return y_true, y_pred.squeeze(-1)
    return y_true, y_pred


def elementwise(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Both tensors with one shape and the dtype of `y_pred`, ready for an elementwise formula.

    Raises:
        ShapeError: The shapes differ by more than a last axis of size 1.
    """
    y_pred = as_floats(y_pred, "y_pred")
    y_true = as_tensor(y_true, y_pred.dtype, y_pred, "y_true")
    y_true, y_pred = same_rank(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise unequal_shapes(name, shape_of(y_true), shape_of(y_pred))
    return y_true, y_pred


def unequal_shapes(name: str, true: tuple[int, ...], pred: tuple[int, ...]) -> ShapeError:
    """The error for two tensors that had to have one shape, ready to be raised."""
    if pred and true == pred[:-1]:
        fix = (
            f"end the model in 1 unit instead of {pred[-1]}, or, where y_true holds class "
            "numbers, use sparse_categorical_crossentropy."
        )
    elif true and pred and pred[:-1] == true[:-1]:
        fix = f"end the model in {true[-1]} units instead of {pred[-1]}."
    else:
        fix = f"bring y_true to the shape {pred}."
    return ShapeError(
        f"{name} received y_true of shape {true} and y_pred of shape {pred}.",
        expected="one shape for both; they are never broadcast.",
        fix=fix,
    )


def mask_of(tensor: Any) -> Tensor | None:
    """Which entries of a layer's output count, where a layer such as Embedding left a mask."""
    return getattr(tensor, "_keras_mask", None)


def spread(weights: Tensor, values: Tensor) -> Tensor:
    """Shapes `weights` so that they multiply `values`: missing axes are added at the end.

    Raises:
        ShapeError: The weights fit neither the values nor their leading axes.
    """
    given = shape_of(weights)
    if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
        weights = weights.squeeze(-1)
    missing = values.ndim - weights.ndim
    if missing > 0:
        weights = weights.reshape(*weights.shape, *[1] * missing)
    if values.ndim == 0:
        return weights
    pairs = zip(weights.shape, values.shape, strict=False)
    if missing >= 0 and all(size in (1, wanted) for size, wanted in pairs):
        return weights
    raise ShapeError(
        f"sample_weight of shape {given} does not fit values of shape {shape_of(values)}.",
        expected="one weight an example, or one for each value.",
        fix=f"pass sample_weight of shape {shape_of(values)[:1]}.",
    )


def masked_weights(
    weights: Tensor | None, mask: Tensor | None, dtype: torch.dtype, *, balanced: bool
) -> Tensor | None:
    """Merges a mask into the weights; masked entries weigh nothing.

    Where `balanced`, the others weigh more, so that a mean over all entries is a mean over
    those that count.
    """
    if mask is None:
        return weights
    share = mask.to(dtype)
    if balanced:
        share = share * (share.numel() / share.sum().clamp(min=1))
    return share if weights is None else spread(weights, share) * share


def divide_no_nan(total: Tensor, count: Tensor) -> Tensor:
    """The quotient, and 0 where the divisor is 0; gradients stay finite there."""
    empty = count == 0
    return torch.where(empty, 0.0, total / torch.where(empty, 1.0, count))

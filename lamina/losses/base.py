"""Loss: sample weights, masks and reduction, once for all losses.

Reads no tensor's value, so that a step with any loss can be captured.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lamina.core import calls, checks, dtypes, names, trees
from lamina.core.constructors import arguments_of
from lamina.core.errors import ArgumentTypeError, ShapeError
from lamina.core.misfits import misfit
from lamina.core.weighting import (
    as_tensor,
    divide_no_nan,
    mask_of,
    masked_weights,
    shape_of,
    spread,
)

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
_BASE_ARGUMENTS = ("name", "reduction", "dtype")


class Loss:
    """Turns predictions and wanted values into the one number that training makes smaller.

    A subclass defines `call(y_true, y_pred)`, which returns one value an example. Calling the
    loss brings both to the loss's dtype, multiplies by the sample weights and reduces.

    Args:
        name: Name in messages and logs. Chosen automatically when `None`.
        reduction: "sum_over_batch_size" and "mean" divide the sum by the number of values,
            "mean_with_sample_weight" by the sum of the weights; "sum" only adds; "none" and
            `None` return the weighted values as they are.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ...)
        sample_weight: (batch,), or the shape of what `call` returns
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `reduction` is not one of these words.
        ArgumentTypeError: `call` returned something that is no tensor, or that does not depend
            on `y_pred` in a way gradients can follow.
        ShapeError: `call` returned another number of values than there are examples, or the
            weights do not fit.

    Example:
        >>> class Absolute(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return (y_pred - y_true).abs().mean(-1)
        >>> Absolute()([[0.0], [0.0]], [[1.0], [3.0]])
        tensor(2.)
    """

    # What is known of the loss; values of unknown ones are checked.
    facts: Any = None
    labels: str | None = None
    expects: str | None = None
    # Whether integer labels stay integers; other labels take the loss's dtype.
    keeps_integers = False
    # A function of (y_true, y_pred) that gives the plain mean with fewer kernels, if any.
    _mean_form: Callable[[Tensor, Tensor], Tensor] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Arguments that a constructor does not know are refused by name."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        own_name = names.to_snake_case(type(self).__name__)
        self.name = checks.label(self, name) or names.unique(own_name)
        self.reduction = checks.choice(self, "reduction", reduction, REDUCTIONS)
        self.dtype = dtypes.policy(dtypes.floatx() if dtype is None else dtype).compute_dtype

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns one value an example; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}.call(y_true, y_pred)")

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor | None:
        """Which of the values count; `None` when all do."""
        return None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Returns the weighted and reduced loss."""
        y_true, y_pred = self._in_dtype(y_true, y_pred)
        if self.facts is None:
            return self._computed(y_true, y_pred, sample_weight)
        try:
            return self._computed(y_true, y_pred, sample_weight)
        except IndexError as error:
            raise misfit(f"loss {self.name!r}", error, y_true, y_pred) from error

    def _computed(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Tensor:
        mask = mask_of(y_pred)
        is_plain = sample_weight is None and mask is None and self.reduction in _MEANS
        if is_plain and self._mean_form is not None:
            return self._mean_form(y_true, y_pred)

        values = self.call(y_true, y_pred)
        if self.facts is None:
            _check_values(self.name, values, y_pred, is_weighted=sample_weight is not None)
        valid = self.valid(y_true, values)
        if is_plain and valid is None:
            return values.mean()
        mask = valid if mask is None else mask if valid is None else spread(mask, valid) & valid
        return self._reduced(values, sample_weight, mask)

    def _in_dtype(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        dtype = dtypes.to_torch(self.dtype)
        each = _each if self.facts is None else _as_one
        y_pred = each(lambda value: as_tensor(value, dtype, name="y_pred"), y_pred)
        like = y_pred if isinstance(y_pred, Tensor) else None

        def converted(value: Any) -> Tensor:
            tensor = as_tensor(value, like=like, name="y_true")
            if self.keeps_integers and not tensor.dtype.is_floating_point:
                return tensor
            return as_tensor(tensor, dtype, name="y_true")

        return each(converted, y_true), y_pred

    def _reduced(self, values: Tensor, sample_weight: Any, mask: Tensor | None) -> Tensor:
        weights = None
        if sample_weight is not None:
            weights = as_tensor(sample_weight, values.dtype, values, "sample_weight")
        balanced = self.reduction in ("sum_over_batch_size", "mean")
        weights = masked_weights(weights, mask, values.dtype, balanced=balanced)
        if weights is not None:
            weights = spread(weights, values)
            values = values * weights
        if self.reduction in (None, "none") or values.ndim == 0:
            return values
        if self.reduction == "sum":
            return values.sum()
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            return divide_no_nan(values.sum(), weights.expand_as(values).sum())
        return values.mean()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, read from the attributes of the same names."""
        config = arguments_of(self, also=_BASE_ARGUMENTS)
        if config.get("dtype") == dtypes.floatx():
            del config["dtype"]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Loss":
        """An equal loss."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _each(function: Callable[[Any], Tensor], tree: Any) -> Any:
    """Applies `function` to a tensor or a list of numbers, or to each tensor of a structure."""
    if isinstance(tree, dict) or (
        isinstance(tree, (list, tuple))
        and any(hasattr(leaf, "shape") and leaf.shape for leaf in trees.leaves(tree))
    ):
        return trees.transform(function, tree)
    return function(tree)


def _as_one(function: Callable[[Any], Tensor], value: Any) -> Any:
    """Applies `function` to all of it: this library's own formulas know no structures."""
    return function(value)


def _check_values(name: str, values: Any, y_pred: Any, *, is_weighted: bool) -> None:
    if not hasattr(type(values), "__torch_function__"):
        raise ArgumentTypeError(
            f"loss {name!r} returned {names.shown(values)}, which is no tensor.",
            expected="a tensor with one value an example.",
            fix="compute with torch functions and return their result.",
        )
    if not isinstance(y_pred, Tensor):
        return
    if values.ndim and y_pred.ndim and values.shape[0] != y_pred.shape[0]:
        raise ShapeError(
            f"loss {name!r} returned shape {shape_of(values)} for y_pred of shape "
            f"{shape_of(y_pred)}.",
            expected=f"one value an example, shape ({y_pred.shape[0]},), or a single number.",
            fix="reduce over the axes after the first only, for example .mean(-1).",
        )
    if is_weighted and y_pred.ndim and not values.ndim:
        raise ShapeError(
            f"loss {name!r} returned one number for a whole batch, which sample weights cannot "
            "weigh.",
            expected=f"one value an example, shape ({y_pred.shape[0]},).",
            fix='leave the mean over the batch out, for example .mean(-1), or reduction="none".',
        )
    if y_pred.requires_grad and not values.requires_grad and torch.is_grad_enabled():
        raise ArgumentTypeError(
            f"loss {name!r} returned a tensor that gradients cannot flow through.",
            expected="a result computed from y_pred by differentiable torch functions.",
            fix="avoid detach(), numpy(), round, argmax and comparisons on the way from y_pred.",
        )

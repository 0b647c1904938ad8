"""LossFunctionWrapper: makes a Loss of a function of (y_true, y_pred)."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor

from lamina.core import formula_arguments
from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown, to_snake_case
from lamina.core.weighting import same_rank
from lamina.losses.averages import MEAN_FORMS
from lamina.losses.base import Loss
from lamina.losses.facts import FACTS


class LossFunctionWrapper(Loss):
    """Weights and reduces what a function of (y_true, y_pred) returns for each example.

    torch's own losses, functions or modules of (input, target), are called in their order and
    see class numbers as integers; give them reduction="none" where examples are weighted.

    Args:
        fn: Called as `fn(y_true, y_pred, **kwargs)`.
        reduction: As in `Loss`.
        name: Name in messages and logs; the function's own when `None`.
        dtype: The dtype to compute in; the default float when `None`.
        **kwargs: Passed on to `fn` by name.

    Shape:
        y_true, y_pred: (batch, ...); a missing or spare last axis of size 1 is evened out
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentTypeError: `fn` cannot be called with two arguments.

    Example:
        >>> def fourth_power(y_true, y_pred):
        ...     return (y_pred - y_true).pow(4).mean(-1)
        >>> LossFunctionWrapper(fourth_power)([[0.0]], [[2.0]])
        tensor(16.)
    """

    def __init__(
        self,
        fn: Callable[..., Tensor],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        check_arity(fn, kwargs)
        own_name = getattr(fn, "__name__", None) or to_snake_case(type(fn).__name__)
        super().__init__(own_name if name is None else name, reduction, dtype)
        self.fn = fn
        kwargs = formula_arguments.checked(self, fn, kwargs)
        self._arguments = kwargs
        self.__dict__.update(kwargs)
        self.facts = FACTS.get(fn)
        self._is_torch_loss = _takes_input_and_target(fn)
        self.keeps_integers = self._is_torch_loss or self.labels == "classes"
        if fn in MEAN_FORMS and kwargs.get("ignore_class") is None:
            self._mean_form = partial(MEAN_FORMS[fn], **kwargs)

    @property
    def labels(self) -> str | None:  # type: ignore[override]  # read from `fn`
        """What `y_true` holds: "classes", "one_hot", "binary" or "values"; `None` if unknown."""
        return self.facts and self.facts.labels

    @property
    def expects(self) -> str | None:  # type: ignore[override]  # read from `fn`
        """What `y_pred` holds, such as "probabilities" or "logits"; `None` if unknown."""
        if self.facts is None:
            return None
        return "logits" if self._arguments.get("from_logits") else self.facts.output

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Calls the function on two tensors of one rank."""
        if isinstance(y_true, Tensor) and isinstance(y_pred, Tensor):
            y_true, y_pred = same_rank(y_true, y_pred)
        if self._is_torch_loss:
            return self.fn(y_pred, y_true, **self._arguments)
        return self.fn(y_true, y_pred, **self._arguments)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, those of the function included."""
        config = super().get_config()
        return {**config, **self._arguments} if "fn" in config else config


def _takes_input_and_target(function: Any) -> bool:
    try:
        parameters = inspect.signature(getattr(function, "forward", function)).parameters
    except ValueError:
        return False
    return list(parameters)[:2] == ["input", "target"]


def check_arity(function: Any, arguments: dict[str, Any]) -> None:
    """Refuses what cannot be called with (y_true, y_pred) and these named arguments.

    Raises:
        ArgumentTypeError: It is no function, or takes other arguments.
    """
    if not callable(function):
        raise ArgumentTypeError(
            f"{shown(function)} is no loss function.",
            expected="a function of (y_true, y_pred).",
            fix='pass a function, or a name such as "mean_squared_error".',
        )
    try:
        signature = inspect.signature(function)
    except ValueError:  # functions written in C may have no signature
        return
    try:
        signature.bind(None, None, **arguments)
    except TypeError as reason:
        name = getattr(function, "__name__", type(function).__name__)
        raise ArgumentTypeError(
            f"loss function {name}{signature} cannot be called with (y_true, y_pred): {reason}.",
            expected="a function of (y_true, y_pred) that returns one value an example.",
            fix=f"define it as def {name}(y_true, y_pred): ...",
        ) from reason

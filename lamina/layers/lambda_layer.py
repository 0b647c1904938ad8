"""Lambda: any function as a layer."""

import inspect
from collections.abc import Callable
from typing import Any

from lamina.core import checks
from lamina.layers.base import Layer


class Lambda(Layer):
    """Applies a function that has no weights.

    Functions of torch can also be called on symbolic tensors directly. A function has no
    configuration: a model with `Lambda` in it can be saved and loaded only where the function can
    be found again.

    Args:
        function: Takes the input, and `training` where it has an argument of that name.
        output_shape: Accepted for Keras's sake; the function is run to find its shape.
        mask: Accepted for Keras's sake.
        arguments: Further keyword arguments for the function.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: as the function takes it
        output: as the function returns it

    Raises:
        ArgumentError: `function` cannot be called.

    Example:
        >>> Lambda(lambda x: 2 * x)(torch.ones(2))
        tensor([2., 2.])
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise checks.refuse(
                self,
                "function",
                function,
                expected="'function' as something that can be called with a tensor.",
                fix="pass for example Lambda(lambda x: x / 2).",
            )
        self.function = function
        self.given_output_shape = output_shape
        self.mask = mask
        self.arguments = dict(arguments or {})
        self._takes_training = _has_argument(function, "training")

    def call(self, x: Any) -> Any:
        extra = {"training": self.training} if self._takes_training else {}
        return self.function(x, **self.arguments, **extra)


def _has_argument(function: Callable[..., Any], name: str) -> bool:
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):  # functions of C code have no signature
        return False

"""ActivityRegularization: a penalty on what flows through."""

from typing import Any

from lamina.core import checks
from lamina.layers import regularizers
from lamina.layers.base import Layer


class ActivityRegularization(Layer):
    """Adds a penalty on its input to the loss and passes the input on unchanged.

    Computes `(l1 * sum(|x|) + l2 * sum(x²)) / batch`.

    Args:
        l1: Weight of the absolute values, at least 0.
        l2: Weight of the squares, at least 0.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...), floating point
        output: the input itself

    Raises:
        ArgumentError: `l1` or `l2` is not a number of at least 0.

    Example:
        >>> layer = ActivityRegularization(l1=1.0)
        >>> _ = layer(torch.ones(2, 3))
        >>> layer.losses
        [tensor(3.)]
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        weights = {
            name: checks.number(type(self), name, value, low=0.0)
            for name, value in (("l1", l1), ("l2", l2))
        }
        super().__init__(activity_regularizer=regularizers.L1L2(**weights), **kwargs)
        self.l1, self.l2 = weights["l1"], weights["l2"]

    def call(self, x: Any) -> Any:
        return x

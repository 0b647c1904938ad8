"""Flatten, Reshape, Permute, RepeatVector, Identity: the same values in another arrangement."""

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers import sliding
from lamina.layers.base import Layer


class Identity(Layer):
    """Passes its input on unchanged.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any
        output: the input itself

    Example:
        >>> Identity()(torch.ones(2))
        tensor([1., 1.])
    """

    def call(self, x: Any) -> Any:
        return x


class Flatten(Layer):
    """Lines up all values of an example in one row, so that `Dense` can mix them.

    Args:
        data_format: With "channels_first" the channels are moved last before, so that the order
            of the values does not depend on where the channels were. `None` means last.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...)
        output: (batch, product of the other sizes), a view where memory allows

    Raises:
        ArgumentError: `data_format` is none.

    Example:
        >>> Flatten()(torch.zeros(2, 3, 4)).shape
        torch.Size([2, 12])
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        if self.data_format == sliding.CHANNELS_FIRST and x.ndim > 1:
            x = x.movedim(1, -1)
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


class Reshape(Layer):
    """Gives every example another shape with the same number of values, in the same order.

    Args:
        target_shape: The new sizes without the batch axis. One may be -1 and follows from the
            others.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...)
        output: (batch, *target_shape), a view where memory allows

    Raises:
        ArgumentError: `target_shape` holds anything but sizes and one -1.
        ShapeError: The number of values does not fit.

    Example:
        >>> Reshape((3, -1))(torch.zeros(2, 12)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = target_shape if isinstance(target_shape, (tuple, list)) else (None,)
        is_whole = all(checks.is_whole(size) and (size >= 0 or size == -1) for size in sizes)
        if not is_whole or list(sizes).count(-1) > 1:
            raise checks.refuse(
                self,
                "target_shape",
                target_shape,
                expected="'target_shape' as a tuple of whole numbers, at most one of them -1.",
                fix="pass for example target_shape=(28, 28, 1).",
            )
        self.target_shape = tuple(int(size) for size in sizes)

    def call(self, x: Tensor) -> Tensor:
        count, known = math.prod(x.shape[1:]), math.prod(n for n in self.target_shape if n != -1)
        has_open = -1 in self.target_shape
        if (has_open and (known == 0 or count % known)) or (not has_open and count != known):
            raise ShapeError(
                f"{self.name} cannot give {self.target_shape} to an input of shape "
                f"{tuple(x.shape)}.",
                expected=f"a target_shape of {count} values in all.",
                fix="leave one size open with -1, or check the layers before it.",
            )
        sizes = [count // known if size == -1 else size for size in self.target_shape]
        return x.reshape(x.shape[0], *sizes)


class Permute(Layer):
    """Puts the axes of every example in another order.

    Args:
        dims: The new order of the axes, counted from 1, without the batch axis.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...)
        output: (batch, ...), a view of the input

    Raises:
        ArgumentError: `dims` is no order of 1, 2, ...
        ShapeError: The input has another number of axes.

    Example:
        >>> Permute((2, 1))(torch.zeros(2, 3, 4)).shape
        torch.Size([2, 4, 3])
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        order = tuple(dims) if isinstance(dims, (tuple, list)) else ()
        is_whole = all(checks.is_whole(axis) for axis in order)
        if not order or not is_whole or sorted(order) != list(range(1, len(order) + 1)):
            raise checks.refuse(
                self,
                "dims",
                dims,
                expected="'dims' as the numbers 1, 2, ... in the wanted order.",
                fix="pass for example dims=(2, 1).",
            )
        self.dims = order

    def call(self, x: Tensor) -> Tensor:
        if x.ndim != len(self.dims) + 1:
            raise ShapeError(
                f"{self.name} received an input of shape {tuple(x.shape)}.",
                expected=f"{len(self.dims) + 1} axes, the batch axis included.",
                fix=f"pass dims with {x.ndim - 1} numbers, or change the layers before it.",
            )
        return x.permute(0, *self.dims)


class RepeatVector(Layer):
    """Repeats the vector of every example, as a sequence of equal steps.

    Args:
        n: Number of steps.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, features)
        output: (batch, n, features)

    Raises:
        ArgumentError: `n` is not a whole number of at least 1.
        ShapeError: The input does not have 2 axes.

    Example:
        >>> RepeatVector(3)(torch.zeros(2, 4)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = checks.positive_int(self, "n", n)

    def call(self, x: Tensor) -> Tensor:
        if x.ndim != 2:
            raise ShapeError(
                f"{self.name} received an input of shape {tuple(x.shape)}.",
                expected="2 axes, (batch, features).",
                fix="put Flatten before it.",
            )
        return x.unsqueeze(1).repeat(1, self.n, 1)

"""Layers that make one tensor of several: sums, products, extremes, concatenation, dot product."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ArgumentError, ShapeError
from lamina.layers.base import Layer


def _check_list(layer: Layer, inputs: Any, low: int = 1, high: int | None = None) -> None:
    """Refuses anything but a list or tuple of as many tensors as the layer takes."""
    is_list = isinstance(inputs, (list, tuple))
    if is_list and len(inputs) >= low and (high is None or len(inputs) <= high):
        return
    given = f"{len(inputs)} in a list" if is_list else f"a {type(inputs).__name__}"
    wanted = f"a list of {low} tensors" if high == low else "a list of tensors"
    raise ArgumentError(
        f"{layer.name} received {given}.",
        expected=f"{wanted}.",
        fix=f"call it as {layer.name}([a, b]).",
    )


def _shapes(inputs: Sequence[Any]) -> str:
    return ", ".join(str(tuple(x.shape)) for x in inputs)


class _Merge(Layer):
    """What elementwise merging layers share; a public class sets `_combine`."""

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        _check_list(self, inputs)
        return self._combine(self._aligned(inputs))

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        raise NotImplementedError

    def _aligned(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Views of equal rank: missing axes are put after the batch axis."""
        rank = max(x.ndim for x in inputs)
        views = [
            x[(slice(None), *(None,) * (rank - x.ndim))] if x.ndim < rank else x for x in inputs
        ]
        if any(len({x.shape[axis] for x in views} - {1}) > 1 for axis in range(rank)):
            raise ShapeError(
                f"{self.name} received tensors of shapes {_shapes(inputs)}.",
                expected="equal sizes on every axis, or 1 where a tensor is to be repeated.",
                fix="bring them to one shape with Dense, Reshape or pooling before merging.",
            )
        return views


class Add(_Merge):
    """Adds tensors element by element, as residual connections do.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list.
        ShapeError: The sizes do not fit.

    Example:
        >>> Add()([torch.ones(2), torch.ones(2)])
        tensor([2., 2.])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        return reduce(torch.add, inputs)


class Subtract(_Merge):
    """Subtracts the second of two tensors from the first, element by element.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of two tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list of two.
        ShapeError: The sizes do not fit.

    Example:
        >>> Subtract()([torch.ones(2), torch.ones(2)])
        tensor([0., 0.])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        _check_list(self, inputs, 2, 2)
        return inputs[0] - inputs[1]


class Multiply(_Merge):
    """Multiplies tensors element by element, as gates do.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list.
        ShapeError: The sizes do not fit.

    Example:
        >>> Multiply()([torch.full((2,), 3.0), torch.full((2,), 2.0)])
        tensor([6., 6.])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        return reduce(torch.mul, inputs)


class Average(_Merge):
    """Averages tensors element by element, as ensembles do.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list.
        ShapeError: The sizes do not fit.

    Example:
        >>> Average()([torch.zeros(2), torch.ones(2)])
        tensor([0.5000, 0.5000])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        return reduce(torch.add, inputs) / len(inputs)


class Maximum(_Merge):
    """Keeps the largest of several tensors at every place.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list.
        ShapeError: The sizes do not fit.

    Example:
        >>> Maximum()([torch.zeros(2), torch.ones(2)])
        tensor([1., 1.])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        return reduce(torch.maximum, inputs)


class Minimum(_Merge):
    """Keeps the smallest of several tensors at every place.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors (batch, ...); axes of size 1 are repeated
        output: (batch, ...)

    Raises:
        ArgumentError: The input is not a list.
        ShapeError: The sizes do not fit.

    Example:
        >>> Minimum()([torch.zeros(2), torch.ones(2)])
        tensor([0., 0.])
    """

    def _combine(self, inputs: list[Tensor]) -> Tensor:
        return reduce(torch.minimum, inputs)


class Concatenate(Layer):
    """Joins tensors along one axis, so that later layers see the features of all.

    Args:
        axis: The axis to join along.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of tensors whose other axes agree
        output: (batch, ...), the sum of the sizes along `axis`

    Raises:
        ArgumentError: `axis` is not a whole number, or the input is not a list.
        ShapeError: The other axes differ.

    Example:
        >>> Concatenate()([torch.zeros(2, 3), torch.zeros(2, 4)]).shape
        torch.Size([2, 7])
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not checks.is_whole(axis):
            raise checks.refuse(
                self, "axis", axis, expected="'axis' as a whole number.", fix="pass axis=-1."
            )
        self.axis = int(axis)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        _check_list(self, inputs)
        rank = inputs[0].ndim
        first, *others = [
            [size for axis, size in enumerate(x.shape) if axis != self.axis % rank] for x in inputs
        ]
        fits = all(x.ndim == rank for x in inputs) and -rank <= self.axis < rank
        # Lists, not a set: the sizes that torch.export traces with cannot be hashed.
        if not fits or any(other != first for other in others):
            raise ShapeError(
                f"{self.name} received tensors of shapes {_shapes(inputs)}.",
                expected=f"equal sizes on every axis but axis {self.axis}.",
                fix="choose another axis, or bring the tensors to fitting shapes first.",
            )
        return torch.cat(list(inputs), self.axis)


class Dot(Layer):
    """Multiplies two tensors and sums along one axis of each, example by example.

    Args:
        axes: The axis of both tensors, or a pair, one for each. Never the batch axis.
        normalize: Whether both are scaled to length 1 along the axis first; the result is then
            the cosine of the angle between them.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: a list of two tensors with at least 2 axes
        output: (batch, other axes of the first, other axes of the second), or (batch, 1)

    Raises:
        ArgumentError: An argument has no possible value, or the input is not a list of two.
        ShapeError: The axes differ in size.

    Example:
        >>> Dot(axes=1)([torch.ones(2, 3), torch.ones(2, 3)])
        tensor([[3.],
                [3.]])
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = (axes, axes) if checks.is_whole(axes) else axes
        is_pair = isinstance(pair, (tuple, list)) and len(pair) == 2
        if not is_pair or not all(checks.is_whole(axis) and axis != 0 for axis in pair):
            raise checks.refuse(
                self,
                "axes",
                axes,
                expected="'axes' as a whole number other than 0, or two of them.",
                fix="pass axes=1, or axes=(1, 2).",
            )
        self.axes = axes
        self.normalize = checks.boolean(self, "normalize", normalize)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        _check_list(self, inputs, 2, 2)
        pair = (self.axes, self.axes) if checks.is_whole(self.axes) else self.axes
        x, y = (
            self._summed_last(tensor, axis, inputs)
            for tensor, axis in zip(inputs, pair, strict=True)
        )
        if x.shape[-1] != y.shape[-1]:
            raise self._misfit(inputs)
        left, right = x.shape[1:-1], y.shape[1:-1]
        sums = torch.bmm(x.flatten(1, -2) if left else x.unsqueeze(1), _as_columns(y, right))
        return sums.reshape(x.shape[0], *((*left, *right) or (1,)))

    def _summed_last(self, x: Tensor, axis: int, inputs: Sequence[Tensor]) -> Tensor:
        if x.ndim < 2 or not -x.ndim < axis < x.ndim:
            raise self._misfit(inputs)
        x = x.movedim(axis, -1)
        return F.normalize(x, dim=-1, eps=1e-7) if self.normalize else x

    def _misfit(self, inputs: Sequence[Tensor]) -> ShapeError:
        return ShapeError(
            f"{self.name} received tensors of shapes {_shapes(inputs)}.",
            expected=f"equal sizes along axes={self.axes}, which are no batch axes.",
            fix="choose other axes, or bring the tensors to fitting shapes first.",
        )


def _as_columns(y: Tensor, others: tuple[int, ...]) -> Tensor:
    return (y.flatten(1, -2) if others else y.unsqueeze(1)).transpose(1, 2)


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Adds tensors element by element, as the layer `Add` does."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Subtracts the second of two tensors from the first, as the layer `Subtract` does."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Multiplies tensors element by element, as the layer `Multiply` does."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Averages tensors element by element, as the layer `Average` does."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Keeps the largest of several tensors at every place, as the layer `Maximum` does."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Keeps the smallest of several tensors at every place, as the layer `Minimum` does."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """Joins tensors along one axis, as the layer `Concatenate` does."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Sequence[Any], axes: Any = -1, **kwargs: Any) -> Any:
    """Multiplies two tensors and sums along one axis of each, as the layer `Dot` does."""
    return Dot(axes=axes, **kwargs)(inputs)

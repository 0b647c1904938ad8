"""Activations as layers of their own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers import activations
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype
from lamina.layers.weights import declared_weight


class Activation(Layer):
    """Applies a function to every value.

    Args:
        activation: Name or function.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: The name is unknown.

    Example:
        >>> Activation("relu")(torch.tensor([-1.0, 1.0]))
        tensor([0., 1.])
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, x: Tensor) -> Tensor:
        return self.activation(x)


class ReLU(Layer):
    """Cuts off what lies below a threshold.

    Computes `max_value` where x >= max_value, x between the threshold and it, and
    `negative_slope * (x - threshold)` below.

    Args:
        max_value: Largest output; `None` for no limit.
        negative_slope: Slope below the threshold, at least 0.
        threshold: Where values begin to pass, at least 0.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.

    Example:
        >>> ReLU(max_value=6)(torch.tensor([-1.0, 2.0, 9.0]))
        tensor([0., 2., 6.])
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None
        if max_value is not None:
            self.max_value = checks.number(self, "max_value", max_value, low=0.0, example=6)
        self.negative_slope = checks.number(self, "negative_slope", negative_slope, low=0.0)
        self.threshold = checks.number(self, "threshold", threshold, low=0.0)

    def call(self, x: Tensor) -> Tensor:
        return activations.relu(x, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """Lets a share of the negative part through: x where x > 0, negative_slope · x below.

    Args:
        negative_slope: The share, at least 0. `alpha` is accepted as its older name.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: `negative_slope` is not a number of at least 0.

    Reference:
        Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        ICML 2013.

    Example:
        >>> LeakyReLU(0.5)(torch.tensor([-1.0, 1.0]))
        tensor([-0.5000,  1.0000])
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = checks.number(self, "negative_slope", negative_slope, low=0.0)

    def call(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, self.negative_slope)


class PReLU(Layer):
    """Lets a learned share of the negative part through: x where x > 0, alpha · x below.

    Args:
        alpha_initializer: How the shares start.
        alpha_regularizer: Penalty on the shares, added to the loss.
        alpha_constraint: Projection of the shares after each update.
        shared_axes: Axes, counted from 1, along which one share serves all; for images (1, 2).
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...), floating point, sizes known except along shared axes
        output: that of the input
        alpha: sizes of the input without the batch axis, 1 along shared axes, starts at 0

    Raises:
        ArgumentError: `shared_axes` holds anything but axes from 1.
        ShapeError: The input lacks a shared axis, or a size is unknown.

    Reference:
        He et al., "Delving Deep into Rectifiers", ICCV 2015; the shares start at 0 as in Keras,
        not at 0.25.

    Example:
        >>> PReLU()(torch.ones(2, 3)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        axes: Any = [shared_axes] if checks.is_whole(shared_axes) else shared_axes
        is_list = axes is None or isinstance(axes, (tuple, list))
        if not is_list or not all(checks.is_whole(axis) and axis >= 1 for axis in axes or []):
            raise checks.refuse(
                self,
                "shared_axes",
                shared_axes,
                expected="'shared_axes' as whole numbers of at least 1.",
                fix="pass for example shared_axes=[1, 2].",
            )
        self.shared_axes = None if axes is None else list(axes)

    def build(self, input_shape: Shape) -> None:
        shared = self.shared_axes or []
        sizes = [1 if axis in shared else size for axis, size in enumerate(input_shape)][1:]
        if None in sizes or max(shared, default=0) >= len(input_shape):
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}.",
                expected="axes of known size, apart from those in 'shared_axes'.",
                fix="pass shared_axes with the axes of unknown size, for images [1, 2].",
            )
        self.alpha = declared_weight(self, "alpha", tuple(sizes))

    def call(self, x: Tensor) -> Tensor:
        x, alpha = in_compute_dtype(self, x, self.alpha)
        return torch.where(x > 0, x, alpha * x)


class ELU(Layer):
    """Bends the negative part towards -alpha: x where x > 0, alpha · (exp(x) - 1) below.

    Args:
        alpha: Limit of the negative part.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: `alpha` is not a number.

    Reference:
        Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by
        Exponential Linear Units (ELUs)", ICLR 2016.

    Example:
        >>> ELU()(torch.tensor([0.0, 1.0]))
        tensor([0., 1.])
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = checks.number(self, "alpha", alpha)

    def call(self, x: Tensor) -> Tensor:
        return F.elu(x, self.alpha)


class Softmax(Layer):
    """Turns scores into shares that add up to 1: exp(x) / sum(exp(x)).

    Args:
        axis: Axis or axes along which the shares add up to 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point; also `mask`, true where a score counts
        output: that of the input

    Raises:
        ArgumentError: `axis` is no axis.

    Example:
        >>> Softmax()(torch.zeros(2))
        tensor([0.5000, 0.5000])
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        axes = axis if isinstance(axis, (tuple, list)) else [axis]
        if not axes or not all(checks.is_whole(one) for one in axes):
            raise checks.refuse(
                self,
                "axis",
                axis,
                expected="'axis' as a whole number, or several.",
                fix="pass axis=-1 for the last axis.",
            )
        self.axis = tuple(axis) if isinstance(axis, (tuple, list)) else int(axis)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return activations.softmax(x, self.axis)
        mask = mask if mask.dtype == torch.bool else mask > 0.5
        low = -3e4 if x.dtype == torch.float16 else -1e9
        return torch.where(mask, activations.softmax(x.where(mask, low), self.axis), 0.0)

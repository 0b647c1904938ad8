"""Normalization of each example by itself: layer, group, RMS and unit normalization."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.layers.base import Layer, Shape
from lamina.layers.batch_normalization import check_axis_size, known_size, whole_axis
from lamina.layers.precision import in_compute_dtype, widened
from lamina.layers.weights import declared_weight


def _axes(layer: object, axis: Any) -> int | list[int]:
    """Accepts one axis or several."""
    if isinstance(axis, (tuple, list)) and axis:
        return [whole_axis(layer, one) for one in axis]
    return whole_axis(layer, axis)


def _normal_axes(layer: Any, shape: tuple) -> list[int]:
    """The layer's axes, counted from the first, in order."""
    axes = layer.axis if isinstance(layer.axis, list) else [layer.axis]
    for axis in axes:
        known_size(layer, shape, axis)
    return sorted(axis % len(shape) for axis in axes)


def _are_last(axes: list[int], rank: int) -> bool:
    return axes == list(range(rank - len(axes), rank))


def _beside(weight: Tensor, shape: tuple, axes: list[int]) -> Tensor:
    """View of a weight that broadcasts against an input of `shape`."""
    return weight.reshape([size if axis in axes else 1 for axis, size in enumerate(shape)])


class LayerNormalization(Layer):
    """Brings every example to mean 0 and variance 1 along some axes, then scales and shifts it.

    Computes `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with mean and variance of each
    place by itself. It does not depend on the batch, which makes it the choice for sequences and
    small batches.

    Args:
        axis: The axis or axes over which mean and variance are taken.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: How `beta` starts.
        gamma_initializer: How `gamma` starts.
        beta_regularizer: Penalty on `beta`, added to the loss.
        gamma_regularizer: Penalty on `gamma`, added to the loss.
        beta_constraint: Projection of `beta` after each update.
        gamma_constraint: Projection of `gamma` after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any with at least 2 axes
        output: that of the input, dtype of the policy
        gamma: sizes of the axes, starts at 1
        beta: sizes of the axes, starts at 0

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input lacks an axis, or its size is unknown.

    Reference:
        Ba, Kiros and Hinton, "Layer Normalization", arXiv 1607.06450, 2016.

    Example:
        >>> LayerNormalization()(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 5, 3])
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = _axes(self, axis)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-3)
        self.center = checks.boolean(self, "center", center)
        self.scale = checks.boolean(self, "scale", scale)
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape[axis] for axis in _normal_axes(self, input_shape))
        self.gamma = declared_weight(self, "gamma", shape) if self.scale else None
        self.beta = declared_weight(self, "beta", shape) if self.center else None

    def call(self, x: Tensor) -> Tensor:
        axes = _normal_axes(self, x.shape)
        x, gamma, beta = widened(x, self.gamma, self.beta)
        if _are_last(axes, x.ndim):
            y = F.layer_norm(x, x.shape[axes[0] :], gamma, beta, self.epsilon)
        else:
            x = x - x.mean(axes, keepdim=True)
            y = x * torch.rsqrt(x.square().mean(axes, keepdim=True) + self.epsilon)
            y = y if gamma is None else y * _beside(gamma, x.shape, axes)
            y = y if beta is None else y + _beside(beta, x.shape, axes)
        return in_compute_dtype(self, y)[0]


class GroupNormalization(Layer):
    """Brings groups of channels of every example to mean 0 and variance 1, then scales and shifts.

    Mean and variance are taken over the channels of a group and all places. It does not depend on
    the batch: the choice for images in small batches. With `groups=1` it normalizes the whole
    example, with `groups=-1` each channel by itself.

    Args:
        groups: Number of groups of neighbouring channels; -1 for one a channel.
        axis: The axis of the channels.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: How `beta` starts.
        gamma_initializer: How `gamma` starts.
        beta_regularizer: Penalty on `beta`, added to the loss.
        gamma_regularizer: Penalty on `gamma`, added to the loss.
        beta_constraint: Projection of `beta` after each update.
        gamma_constraint: Projection of `gamma` after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any with at least 2 axes
        output: that of the input, dtype of the policy
        gamma: (channels,), starts at 1
        beta: (channels,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value, or `groups` does not divide the channels.
        ShapeError: The input lacks the axis, or its size is unknown.

    Reference:
        Wu and He, "Group Normalization", ECCV 2018.

    Example:
        >>> GroupNormalization(groups=2)(torch.zeros(2, 8, 8, 4)).shape
        torch.Size([2, 8, 8, 4])
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        is_each = checks.is_whole(groups) and groups == -1
        self.groups = -1 if is_each else checks.positive_int(self, "groups", groups)
        self.axis = whole_axis(self, axis)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-3)
        self.center = checks.boolean(self, "center", center)
        self.scale = checks.boolean(self, "scale", scale)
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint

    def build(self, input_shape: Shape) -> None:
        self.channels = known_size(self, input_shape, self.axis)
        if self.channels % self._num_groups():
            raise ArgumentError(
                f"{self.name} cannot share {self.channels} channels among {self.groups} groups.",
                expected="a number of channels that is a multiple of 'groups'.",
                fix="pass a divisor of the number of channels as groups.",
            )
        shape = (self.channels,)
        self.gamma = declared_weight(self, "gamma", shape) if self.scale else None
        self.beta = declared_weight(self, "beta", shape) if self.center else None

    def _num_groups(self) -> int:
        return self.channels if self.groups == -1 else self.groups

    def call(self, x: Tensor) -> Tensor:
        check_axis_size(self, x.shape, self.axis, self.channels)
        x, gamma, beta = widened(x, self.gamma, self.beta)
        y = x.movedim(self.axis, 1)
        shape = y.shape
        y = y.unsqueeze(2) if y.ndim == 3 else y
        # torch's own gamma and beta crash the process on channels-last memory (torch 2.13, CPU)
        # when their gradient is wanted and that of x is not, as in the first layer of a model
        y = F.group_norm(y, self._num_groups(), eps=self.epsilon)
        y = y.reshape(shape).movedim(1, self.axis)
        axes = [self.axis % x.ndim]
        y = y if gamma is None else y * _beside(gamma, x.shape, axes)
        y = y if beta is None else y + _beside(beta, x.shape, axes)
        return in_compute_dtype(self, y)[0]


class RMSNormalization(Layer):
    """Divides every example by its root mean square along some axes, then scales it.

    Computes `scale * x / sqrt(mean(x²) + epsilon)`. Cheaper than `LayerNormalization`, and usual
    in large language models.

    Args:
        axis: The axis or axes over which the mean is taken.
        epsilon: Added to the mean of the squares.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any with at least 2 axes
        output: that of the input, dtype of the policy
        scale: sizes of the axes, starts at 1

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input lacks an axis, or its size is unknown.

    Reference:
        Zhang and Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019.

    Example:
        >>> RMSNormalization()(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 5, 3])
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = _axes(self, axis)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-6)

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape[axis] for axis in _normal_axes(self, input_shape))
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones")

    def call(self, x: Tensor) -> Tensor:
        axes = _normal_axes(self, x.shape)
        x, scale = widened(x, self.scale)
        if _are_last(axes, x.ndim):
            y = F.rms_norm(x, x.shape[axes[0] :], scale, self.epsilon)
        else:
            size = x.square().mean(axes, keepdim=True)
            y = x * torch.rsqrt(size + self.epsilon) * _beside(scale, x.shape, axes)
        return in_compute_dtype(self, y)[0]


class UnitNormalization(Layer):
    """Scales every example to length 1 along some axes.

    Computes `x / sqrt(sum(x²))`; what is all zeros stays so.

    Args:
        axis: The axis or axes along which the length is measured.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any with at least 2 axes, floating point
        output: that of the input

    Raises:
        ArgumentError: `axis` is no axis.
        ShapeError: The input lacks an axis.

    Example:
        >>> UnitNormalization()(torch.tensor([[3.0, 4.0]]))
        tensor([[0.6000, 0.8000]])
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = _axes(self, axis)

    def call(self, x: Tensor) -> Tensor:
        axes = _normal_axes(self, x.shape)
        return x * torch.rsqrt(x.square().sum(axes, keepdim=True)).clamp(max=1e12)

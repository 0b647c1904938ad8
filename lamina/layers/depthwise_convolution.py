"""DepthwiseConv and SeparableConv: every channel convolved by itself, then mixed."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.layers import activations, sliding
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype
from lamina.layers.weights import declared_weight


def _convolve_each(layer: Any, x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    """Convolves every channel with its own windows: kernel (spatial axes, channels, windows)."""
    return sliding.convolve(layer, x, kernel.flatten(-2).unsqueeze(-2), bias, kernel.shape[-2])


class _DepthwiseConvolution(Layer):
    """What the depthwise convolutions of all ranks share; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.kernel_size = checks.sizes(self, "kernel_size", kernel_size, self.rank)
        self.strides = checks.sizes(self, "strides", strides, self.rank)
        self.padding = sliding.padding(self, padding)
        self.depth_multiplier = checks.positive_int(self, "depth_multiplier", depth_multiplier)
        self.data_format = sliding.data_format(self, data_format)
        self.dilation_rate = checks.sizes(self, "dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.depthwise_initializer = depthwise_initializer
        self.bias_initializer = bias_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.bias_regularizer = bias_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.bias_constraint = bias_constraint

    def build(self, input_shape: Shape) -> None:
        size = sliding.channels(self, input_shape)
        shape = (*self.kernel_size, size, self.depth_multiplier)
        self.kernel = declared_weight(self, "kernel", shape, "depthwise")
        self.bias = None
        if self.use_bias:
            self.bias = declared_weight(self, "bias", (size * self.depth_multiplier,))

    def call(self, x: Tensor) -> Tensor:
        sliding.check_channels(self, x.shape, self.kernel.shape[-2])
        return self.activation(_convolve_each(self, x, self.kernel, self.bias))


class DepthwiseConv2D(_DepthwiseConvolution):
    """Convolves every channel of an image with windows of its own, without mixing channels.

    Use it followed by a 1x1 `Conv2D` as a cheap convolution; `SeparableConv2D` is both in one.

    Args:
        kernel_size: Height and width of the window, one number where they are equal.
        strides: Steps of the window.
        padding: "valid" or "same", as in `Conv2D`.
        depth_multiplier: Number of windows, and so of outputs, for each channel.
        data_format: "channels_last" or "channels_first"; last when `None`.
        dilation_rate: Distance between neighbouring places of the window.
        activation: Name or function applied to the result. `None` leaves it linear.
        use_bias: Whether a bias is added.
        depthwise_initializer: How the kernel starts.
        bias_initializer: How the bias starts.
        depthwise_regularizer: Penalty on the kernel, added to the loss.
        bias_regularizer: Penalty on the bias, added to the loss.
        activity_regularizer: Penalty on the output, added to the loss.
        depthwise_constraint: Projection of the kernel after each update.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, new height, new width, channels · depth_multiplier), dtype of the policy
        kernel: (kernel height, kernel width, channels, depth_multiplier), starts Glorot uniform
        bias: (channels · depth_multiplier,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, other channels, or is smaller than the kernel.

    Reference:
        Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
        Applications", arXiv 1704.04861, 2017.

    Example:
        >>> DepthwiseConv2D(3, depth_multiplier=2)(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 6, 6, 6])
    """

    rank = 2


class DepthwiseConv1D(_DepthwiseConvolution):
    """Convolves every channel of a sequence with windows of its own, without mixing channels.

    Args:
        kernel_size: Length of the window.
        **kwargs: The other arguments of `DepthwiseConv2D`.

    Shape:
        input: (batch, time, channels)
        output: (batch, new time, channels · depth_multiplier), dtype of the policy
        kernel: (kernel size, channels, depth_multiplier), starts Glorot uniform
        bias: (channels · depth_multiplier,), starts at 0

    Raises:
        ArgumentError: As in `DepthwiseConv2D`.
        ShapeError: As in `DepthwiseConv2D`.

    Example:
        >>> DepthwiseConv1D(3)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 6, 3])
    """

    rank = 1


class _SeparableConvolution(Layer):
    """What the separable convolutions of all ranks share; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = checks.positive_int(self, "filters", filters)
        self.kernel_size = checks.sizes(self, "kernel_size", kernel_size, self.rank)
        self.strides = checks.sizes(self, "strides", strides, self.rank)
        self.padding = sliding.padding(self, padding)
        self.data_format = sliding.data_format(self, data_format)
        self.dilation_rate = checks.sizes(self, "dilation_rate", dilation_rate, self.rank)
        self.depth_multiplier = checks.positive_int(self, "depth_multiplier", depth_multiplier)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.bias_initializer = bias_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.bias_regularizer = bias_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint
        self.bias_constraint = bias_constraint

    def build(self, input_shape: Shape) -> None:
        size = sliding.channels(self, input_shape)
        each = (*self.kernel_size, size, self.depth_multiplier)
        mixing = (*(1,) * self.rank, size * self.depth_multiplier, self.filters)
        self.depthwise_kernel = declared_weight(self, "depthwise_kernel", each, "depthwise")
        self.pointwise_kernel = declared_weight(self, "pointwise_kernel", mixing, "pointwise")
        self.bias = declared_weight(self, "bias", (self.filters,)) if self.use_bias else None

    def call(self, x: Tensor) -> Tensor:
        sliding.check_channels(self, x.shape, self.depthwise_kernel.shape[-2])
        y = sliding.channels_second(self, _convolve_each(self, x, self.depthwise_kernel, None))
        kernel, bias = in_compute_dtype(self, self.pointwise_kernel, self.bias)
        y = F.conv2d(y, sliding.torch_kernel(kernel), bias)
        return self.activation(sliding.channels_back(self, y))


class SeparableConv2D(_SeparableConvolution):
    """Convolves every channel by itself, then mixes the channels of each place.

    A cheap relative of `Conv2D`: height · width + filters weights for each channel instead of
    height · width · filters.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the window, one number where they are equal.
        strides: Steps of the window.
        padding: "valid" or "same", as in `Conv2D`.
        data_format: "channels_last" or "channels_first"; last when `None`.
        dilation_rate: Distance between neighbouring places of the window.
        depth_multiplier: Number of windows for each channel.
        activation: Name or function applied to the result. `None` leaves it linear.
        use_bias: Whether a bias is added.
        depthwise_initializer: How the windows start.
        pointwise_initializer: How the mixing matrix starts.
        bias_initializer: How the bias starts.
        depthwise_regularizer: Penalty on the windows, added to the loss.
        pointwise_regularizer: Penalty on the mixing matrix, added to the loss.
        bias_regularizer: Penalty on the bias, added to the loss.
        activity_regularizer: Penalty on the output, added to the loss.
        depthwise_constraint: Projection of the windows after each update.
        pointwise_constraint: Projection of the mixing matrix after each update.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, new height, new width, filters), dtype of the policy
        depthwise_kernel: (kernel height, kernel width, channels, depth_multiplier), Glorot uniform
        pointwise_kernel: (1, 1, channels · depth_multiplier, filters), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, other channels, or is smaller than the kernel.

    Reference:
        Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017.

    Example:
        >>> SeparableConv2D(4, 3)(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 6, 6, 4])
    """

    rank = 2


class SeparableConv1D(_SeparableConvolution):
    """Convolves every channel of a sequence by itself, then mixes the channels of each step.

    Args:
        filters: Number of output channels.
        kernel_size: Length of the window.
        **kwargs: The other arguments of `SeparableConv2D`.

    Shape:
        input: (batch, time, channels)
        output: (batch, new time, filters), dtype of the policy
        depthwise_kernel: (kernel size, channels, depth_multiplier), starts Glorot uniform
        pointwise_kernel: (1, channels · depth_multiplier, filters), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: As in `SeparableConv2D`.
        ShapeError: As in `SeparableConv2D`.

    Example:
        >>> SeparableConv1D(4, 3)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 6, 4])
    """

    rank = 1

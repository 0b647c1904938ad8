"""Conv1D, Conv2D, Conv3D: learned patterns searched for at every place of an image."""

from typing import Any

from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.layers import activations, sliding
from lamina.layers.base import Layer, Shape
from lamina.layers.weights import declared_weight


class _Convolution(Layer):
    """What the convolutions of all ranks share; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = checks.positive_int(self, "filters", filters)
        self.kernel_size = checks.sizes(self, "kernel_size", kernel_size, self.rank)
        self.strides = checks.sizes(self, "strides", strides, self.rank)
        self.padding = sliding.padding(self, padding, *(["causal"] if self.rank == 1 else []))
        self.data_format = sliding.data_format(self, data_format)
        self.dilation_rate = checks.sizes(self, "dilation_rate", dilation_rate, self.rank)
        self.groups = checks.positive_int(self, "groups", groups)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        check_strides(self)
        if self.filters % self.groups:
            near = self.groups * max(self.filters // self.groups, 1)
            raise ArgumentError(
                f"{type(self).__name__} cannot share {self.filters} filters among {self.groups} "
                "groups.",
                expected="a number of filters that is a multiple of 'groups'.",
                fix=f"pass for example filters={near}.",
            )

    def build(self, input_shape: Shape) -> None:
        size = sliding.channels(self, input_shape)
        if size % self.groups:
            raise ArgumentError(
                f"{self.name} cannot share {size} input channels among {self.groups} groups.",
                expected="a number of input channels that is a multiple of 'groups'.",
                fix="pass groups=1, or a divisor of both the input channels and the filters.",
            )
        shape = (*self.kernel_size, size // self.groups, self.filters)
        self.kernel = declared_weight(self, "kernel", shape)
        self.bias = declared_weight(self, "bias", (self.filters,)) if self.use_bias else None

    def call(self, x: Tensor) -> Tensor:
        sliding.check_channels(self, x.shape, self.kernel.shape[-2] * self.groups)
        return self.activation(sliding.convolve(self, x, self.kernel, self.bias, self.groups))


def check_strides(layer: Any) -> None:
    """Refuses strides together with dilation, which Keras does not define."""
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        raise ArgumentError(
            f"{type(layer).__name__} has strides={layer.strides} and "
            f"dilation_rate={layer.dilation_rate}.",
            expected="strides of 1, or a dilation rate of 1.",
            fix="drop one of the two, or put a pooling layer after the dilated convolution.",
        )


class Conv2D(_Convolution):
    """Searches images for small learned patterns, the same at every place.

    Each output channel is the activation of a weighted sum over a window, plus a bias. Use it for
    images and other grids; `SeparableConv2D` needs fewer weights and operations.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the window, one number where they are equal.
        strides: Steps of the window. Above 1, the output is smaller.
        padding: "valid" keeps the window inside the image. "same" adds zeros around it so that
            the output has ceil(size / stride) places.
        data_format: "channels_last" or "channels_first"; last when `None`.
        dilation_rate: Distance between neighbouring places of the window. Not with strides.
        groups: Number of groups of channels that are convolved apart from each other.
        activation: Name or function applied to the result. `None` leaves it linear.
        use_bias: Whether a bias is added.
        kernel_initializer: How the kernel starts.
        bias_initializer: How the bias starts.
        kernel_regularizer: Penalty on the kernel, added to the loss.
        bias_regularizer: Penalty on the bias, added to the loss.
        activity_regularizer: Penalty on the output, added to the loss.
        kernel_constraint: Projection of the kernel after each update.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, new height, new width, filters), dtype of the policy
        kernel: (kernel height, kernel width, channels / groups, filters), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value, or `groups` does not divide the filters
            or the input channels.
        ShapeError: The input has other axes, other channels, or is smaller than the kernel.

    Reference:
        LeCun et al., "Backpropagation Applied to Handwritten Zip Code Recognition", Neural
        Computation 1(4), 1989.

    Example:
        >>> Conv2D(4, 3, padding="same")(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 8, 8, 4])
    """

    rank = 2


class Conv1D(_Convolution):
    """Searches sequences for short learned patterns, the same at every step.

    The formula and the arguments are those of `Conv2D`, with one spatial axis. With
    `padding="causal"` an output depends on no later step.

    Args:
        filters: Number of output channels.
        kernel_size: Length of the window.
        strides: Step of the window.
        padding: "valid", "same" or "causal".
        **kwargs: The other arguments of `Conv2D`.

    Shape:
        input: (batch, time, channels)
        output: (batch, new time, filters), dtype of the policy
        kernel: (kernel size, channels / groups, filters), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: As in `Conv2D`.
        ShapeError: As in `Conv2D`.

    Example:
        >>> Conv1D(4, 3, padding="causal")(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 8, 4])
    """

    rank = 1


class Conv3D(_Convolution):
    """Searches volumes or films for small learned patterns, the same at every place.

    The formula and the arguments are those of `Conv2D`, with three spatial axes.

    Args:
        filters: Number of output channels.
        kernel_size: Depth, height and width of the window, one number where they are equal.
        strides: Steps of the window.
        padding: "valid" or "same".
        **kwargs: The other arguments of `Conv2D`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, new depth, new height, new width, filters), dtype of the policy
        kernel: (three kernel sizes, channels / groups, filters), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: As in `Conv2D`.
        ShapeError: As in `Conv2D`.

    Example:
        >>> Conv3D(4, 2)(torch.zeros(2, 5, 5, 5, 3)).shape
        torch.Size([2, 4, 4, 4, 4])
    """

    rank = 3

"""Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: the reverse direction of a convolution."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.layers import activations, sliding
from lamina.layers.base import Layer, Shape
from lamina.layers.convolution import check_strides
from lamina.layers.precision import in_compute_dtype
from lamina.layers.weights import declared_weight

_FUNCTIONS = {1: F.conv_transpose2d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


class _TransposedConvolution(Layer):
    """What the transposed convolutions of all ranks share; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.padding = sliding.padding(self, padding)
        self.output_padding = output_padding
        self.data_format = sliding.data_format(self, data_format)
        self.dilation_rate = checks.sizes(self, "dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        check_strides(self)
        if output_padding is not None:
            self._check_output_padding()

    def _check_output_padding(self) -> None:
        given = checks.sizes(self, "output_padding", self.output_padding, self.rank, low=0)
        self.output_padding = given
        if any(extra >= stride for extra, stride in zip(given, self.strides, strict=True)):
            raise ArgumentError(
                f"{type(self).__name__} has output_padding={given} and strides={self.strides}.",
                expected="an output padding below the stride on every axis.",
                fix="pass a smaller output_padding, or None to have it chosen.",
            )

    def build(self, input_shape: Shape) -> None:
        shape = (*self.kernel_size, self.filters, sliding.channels(self, input_shape))
        self.kernel = declared_weight(self, "kernel", shape)
        self.bias = declared_weight(self, "bias", (self.filters,)) if self.use_bias else None

    def call(self, x: Tensor) -> Tensor:
        sliding.check_channels(self, x.shape, self.kernel.shape[-1])
        x, kernel, bias = in_compute_dtype(self, x, self.kernel, self.bias)
        crops = [self._crop(axis) for axis in range(self.rank)]
        padding, extra, rest = zip(*crops, strict=True)
        y = _FUNCTIONS[self.rank](
            sliding.channels_second(self, x),
            sliding.torch_kernel(kernel),
            bias,
            sliding.planar(self.strides),
            sliding.planar(padding, 0),
            sliding.planar(extra, 0),
            1,
            sliding.planar(self.dilation_rate),
        )
        for axis, surplus in enumerate(rest, start=y.ndim - self.rank):
            y = y.narrow(axis, 0, y.shape[axis] - surplus) if surplus else y
        return self.activation(sliding.channels_back(self, y))

    def _crop(self, axis: int) -> tuple[int, int, int]:
        """What torch crops at both ends, adds at the far end, and what is left to cut there."""
        stride = self.strides[axis]
        reach = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
        extra = None if self.output_padding is None else self.output_padding[axis]
        if self.padding == "valid":
            return 0, max(stride - reach, 0) if extra is None else extra, 0
        total = stride + reach - 2 if extra is None else reach + reach % 2 - 2 + extra
        before = min(total - total // 2, reach - 1)
        crop_before, crop_after = reach - 1 - before, reach - 1 - (total - before)
        surplus = crop_after - crop_before
        return crop_before, max(-surplus, 0), max(surplus, 0)


class Conv2DTranspose(_TransposedConvolution):
    """Spreads every place of an image over a window of a larger one.

    It is the gradient of `Conv2D` with respect to its input. Use it to enlarge images in decoders;
    `UpSampling2D` followed by `Conv2D` leaves fewer checkerboard patterns.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the window, one number where they are equal.
        strides: How many times larger the output is.
        padding: "valid" keeps everything that was spread; "same" crops to size · stride.
        output_padding: Extra places at the far end, below the stride. `None` chooses so that
            "same" gives exactly size · stride.
        data_format: "channels_last" or "channels_first"; last when `None`.
        dilation_rate: Distance between neighbouring places of the window. Not with strides.
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
        kernel: (kernel height, kernel width, filters, channels), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes or other channels.

    Reference:
        Zeiler et al., "Deconvolutional Networks", CVPR 2010.

    Example:
        >>> Conv2DTranspose(4, 3, strides=2, padding="same")(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 16, 16, 4])
    """

    rank = 2


class Conv1DTranspose(_TransposedConvolution):
    """Spreads every step of a sequence over a window of a longer one.

    Args:
        filters: Number of output channels.
        kernel_size: Length of the window.
        **kwargs: The other arguments of `Conv2DTranspose`.

    Shape:
        input: (batch, time, channels)
        output: (batch, new time, filters), dtype of the policy
        kernel: (kernel size, filters, channels), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: As in `Conv2DTranspose`.
        ShapeError: As in `Conv2DTranspose`.

    Example:
        >>> Conv1DTranspose(4, 3, strides=2)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 17, 4])
    """

    rank = 1


class Conv3DTranspose(_TransposedConvolution):
    """Spreads every place of a volume over a window of a larger one.

    Args:
        filters: Number of output channels.
        kernel_size: Depth, height and width of the window, one number where they are equal.
        strides: How many times larger the output is.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; last when `None`.
        output_padding: As in `Conv2DTranspose`.
        **kwargs: The other arguments of `Conv2DTranspose`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, new depth, new height, new width, filters), dtype of the policy
        kernel: (three kernel sizes, filters, channels), starts Glorot uniform
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: As in `Conv2DTranspose`.
        ShapeError: As in `Conv2DTranspose`.

    Example:
        >>> Conv3DTranspose(4, 2, strides=2)(torch.zeros(2, 3, 3, 3, 3)).shape
        torch.Size([2, 6, 6, 6, 4])
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        **kwargs: Any,
    ) -> None:
        # Keras has these two in another order here than for one and two spatial axes
        kwargs = {"output_padding": output_padding, "data_format": data_format, **kwargs}
        super().__init__(filters, kernel_size, strides, padding, **kwargs)

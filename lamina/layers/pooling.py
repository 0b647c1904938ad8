"""Max and average pooling over windows: fewer places, each summing up its neighbourhood."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.layers import sliding
from lamina.layers.base import Layer
from lamina.layers.precision import widened


def _pool(layer: Any, x: Tensor, function: Any, **options: Any) -> Tensor:
    """Slides torch's pooling `function` over images, as the layer's arguments say.

    torch pads both ends alike. Where "same" needs one place more at the far end, the last window
    may hang over (`ceil_mode`), or the first one, which is one too many, is cut off.
    """
    sliding.check_rank(layer, x.shape)
    if layer.padding == "valid":
        sizes = sliding.spatial(layer, x.shape)
        sliding.check_window(layer, "pool", layer.pool_size, sizes)
    x = sliding.channels_second(layer, x)
    windows, strides = sliding.planar(layer.pool_size), sliding.planar(layer.strides)
    before, extra = [0] * len(windows), [0] * len(windows)
    if layer.padding == "same":
        axes = list(zip(x.shape[2:], windows, strides, strict=True))
        extra = [1 if stride == 1 and not window % 2 else 0 for _, window, stride in axes]
        before = [sliding.same_padding(*axis)[0] for axis in axes]
        before = [size + one for size, one in zip(before, extra, strict=True)]
    y = function(x, windows, strides, tuple(before), ceil_mode=layer.padding == "same", **options)
    for axis, one in enumerate(extra, start=2):
        y = y.narrow(axis, 1, y.shape[axis] - 1) if one else y
    return sliding.channels_back(layer, y)


class _MaxPooling(Layer):
    """What max pooling of all ranks shares; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = checks.sizes(self, "pool_size", pool_size, self.rank)
        strides = self.pool_size if strides is None else strides
        self.strides = checks.sizes(self, "strides", strides, self.rank)
        self.padding = sliding.padding(self, padding)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        return _pool(self, x, F.max_pool3d if self.rank == 3 else F.max_pool2d)


class MaxPooling2D(_MaxPooling):
    """Keeps the largest value of every window of an image, channel by channel.

    Use it after convolutions to shrink images while keeping the strongest responses.

    Args:
        pool_size: Height and width of the window, one number where they are equal.
        strides: Steps of the window; those of the window itself when `None`.
        padding: "valid" keeps the window inside the image. "same" lets it hang over so that the
            output has ceil(size / stride) places.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, new height, new width, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, or is smaller than the window.

    Example:
        >>> MaxPooling2D()(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 4, 4, 3])
    """

    rank = 2


class MaxPooling1D(_MaxPooling):
    """Keeps the largest value of every window of a sequence, channel by channel.

    Args:
        pool_size: Length of the window.
        **kwargs: The other arguments of `MaxPooling2D`.

    Shape:
        input: (batch, time, channels)
        output: (batch, new time, channels), dtype of the input

    Raises:
        ArgumentError: As in `MaxPooling2D`.
        ShapeError: As in `MaxPooling2D`.

    Example:
        >>> MaxPooling1D()(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 4, 3])
    """

    rank = 1


class MaxPooling3D(_MaxPooling):
    """Keeps the largest value of every window of a volume, channel by channel.

    Args:
        pool_size: Depth, height and width of the window, one number where they are equal.
        **kwargs: The other arguments of `MaxPooling2D`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, new depth, new height, new width, channels), dtype of the input

    Raises:
        ArgumentError: As in `MaxPooling2D`.
        ShapeError: As in `MaxPooling2D`.

    Example:
        >>> MaxPooling3D()(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 2, 2, 2, 3])
    """

    rank = 3


class _AveragePooling(Layer):
    """What average pooling of all ranks shares; a public class sets the rank."""

    rank: int

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = checks.sizes(self, "pool_size", pool_size, self.rank)
        strides = self.pool_size if strides is None else strides
        self.strides = checks.sizes(self, "strides", strides, self.rank)
        self.padding = sliding.padding(self, padding)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        if self.rank == 3:  # torch has no half-precision kernel for it on every device
            y = _pool(self, widened(x)[0], F.avg_pool3d, count_include_pad=False)
            return y.to(x.dtype)
        return _pool(self, x, F.avg_pool2d, count_include_pad=False)


class AveragePooling2D(_AveragePooling):
    """Averages every window of an image, channel by channel.

    Places outside the image do not count, neither in the sum nor in the number. Use it where all
    places of a window matter alike; `MaxPooling2D` keeps strong single responses.

    Args:
        pool_size: Height and width of the window, one number where they are equal.
        strides: Steps of the window; those of the window itself when `None`.
        padding: "valid" or "same", as in `MaxPooling2D`.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels), floating point
        output: (batch, new height, new width, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, or is smaller than the window.

    Example:
        >>> AveragePooling2D(2)(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 4, 4, 3])
    """

    rank = 2


class AveragePooling1D(_AveragePooling):
    """Averages every window of a sequence, channel by channel.

    Args:
        pool_size: Length of the window.
        **kwargs: The other arguments of `AveragePooling2D`.

    Shape:
        input: (batch, time, channels), floating point
        output: (batch, new time, channels), dtype of the input

    Raises:
        ArgumentError: As in `AveragePooling2D`.
        ShapeError: As in `AveragePooling2D`.

    Example:
        >>> AveragePooling1D(2)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 4, 3])
    """

    rank = 1


class AveragePooling3D(_AveragePooling):
    """Averages every window of a volume, channel by channel.

    Args:
        pool_size: Depth, height and width of the window, one number where they are equal.
        **kwargs: The other arguments of `AveragePooling2D`.

    Shape:
        input: (batch, depth, height, width, channels), floating point
        output: (batch, new depth, new height, new width, channels), dtype of the input

    Raises:
        ArgumentError: As in `AveragePooling2D`.
        ShapeError: As in `AveragePooling2D`.

    Example:
        >>> AveragePooling3D(2)(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 2, 2, 2, 3])
    """

    rank = 3

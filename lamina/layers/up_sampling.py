"""UpSampling1D, UpSampling2D, UpSampling3D: larger images without learned weights."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.layers import sliding
from lamina.layers.base import Layer

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic")


def _repeat(layer: Any, x: Tensor, factors: tuple[int, ...]) -> Tensor:
    """Repeats every place along each spatial axis, in one copy."""
    sliding.check_rank(layer, x.shape)
    first = 1 if layer.data_format == sliding.CHANNELS_LAST else 2
    sizes, repeated = list(x.shape), list(x.shape)
    for number, factor in enumerate(factors):
        axis = first + 2 * number + 1
        x = x.unsqueeze(axis)
        sizes.insert(axis, factor)
        repeated[first + number] *= factor
    return x.expand(sizes).reshape(repeated)


class UpSampling1D(Layer):
    """Repeats every step of a sequence.

    Args:
        size: How many times.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, time · size, channels), dtype of the input

    Raises:
        ArgumentError: `size` is not a whole number of at least 1.
        ShapeError: The input has other axes.

    Example:
        >>> UpSampling1D(3)(torch.zeros(2, 4, 3)).shape
        torch.Size([2, 12, 3])
    """

    rank = 1
    data_format = sliding.CHANNELS_LAST

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = checks.positive_int(self, "size", size)

    def call(self, x: Tensor) -> Tensor:
        return _repeat(self, x, (self.size,))


class UpSampling2D(Layer):
    """Enlarges images by repeating or by interpolating their pixels.

    Followed by `Conv2D` it replaces `Conv2DTranspose` without checkerboard patterns.

    Args:
        size: Factors for height and width, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        interpolation: "nearest" repeats, "bilinear" and "bicubic" interpolate between the
            centres of the pixels.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, height · size, width · size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> UpSampling2D()(torch.zeros(2, 4, 4, 3)).shape
        torch.Size([2, 8, 8, 3])
    """

    rank = 2

    def __init__(
        self,
        size: Any = 2,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = checks.sizes(self, "size", size, 2)
        self.data_format = sliding.data_format(self, data_format)
        word = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = checks.choice(self, "interpolation", word, _INTERPOLATIONS)

    def call(self, x: Tensor) -> Tensor:
        if self.interpolation == "nearest":
            return _repeat(self, x, self.size)
        sliding.check_rank(self, x.shape)
        x = sliding.channels_second(self, x)
        new = tuple(n * factor for n, factor in zip(x.shape[2:], self.size, strict=True))
        y = F.interpolate(x, size=new, mode=self.interpolation, align_corners=False)
        return sliding.channels_back(self, y)


class UpSampling3D(Layer):
    """Enlarges volumes by repeating their places.

    Args:
        size: Factors for depth, height and width, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: the same with larger spatial axes, dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> UpSampling3D()(torch.zeros(2, 2, 2, 2, 3)).shape
        torch.Size([2, 4, 4, 4, 3])
    """

    rank = 3

    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = checks.sizes(self, "size", size, 3)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        return _repeat(self, x, self.size)

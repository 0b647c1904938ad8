"""Adaptive pooling: windows chosen so that the output has a given size."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.layers import sliding
from lamina.layers.base import Layer


class _AdaptivePooling(Layer):
    """What adaptive pooling of all ranks and kinds shares; a public class sets rank and kernel."""

    rank: int

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = checks.sizes(self, "output_size", output_size, self.rank)
        self.data_format = sliding.data_format(self, data_format)

    def _pool(self, x: Tensor, function: Any) -> Tensor:
        sliding.check_rank(self, x.shape)
        y = function(sliding.channels_second(self, x), sliding.planar(self.output_size))
        return sliding.channels_back(self, y)


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """Averages a sequence over windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Number of output steps.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveAveragePooling1D(2)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 2, 3])
    """

    rank = 1

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_avg_pool2d)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """Averages an image over windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Height and width of the output, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveAveragePooling2D(2)(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 2, 2, 3])
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_avg_pool2d)


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """Averages a volume over windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Depth, height and width of the output, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveAveragePooling3D(2)(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 2, 2, 2, 3])
    """

    rank = 3

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_avg_pool3d)


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """Keeps the largest values of a sequence in windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Number of output steps.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveMaxPooling1D(2)(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 2, 3])
    """

    rank = 1

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_max_pool2d)


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """Keeps the largest values of an image in windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Height and width of the output, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveMaxPooling2D(2)(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 2, 2, 3])
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_max_pool2d)


class AdaptiveMaxPooling3D(_AdaptivePooling):
    """Keeps the largest values of a volume in windows chosen for a wanted output size.

    Output place i covers the input from floor(i · size / n) to ceil((i + 1) · size / n).

    Args:
        output_size: Depth, height and width of the output, one number where they are equal.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, output size, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> AdaptiveMaxPooling3D(2)(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 2, 2, 2, 3])
    """

    rank = 3

    def call(self, x: Tensor) -> Tensor:
        return self._pool(x, F.adaptive_max_pool3d)

"""Global pooling: one number a channel for the whole sequence, image or volume."""

from typing import Any

from torch import Tensor

from lamina.core import checks
from lamina.layers import sliding
from lamina.layers.base import Layer


class _GlobalPooling(Layer):
    """What global pooling of all ranks and kinds shares; a public class sets rank and `call`."""

    rank: int

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = sliding.data_format(self, data_format)
        self.keepdims = checks.boolean(self, "keepdims", keepdims)

    def _axes(self, x: Tensor) -> tuple[int, ...]:
        sliding.check_rank(self, x.shape)
        first = 1 if self.data_format == sliding.CHANNELS_LAST else 2
        return tuple(range(first, first + self.rank))


class GlobalAveragePooling1D(_GlobalPooling):
    """Averages every channel over a sequence.

    Use it between the last convolution and the first `Dense`, where `Flatten` would tie the
    model to one size.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalAveragePooling1D()(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 3])
    """

    rank = 1

    def call(self, x: Tensor) -> Tensor:
        return x.mean(self._axes(x), keepdim=self.keepdims)


class GlobalAveragePooling2D(_GlobalPooling):
    """Averages every channel over an image.

    Use it between the last convolution and the first `Dense`, where `Flatten` would tie the
    model to one size.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalAveragePooling2D()(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 3])
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:
        return x.mean(self._axes(x), keepdim=self.keepdims)


class GlobalAveragePooling3D(_GlobalPooling):
    """Averages every channel over a volume.

    Use it between the last convolution and the first `Dense`, where `Flatten` would tie the
    model to one size.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalAveragePooling3D()(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 3])
    """

    rank = 3

    def call(self, x: Tensor) -> Tensor:
        return x.mean(self._axes(x), keepdim=self.keepdims)


class GlobalMaxPooling1D(_GlobalPooling):
    """Keeps the largest value of every channel of a sequence.

    Use it where one strong response anywhere should decide.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalMaxPooling1D()(torch.zeros(2, 8, 3)).shape
        torch.Size([2, 3])
    """

    rank = 1

    def call(self, x: Tensor) -> Tensor:
        return x.amax(self._axes(x), keepdim=self.keepdims)


class GlobalMaxPooling2D(_GlobalPooling):
    """Keeps the largest value of every channel of an image.

    Use it where one strong response anywhere should decide.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalMaxPooling2D()(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 3])
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:
        return x.amax(self._axes(x), keepdim=self.keepdims)


class GlobalMaxPooling3D(_GlobalPooling):
    """Keeps the largest value of every channel of a volume.

    Use it where one strong response anywhere should decide.

    Args:
        data_format: "channels_last" or "channels_first"; last when `None`.
        keepdims: Whether the reduced axes stay, with size 1.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: (batch, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> GlobalMaxPooling3D()(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 3])
    """

    rank = 3

    def call(self, x: Tensor) -> Tensor:
        return x.amax(self._axes(x), keepdim=self.keepdims)

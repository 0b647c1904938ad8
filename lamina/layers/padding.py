"""ZeroPadding, Cropping and UpSampling: places added, cut off or repeated at fixed positions."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers import sliding
from lamina.layers.base import Layer

Pairs = tuple[tuple[int, int], ...]


def _pairs(layer: object, name: str, value: Any, rank: int) -> Pairs:
    """Accepts one number, one an axis, or one for each end of each axis."""
    if checks.is_whole(value):
        entries = [value] * rank
    elif rank == 1 and isinstance(value, (tuple, list)) and len(value) == 2:
        entries = [value]
    else:
        entries = list(value) if isinstance(value, (tuple, list)) else []
    pairs = [(entry, entry) if checks.is_whole(entry) else entry for entry in entries]
    if len(pairs) == rank and all(_is_pair(pair) for pair in pairs):
        return tuple((int(before), int(after)) for before, after in pairs)
    wanted = "a whole number of at least 0, or a pair of them"
    if rank > 1:
        wanted = f"a whole number of at least 0, {rank} of them, or {rank} pairs of them"
    example = "(1, 2)" if rank == 1 else str(((1, 2),) * rank)
    raise checks.refuse(
        layer, name, value, expected=f"{name!r} as {wanted}.", fix=f"pass {name}={example}."
    )


def _is_pair(value: Any) -> bool:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return False
    return all(checks.is_whole(size) and size >= 0 for size in value)


class _ZeroPadding(Layer):
    """What zero padding of all ranks shares; a public class sets the rank."""

    rank: int

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = _pairs(self, "padding", padding, self.rank)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        sliding.check_rank(self, x.shape)
        margins = [size for pair in reversed(self.padding) for size in pair]
        if self.data_format == sliding.CHANNELS_LAST:
            margins = [0, 0, *margins]
        return F.pad(x, margins)


class ZeroPadding1D(_ZeroPadding):
    """Adds zeros before and after a sequence.

    Args:
        padding: Number of steps at each end, or a pair for the two ends.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, time + padding, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> ZeroPadding1D((1, 2))(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 8, 3])
    """

    rank = 1


class ZeroPadding2D(_ZeroPadding):
    """Adds rows and columns of zeros around an image.

    Args:
        padding: One number, (rows, columns), or ((top, bottom), (left, right)).
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, height + padding, width + padding, channels), dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> ZeroPadding2D()(torch.zeros(2, 5, 5, 3)).shape
        torch.Size([2, 7, 7, 3])
    """

    rank = 2


class ZeroPadding3D(_ZeroPadding):
    """Adds zeros around a volume.

    Args:
        padding: One number, three numbers, or three pairs (before, after).
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: the same with larger spatial axes, dtype of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Example:
        >>> ZeroPadding3D()(torch.zeros(2, 2, 2, 2, 3)).shape
        torch.Size([2, 4, 4, 4, 3])
    """

    rank = 3


class _Cropping(Layer):
    """What cropping of all ranks shares; a public class sets rank and constructor."""

    rank: int

    def __init__(self, cropping: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = _pairs(self, "cropping", cropping, self.rank)
        self.data_format = sliding.data_format(self, data_format)

    def call(self, x: Tensor) -> Tensor:
        sliding.check_rank(self, x.shape)
        sizes = sliding.spatial(self, x.shape)
        if any(sum(pair) >= size for pair, size in zip(self.cropping, sizes, strict=True)):
            raise ShapeError(
                f"{self.name} cuts {self.cropping} off an image of {sizes}.",
                expected="fewer places cut off than there are, on every axis.",
                fix="crop less, or give the layer a larger image.",
            )
        first = 1 if self.data_format == sliding.CHANNELS_LAST else 2
        for axis, (before, after) in enumerate(self.cropping, start=first):
            x = x.narrow(axis, before, x.shape[axis] - before - after)
        return x


class Cropping1D(_Cropping):
    """Cuts steps off both ends of a sequence.

    Args:
        cropping: Number of steps at each end, or a pair for the two ends.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels)
        output: (batch, time - cropping, channels), a view of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, or nothing would be left.

    Example:
        >>> Cropping1D((1, 2))(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 2, 3])
    """

    rank = 1


class Cropping2D(_Cropping):
    """Cuts rows and columns off the edges of an image.

    Args:
        cropping: One number, (rows, columns), or ((top, bottom), (left, right)); nothing is cut
            off by default.
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, height - cropping, width - cropping, channels), a view of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, or nothing would be left.

    Example:
        >>> Cropping2D(1)(torch.zeros(2, 5, 5, 3)).shape
        torch.Size([2, 3, 3, 3])
    """

    rank = 2

    def __init__(self, cropping: Any = 0, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(_Cropping):
    """Cuts places off the edges of a volume.

    Args:
        cropping: One number, three numbers, or three pairs (before, after).
        data_format: "channels_last" or "channels_first"; last when `None`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels)
        output: the same with smaller spatial axes, a view of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes, or nothing would be left.

    Example:
        >>> Cropping3D()(torch.zeros(2, 4, 4, 4, 3)).shape
        torch.Size([2, 2, 2, 2, 3])
    """

    rank = 3

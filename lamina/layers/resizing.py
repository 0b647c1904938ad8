"""Resizing and CenterCrop: images brought to one size."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers.adapted import to_compute_dtype
from lamina.layers.base import Layer

MODES = {"bilinear": "bilinear", "nearest": "nearest-exact", "bicubic": "bicubic"}
DATA_FORMATS = (None, "channels_last", "channels_first")


class Resizing(Layer):
    """Stretches or shrinks images to one size.

    The whole image is used unless it is cropped or padded to the wanted shape first. Integers are
    rounded and keep their dtype.

    Args:
        height: Rows of the output.
        width: Columns of the output.
        interpolation: "bilinear", "nearest" or "bicubic".
        crop_to_aspect_ratio: Cuts the middle out instead of distorting the image.
        pad_to_aspect_ratio: Adds a border instead of distorting the image.
        fill_mode: "constant", the only border there is.
        fill_value: Value of the border.
        antialias: Averages when shrinking, which removes moire. Not for "nearest".
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels)
        output: the same with the new height and width, dtype of the input

    Raises:
        ArgumentError: An argument has no possible value, or both ways to keep the shape are set.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> Resizing(2, 2)(torch.zeros(1, 4, 6, 3)).shape
        torch.Size([1, 2, 2, 3])
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.height = checks.positive_int(self, "height", height)
        self.width = checks.positive_int(self, "width", width)
        self.interpolation = checks.choice(self, "interpolation", interpolation, tuple(MODES))
        self.crop_to_aspect_ratio = checks.boolean(
            self, "crop_to_aspect_ratio", crop_to_aspect_ratio
        )
        self.pad_to_aspect_ratio = checks.boolean(self, "pad_to_aspect_ratio", pad_to_aspect_ratio)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise checks.refuse(
                self,
                "pad_to_aspect_ratio",
                pad_to_aspect_ratio,
                expected="only one of 'crop_to_aspect_ratio' and 'pad_to_aspect_ratio'.",
                fix="leave one of them out.",
            )
        self.fill_mode = checks.choice(self, "fill_mode", fill_mode, ("constant",))
        self.fill_value = checks.number(self, "fill_value", fill_value)
        self.antialias = checks.boolean(self, "antialias", antialias)
        self.data_format = checks.choice(self, "data_format", data_format, DATA_FORMATS)

    def call(self, x: Tensor) -> Tensor:
        images = to_batch(self, x, self.data_format)
        if self.crop_to_aspect_ratio:
            images = crop_to_shape_of(images, self.height, self.width)
        elif self.pad_to_aspect_ratio:
            images = _padded(images, self.height, self.width, self.fill_value)
        size = (self.height, self.width)
        resized = resize(images, size, self.interpolation, antialias=self.antialias)
        return from_batch(resized, x, self.data_format)


class CenterCrop(Layer):
    """Cuts the middle out of images.

    Where an image is smaller than the wanted size in one direction, the largest middle part of
    the wanted shape is resized instead.

    Args:
        height: Rows of the output.
        width: Columns of the output.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels)
        output: the same with the new height and width, floating point

    Raises:
        ArgumentError: A size is not a whole number of at least 1.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> CenterCrop(2, 2)(torch.zeros(1, 4, 6, 3)).shape
        torch.Size([1, 2, 2, 3])
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.height = checks.positive_int(self, "height", height)
        self.width = checks.positive_int(self, "width", width)
        self.data_format = checks.choice(self, "data_format", data_format, DATA_FORMATS)

    def call(self, x: Tensor) -> Tensor:
        images = to_batch(self, to_compute_dtype(self, x), self.data_format)
        return from_batch(crop_center(images, self.height, self.width), x, self.data_format)


def to_batch(layer: Layer, x: Tensor, data_format: str | None) -> Tensor:
    """One image or a batch of them as (batch, height, width, channels)."""
    if x.ndim not in (3, 4):
        raise ShapeError(
            f"{layer.name} received an input of shape {tuple(x.shape)}.",
            expected="images of shape (batch, height, width, channels), or one without the batch.",
            fix="add a channel axis, for example x[..., None].",
        )
    images = x if x.ndim == 4 else x.unsqueeze(0)
    return images.permute(0, 2, 3, 1) if data_format == "channels_first" else images


def from_batch(images: Tensor, x: Tensor, data_format: str | None) -> Tensor:
    """Undoes what `to_batch` did to `x`."""
    images = images.permute(0, 3, 1, 2) if data_format == "channels_first" else images
    return images if x.ndim == 4 else images.squeeze(0)


def resize(
    images: Tensor, size: tuple[int, int], interpolation: str = "bilinear", antialias: bool = False
) -> Tensor:
    """Images of shape (batch, height, width, channels) in another size, same dtype."""
    kind = images.dtype
    floats = images if kind in (torch.float32, torch.float64) else images.float()
    smooth = interpolation != "nearest"
    resized = F.interpolate(
        floats.permute(0, 3, 1, 2),
        size=size,
        mode=MODES[interpolation],
        align_corners=False if smooth else None,
        antialias=antialias and smooth,
    ).permute(0, 2, 3, 1)
    if kind.is_floating_point:
        return resized.to(kind)
    limits = torch.iinfo(kind)
    return resized.round().clamp(limits.min, limits.max).to(kind)


def crop_to_shape_of(images: Tensor, height: int, width: int) -> Tensor:
    """The largest middle part whose sides have the ratio of `height` and `width`."""
    rows, columns = images.shape[1:3]
    new_rows = max(min(rows, int(columns * height / width)), 1)
    new_columns = max(min(columns, int(rows * width / height)), 1)
    top, left = (rows - new_rows) // 2, (columns - new_columns) // 2
    return images[:, top : top + new_rows, left : left + new_columns]


def crop_center(images: Tensor, height: int, width: int) -> Tensor:
    """The middle part of that size, enlarged if the images are smaller."""
    rows, columns = images.shape[1:3]
    if rows < height or columns < width:
        return resize(crop_to_shape_of(images, height, width), (height, width))
    top, left = (rows - height) // 2, (columns - width) // 2
    return images[:, top : top + height, left : left + width]


def _padded(images: Tensor, height: int, width: int, value: float) -> Tensor:
    rows, columns = images.shape[1:3]
    top = (max(rows, int(columns * height / width)) - rows) // 2
    left = (max(columns, int(rows * width / height)) - columns) // 2
    return F.pad(images, (0, 0, left, left, top, top), value=value)

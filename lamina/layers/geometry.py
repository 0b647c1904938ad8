"""Random image layers that move pixels without bending the image: flips, crops and shifts.

Rotations, zooms and what else bends straight lines of pixels is in warping.py.
"""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers.augmentation import Augmentation, interval
from lamina.layers.resizing import crop_center, crop_to_shape_of, resize
from lamina.layers.sampling import FILL_MODES, INTERPOLATIONS, take_pixels, warp_affine

_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(Augmentation):
    """Mirrors each image with a chance of one half.

    With "horizontal_and_vertical" the two directions are drawn independently (Keras 3 mirrors
    both or neither). Use it where a mirrored image means the same; not for digits or text.

    Args:
        mode: "horizontal" (left and right), "vertical" or "horizontal_and_vertical".
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `mode` is none of the three.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomFlip("horizontal")(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = checks.choice(self, "mode", mode, _FLIPS)

    def draw(self, images: Tensor) -> Tensor:
        return self.random(images, 2) < 0.5

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        height, width = images.shape[1:3]
        y = torch.arange(height, device=images.device).expand(len(images), height)
        x = torch.arange(width, device=images.device).expand(len(images), width)
        if self.mode != "horizontal":
            y = torch.where(drawn[0, :, None], height - 1 - y, y)
        if self.mode != "vertical":
            x = torch.where(drawn[1, :, None], width - 1 - x, x)
        return take_pixels(images, y, x)

    transform_masks = transform  # type: ignore[assignment]  # the masks come by position


class RandomCrop(Augmentation):
    """Cuts a part of the wanted size out of each image, at random while training.

    Each image has its own place (Keras draws one a batch). Outside of training the middle is cut
    out, so that the output always has the same size (Keras 3.15 then returns the whole image).
    Images that are too small are enlarged instead. With `padding=4` and the images' own size it is
    the usual shift of small images.

    Args:
        height: Rows of the output.
        width: Columns of the output.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        padding: Pixels added on each side before cutting, while training.
        fill_mode: What is added: the image mirrored about its border pixels ("reflect"), its
            border ("nearest"), its other side ("wrap") or 0 ("constant").
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the same with the new height and width, floating point

    Raises:
        ArgumentError: A size is not a whole number of at least 1, or an option has no such word.
        ShapeError: The input has neither 3 nor 4 axes, or is too small to be mirrored that far.

    Example:
        >>> RandomCrop(2, 2)(torch.zeros(1, 4, 6, 3)).shape
        torch.Size([1, 2, 2, 3])
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        padding: int = 0,
        fill_mode: str = "reflect",
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.height = checks.positive_int(self, "height", height)
        self.width = checks.positive_int(self, "width", width)
        self.padding = checks.whole(self, "padding", padding, low=0)
        self.fill_mode = checks.choice(self, "fill_mode", fill_mode, FILL_MODES)

    def draw(self, images: Tensor) -> Tensor:
        return self.random(images, 2)

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        rows, columns = (size + 2 * self.padding for size in images.shape[1:3])
        if rows < self.height or columns < self.width:
            part = crop_to_shape_of(images, self.height, self.width)
            return resize(part, (self.height, self.width))
        top = (drawn[0] * (rows - self.height + 1)).long() - self.padding
        left = (drawn[1] * (columns - self.width + 1)).long() - self.padding
        count = torch.arange(max(self.height, self.width), device=images.device)
        y = top[:, None] + count[: self.height]
        x = left[:, None] + count[: self.width]
        return self._read(images, y, x) if self.padding else take_pixels(images, y, x)

    def _read(self, images: Tensor, y: Tensor, x: Tensor) -> Tensor:
        """Pixels at rows y and columns x, some of which lie beyond the border."""
        height, width = images.shape[1:3]
        if self.fill_mode == "reflect" and self.padding >= min(height, width):
            raise ShapeError(
                f"{self.name} cannot mirror {self.padding} pixels of images of {height} x {width}.",
                expected="padding below the height and the width of the images.",
                fix=f"pass padding={min(height, width) - 1} or less, or another fill_mode.",
            )
        inside_y, inside_x = (
            _brought_in(v, n, self.fill_mode) for v, n in ((y, height), (x, width))
        )
        pixels = take_pixels(images, inside_y, inside_x)
        if self.fill_mode != "constant":
            return pixels
        known = (inside_y == y)[:, :, None] & (inside_x == x)[:, None, :]
        return pixels * known[..., None]

    transform_masks = transform  # type: ignore[assignment]  # the masks come by position

    def rest(self, images: Tensor) -> Tensor:
        return crop_center(images, self.height, self.width)


def _brought_in(places: Tensor, size: int, fill_mode: str) -> Tensor:
    """Places beyond 0 .. size - 1 as the ones inside that are read instead."""
    if fill_mode == "wrap":
        return torch.remainder(places, size)
    if fill_mode == "reflect":
        return size - 1 - (size - 1 - places.abs()).abs()
    return places.clamp(0, size - 1)


class RandomTranslation(Augmentation):
    """Shifts each image by a random share of its size.

    Args:
        height_factor: Largest shift as a share of the height, from -1 to 1, or two ends of an
            interval; positive shifts down.
        width_factor: Likewise for the width; positive shifts right.
        fill_mode: What moves in: the image mirrored ("reflect"), `fill_value` ("constant"), its
            border ("nearest") or its other side ("wrap").
        interpolation: "bilinear" or "nearest".
        seed: Start of a stream of random numbers of its own.
        fill_value: Value for "constant".
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: A factor lies outside -1 to 1, or an option has no such word.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomTranslation(0.1, 0.1)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self.fill_mode = checks.choice(self, "fill_mode", fill_mode, FILL_MODES)
        self.interpolation = checks.choice(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checks.number(self, "fill_value", fill_value)
        self._down = interval(self, "height_factor", height_factor, -1, 1)
        self._right = interval(self, "width_factor", width_factor, -1, 1)

    def draw(self, images: Tensor) -> list[Tensor]:
        down, right = self.uniform(images, self._down, self._right)
        return [down * images.shape[1], right * images.shape[2]]

    def transform(self, images: Tensor, drawn: list[Tensor]) -> Tensor:
        return self._shifted(images, drawn, self.interpolation)

    def transform_masks(self, masks: Tensor, drawn: list[Tensor]) -> Tensor:
        return self._shifted(masks, drawn, "nearest")

    def _shifted(self, images: Tensor, drawn: list[Tensor], interpolation: str) -> Tensor:
        down, right = drawn
        rows: list[Tensor | float] = [1.0, 0.0, -right, 0.0, 1.0, -down]
        return warp_affine(images, rows, interpolation, self.fill_mode, self.fill_value)

"""Random image layers that turn, stretch, slant or tilt images."""

import math
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.layers.augmentation import Augmentation, interval
from lamina.layers.sampling import FILL_MODES, INTERPOLATIONS, warp_affine, warp_perspective


class Warp(Augmentation):
    """Reads every image through an affine map of its own; a subclass says which in `draw`."""

    def __init__(self, *, fill_mode: str, interpolation: str, fill_value: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.fill_mode = checks.choice(self, "fill_mode", fill_mode, FILL_MODES)
        self.interpolation = checks.choice(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checks.number(self, "fill_value", fill_value)

    def transform(self, images: Tensor, drawn: list[Tensor | float]) -> Tensor:
        return warp_affine(images, drawn, self.interpolation, self.fill_mode, self.fill_value)

    def transform_masks(self, masks: Tensor, drawn: list[Tensor | float]) -> Tensor:
        return warp_affine(masks, drawn, "nearest", self.fill_mode, self.fill_value)


class RandomRotation(Warp):
    """Turns each image around its centre by a random angle.

    Args:
        factor: Largest angle as a share of a full turn, from -1 to 1, or two ends of an
            interval; positive turns against the clock.
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
        ArgumentError: `factor` lies outside -1 to 1, or an option has no such word.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomRotation(0.1)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            fill_value=fill_value,
            seed=seed,
            data_format=data_format,
            **kwargs,
        )
        self.factor = interval(self, "factor", factor, -1, 1)

    def draw(self, images: Tensor) -> list[Tensor | float]:
        (turn,) = self.uniform(images, self.factor)
        angle = turn * (2 * math.pi)
        cosine, sine = angle.cos(), angle.sin()
        middle_y, middle_x = (images.shape[1] - 1) / 2, (images.shape[2] - 1) / 2
        shift_x = middle_x - middle_x * cosine + middle_y * sine
        shift_y = middle_y - middle_x * sine - middle_y * cosine
        return [cosine, -sine, shift_x, sine, cosine, shift_y]


class RandomZoom(Warp):
    """Enlarges or shrinks each image around its centre by a random factor.

    Args:
        height_factor: Largest change as a share of the height, above -1 up to 1, or two ends of
            an interval; positive zooms out, negative zooms in.
        width_factor: Likewise for the width; `None` keeps the shape of things.
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
        ArgumentError: A factor lies outside -1 to 1 or is -1, or an option has no such word.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomZoom(0.1)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            fill_value=fill_value,
            seed=seed,
            data_format=data_format,
            **kwargs,
        )
        self.height_factor, self.width_factor = height_factor, width_factor
        ends = [interval(self, "height_factor", height_factor, -1, 1, open_low=True)]
        if width_factor is not None:
            ends.append(interval(self, "width_factor", width_factor, -1, 1, open_low=True))
        self._scales = [(1 + low, 1 + high) for low, high in ends]

    def draw(self, images: Tensor) -> list[Tensor | float]:
        scales = self.uniform(images, *self._scales)
        scale_y, scale_x = scales[0], scales[-1]
        middle_y, middle_x = (images.shape[1] - 1) / 2, (images.shape[2] - 1) / 2
        return [scale_x, 0.0, middle_x * (1 - scale_x), 0.0, scale_y, middle_y * (1 - scale_y)]


class RandomShear(Warp):
    """Slants each image by a random amount, to either side.

    Args:
        x_factor: Largest slant of the columns, in pixels a row, from 0 to 1, or two ends of an
            interval.
        y_factor: Largest slant of the rows, likewise.
        interpolation: "bilinear" or "nearest".
        fill_mode: What moves in: the image mirrored ("reflect"), `fill_value` ("constant"), its
            border ("nearest") or its other side ("wrap").
        fill_value: Value for "constant".
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: A factor lies outside 0 to 1, or an option has no such word.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomShear(0.2)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            fill_value=fill_value,
            seed=seed,
            data_format=data_format,
            **kwargs,
        )
        self.x_factor = interval(self, "x_factor", x_factor, 0, 1, mirrored=True)
        self.y_factor = interval(self, "y_factor", y_factor, 0, 1, mirrored=True)

    def draw(self, images: Tensor) -> list[Tensor | float]:
        slant_x, slant_y, side = self.uniform(images, self.x_factor, self.y_factor, (-1.0, 1.0))
        sign = torch.where(side > 0, -1.0, 1.0)
        return [1.0, slant_x * sign, 0.0, slant_y * sign, 1.0, 0.0]


class RandomPerspective(Augmentation):
    """Tilts each image as if it was seen from another side.

    As in Keras, a corner moves by a share of its own coordinates, so the upper left one stays.

    Args:
        factor: Chance of a change; from 0 to 1, or two ends of the interval the chance is drawn
            from. One number `a` stands for the interval from 0 to `a`.
        scale: Largest tilt, from 0 to 1.
        interpolation: "bilinear" or "nearest".
        fill_value: What lies beyond the border.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: A number lies outside 0 to 1, or `interpolation` is no such word.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomPerspective()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.scale = checks.number(self, "scale", scale, low=0.0, high=1.0)
        self.interpolation = checks.choice(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checks.number(self, "fill_value", fill_value)

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        chosen = self.chosen(images, self.factor)
        moves = (self.random(images, 4, 2) - 0.5).movedim(-1, 0) * self.scale
        right, bottom = images.shape[2] - 1.0, images.shape[1] - 1.0
        corners = torch.zeros(4, 2, device=images.device)
        corners[1::2, 0] = right
        corners[2:, 1] = bottom
        start = corners.expand(len(images), 4, 2)
        return chosen, start, start + start * moves

    def transform(self, images: Tensor, drawn: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return self._tilted(images, drawn, self.interpolation)

    def transform_masks(self, masks: Tensor, drawn: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return self._tilted(masks, drawn, "nearest")

    def _tilted(self, images: Tensor, drawn: tuple, interpolation: str) -> Tensor:
        chosen, start, end = drawn
        tilted = warp_perspective(images, start, end, interpolation, self.fill_value)
        return torch.where(chosen, tilted, images)

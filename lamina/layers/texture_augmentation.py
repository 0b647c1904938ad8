"""Random image layers that blur, sharpen or erase parts of images."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.layers.augmentation import Augmentation, each, interval
from lamina.layers.sampling import pixel_grid
from lamina.layers.scaling import increasing_pair


class RandomSharpness(Augmentation):
    """Sharpens or smooths each image by a random amount.

    Mixes the image with a smoothed one: 0 is the smoothed image, 0.5 the image itself, 1 as much
    sharper as 0 is smoother.

    Args:
        factor: From 0 to 1, or two ends of an interval. One number `a` stands for the interval
            from 0 to `a`.
        value_range: Smallest and largest possible value; what leaves it is cut off.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomSharpness(0.5)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (share,) = self.uniform(images, self.factor)
        return each(2 * share)

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        # The kernel is 1/13 everywhere and 5/13 in the middle: a mean of 9 and 4 of the middle.
        nine = F.avg_pool2d(images.permute(0, 3, 1, 2), 3, stride=1, padding=1)
        smooth = (nine.permute(0, 2, 3, 1) * 9 + images * 4) / 13
        return torch.lerp(smooth, images, drawn.to(images.dtype)).clamp(*self.value_range)


class RandomGaussianBlur(Augmentation):
    """Blurs some images with a bell-shaped kernel of random width.

    Each image has its own width (Keras draws one a batch).

    Args:
        factor: Chance of each image, from 0 to 1, or two ends of the interval it is drawn from.
            As in Keras, one number `a` stands for the interval from 0 to `a`.
        kernel_size: Odd number of pixels, or one for the height and one for the width.
        sigma: Standard deviation in pixels, from 0 to 1, or two ends of an interval. One number
            `a` stands for the interval from 0 to `a`.
        value_range: Smallest and largest possible value; what leaves it is cut off.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` or `sigma` lies outside 0 to 1, `kernel_size` is even, or
            `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomGaussianBlur()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.kernel_size = checks.sizes(self, "kernel_size", kernel_size, 2)
        if any(size % 2 == 0 for size in self.kernel_size):
            raise checks.refuse(
                self,
                "kernel_size",
                kernel_size,
                expected="'kernel_size' as an odd number, or two of them.",
                fix="pass kernel_size=3.",
            )
        self.sigma = interval(self, "sigma", sigma, 0, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        return self.chosen(images, self.factor), self.uniform(images, self.sigma, self.sigma)

    def transform(self, images: Tensor, drawn: tuple[Tensor, list[Tensor]]) -> Tensor:
        chosen, (sigma_y, sigma_x) = drawn
        batch, height, width, channels = images.shape
        rows, columns = self.kernel_size
        kernel = _bell(rows, sigma_y)[:, :, None] * _bell(columns, sigma_x)[:, None, :]
        kernel = kernel.repeat_interleave(channels, 0)[:, None].to(images.dtype)
        flat = images.permute(0, 3, 1, 2).reshape(1, batch * channels, height, width)
        blurred = F.conv2d(flat, kernel, padding=(rows // 2, columns // 2), groups=batch * channels)
        blurred = blurred.reshape(batch, channels, height, width).permute(0, 2, 3, 1)
        return torch.where(chosen, blurred, images).clamp(*self.value_range)


class RandomErasing(Augmentation):
    """Covers a random rectangle of some images with noise or one value.

    Args:
        factor: Chance of each image, from 0 to 1, or two ends of the interval it is drawn from.
            As in Keras, one number `a` stands for the interval from 0 to `a`.
        scale: Share of the area that is covered, as two ends of an interval; one number `a`
            stands for the interval from 0 to `a`.
        fill_value: Value of the rectangle; one number, three numbers, or `None` for noise.
        value_range: Smallest and largest possible value.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` or `scale` lies outside 0 to 1, `fill_value` is no number or
            three of them, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Reference:
        Zhong et al., "Random Erasing Data Augmentation", AAAI 2020.

    Example:
        >>> RandomErasing()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    fill: Tensor

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.scale = interval(self, "scale", scale, 0, 1)
        self.fill_value = fill_value
        self.value_range = increasing_pair(self, "value_range", value_range)
        values = fill_value if isinstance(fill_value, (tuple, list)) else [fill_value]
        if fill_value is not None and not (
            len(values) in (1, 3) and all(checks.is_number(value) for value in values)
        ):
            raise checks.refuse(
                self,
                "fill_value",
                fill_value,
                expected="'fill_value' as a number, three numbers, or None for noise.",
                fix="pass fill_value=0.",
            )
        if fill_value is not None:
            fill = torch.tensor(values, dtype=torch.float32).clamp(*self.value_range)
            self.register_buffer("fill", fill, persistent=False)

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        chosen = self.chosen(images, self.factor)
        share_x, share_y, x, y = self.uniform(images, self.scale, self.scale, (0, 1), (0, 1))
        covered = rectangles(images, share_x.sqrt(), share_y.sqrt(), x, y)
        noise = None
        if self.fill_value is None:
            noise = torch.randn(
                images.shape, generator=self.generator(images.device), device=images.device
            )
            noise = (noise * self.value_range[1]).clamp(*self.value_range).to(images.dtype)
        return chosen & covered, noise

    def transform(self, images: Tensor, drawn: tuple[Tensor, Tensor | None]) -> Tensor:
        covered, noise = drawn
        return torch.where(covered, self.fill.to(images.dtype) if noise is None else noise, images)


def rectangles(images: Tensor, share_x: Tensor, share_y: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Which pixels lie in one rectangle an image, of shape (batch, height, width, 1).

    Args:
        images: (batch, height, width, channels).
        share_x: Width as a share of the image's, (batch,).
        share_y: Height as a share of the image's, (batch,).
        x: Place from 0 (left) to 1 (right), (batch,).
        y: Place from 0 (top) to 1 (bottom), (batch,).
    """
    height, width = images.shape[1:3]
    columns, rows = pixel_grid(images)
    left = (x * (1 - share_x) * width)[:, None, None]
    top = (y * (1 - share_y) * height)[:, None, None]
    right = left + (share_x * width)[:, None, None]
    bottom = top + (share_y * height)[:, None, None]
    inside = (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)
    return inside[..., None]


def _bell(size: int, sigma: Tensor) -> Tensor:
    """A bell curve of sum 1 for each image, (batch, size)."""
    x = torch.arange(size, device=sigma.device, dtype=torch.float32) - (size - 1) / 2
    curve = torch.exp(-0.5 * (x / (sigma[:, None] + 1e-6)).square())
    return curve / curve.sum(1, keepdim=True)

"""Random image layers that change brightness, contrast and colours.

What maps single values through a curve (invert, solarize, equalize) is in tone_augmentation.py.
"""

from typing import Any

import torch
from torch import Tensor

from lamina.core.dtypes import epsilon
from lamina.core.errors import ShapeError
from lamina.layers.augmentation import Augmentation, each, interval
from lamina.layers.scaling import increasing_pair

_LUMA = (0.2989, 0.587, 0.114)  # ITU-R BT.601


class RandomBrightness(Augmentation):
    """Makes each image brighter or darker by a random amount.

    Adds a share of the value range, drawn from `factor`, and cuts off what leaves the range.

    Args:
        factor: Largest change as a share of the range, from -1 to 1, or two ends of an interval.
        value_range: Smallest and largest possible value.
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`, `data_format`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside -1 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomBrightness((0.2, 0.2))(torch.zeros(1, 1, 1, 1), training=True)
        tensor([[[[51.]]]])
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = interval(self, "factor", factor, -1, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (share,) = self.uniform(images, self.factor)
        return share

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        low, high = self.value_range
        return (images + each(drawn * (high - low)).to(images.dtype)).clamp(low, high)


class RandomContrast(Augmentation):
    """Spreads or narrows the values of each image around their mean, channel by channel.

    Computes `(x - mean) * c + mean` with c drawn from `1 - low` to `1 + high`. As in Keras 3, one
    number `a` stands for low 0 and high `a`; pass `(a, a)` to lower the contrast as well.

    Args:
        factor: One number from 0 to 1, or `low` and `high`.
        value_range: Smallest and largest possible value; what leaves it is cut off.
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`, `data_format`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomContrast(0.2)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (spread,) = self.uniform(images, (1 - self.factor[0], 1 + self.factor[1]))
        return spread

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        mean = images.mean((1, 2), keepdim=True)
        spread = each(drawn).to(images.dtype)
        return torch.lerp(mean, images, spread).clamp(*self.value_range)


class RandomSaturation(Augmentation):
    """Makes the colours of each image stronger or paler by a random amount.

    Multiplies the saturation by `f / (1 - f)`, so that f = 0.5 changes nothing, 0 leaves grey and
    1 gives full colour. A saturation above 1 is cut off (Keras cuts it off at the end of
    `value_range`, which lets values leave the range).

    Args:
        factor: One number from 0 to 1, or two ends of the interval f is drawn from. As in Keras,
            one number `a` stands for the interval from `-a` to `a`, and a negative f leaves grey.
        value_range: Smallest and largest possible value.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3) or (height, width, 3), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside -1 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes, or not 3 channels.

    Example:
        >>> RandomSaturation((0.2, 0.8))(torch.zeros(2, 4, 4, 3), training=True).shape
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
        self.factor = interval(self, "factor", factor, -1, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (share,) = self.uniform(images, self.factor)
        return share / (1 - share + epsilon())

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        check_colours(self, images)
        hue, saturation, value = to_hsv(images)
        strength = drawn[:, None, None].to(images.dtype)
        return from_hsv(hue, (saturation * strength).clamp(0, 1), value)


class RandomHue(Augmentation):
    """Turns the colours of each image around the colour circle by a random angle.

    Args:
        factor: Largest turn as a share of half the circle, from 0 to 1, or two ends of an
            interval; the direction is random.
        value_range: Smallest and largest possible value.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3) or (height, width, 3), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes, or not 3 channels.

    Example:
        >>> RandomHue(0.2)(torch.zeros(2, 4, 4, 3), training=True).shape
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
        turn, side = self.uniform(images, self.factor, (-1.0, 1.0))
        return torch.where(side > 0, -turn, turn) * 0.5

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        check_colours(self, images)
        low, high = self.value_range
        hue, saturation, value = to_hsv((images - low) / (high - low))
        turned = from_hsv(hue + drawn[:, None, None].to(images.dtype), saturation, value)
        return turned.clamp(0, 1) * (high - low) + low


class RandomGrayscale(Augmentation):
    """Takes the colour out of some images.

    Args:
        factor: Chance of each image to lose its colour.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3 or 1) or (height, width, 3 or 1), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1.
        ShapeError: The input has neither 3 nor 4 axes, or not 3 or 1 channels.

    Example:
        >>> RandomGrayscale(1.0)(torch.ones(1, 2, 2, 3), training=True).shape
        torch.Size([1, 2, 2, 3])
    """

    def __init__(
        self,
        factor: float = 0.5,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", [factor, factor], 0, 1)[0]

    def draw(self, images: Tensor) -> Tensor:
        (number,) = self.random(images, 1)
        return each(number < self.factor)

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        return torch.where(drawn, to_gray(self, images), images)


class RandomColorDegeneration(Augmentation):
    """Mixes each image with its grey version by a random share.

    Args:
        factor: Share of grey, from -1 to 1, or two ends of an interval. As in Keras, one number
            `a` stands for the interval from `-a` to `a`; a negative share strengthens colours.
        value_range: Smallest and largest possible value; what leaves it is cut off.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3 or 1) or (height, width, 3 or 1), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside -1 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes, or not 3 or 1 channels.

    Example:
        >>> RandomColorDegeneration(0.5)(torch.ones(1, 2, 2, 3), training=True).shape
        torch.Size([1, 2, 2, 3])
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
        self.factor = interval(self, "factor", factor, -1, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (share,) = self.uniform(images, self.factor)
        return share

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        gray = to_gray(self, images).expand_as(images)
        mixed = torch.lerp(images, gray, each(drawn).to(images.dtype))
        return mixed.clamp(*self.value_range)


def check_colours(layer: Augmentation, images: Tensor, also_gray: bool = False) -> None:
    """Refuses images that have no red, green and blue."""
    channels = images.shape[-1]
    if channels == 3 or (also_gray and channels == 1):
        return
    raise ShapeError(
        f"{layer.name} received images with {channels} channels.",
        expected="3 channels (red, green, blue)" + (" or 1." if also_gray else "."),
        fix="leave the layer out, or make 3 channels with x.repeat(1, 1, 1, 3).",
    )


def to_gray(layer: Augmentation, images: Tensor) -> Tensor:
    """The brightness of each pixel, with one channel."""
    check_colours(layer, images, also_gray=True)
    if images.shape[-1] == 1:
        return images
    red, green, blue = images.split(1, dim=-1)
    return _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue


def to_hsv(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue and saturation from 0 to 1, and value; each (batch, height, width).

    Reference:
        Smith, "Color Gamut Transform Pairs", SIGGRAPH 1978.
    """
    red, green, blue = images.unbind(-1)
    value, least = images.amax(-1), images.amin(-1)
    span = value - least
    sixth = 1 / (6 * torch.where(span > 0, span, 1.0))
    hue = torch.where(value == green, (blue - red) * sixth + 1 / 3, (red - green) * sixth + 2 / 3)
    hue = torch.where(value == red, (green - blue) * sixth, hue)
    hue = torch.where(span > 0, hue, 0.0)
    saturation = torch.where(value > 0, span / torch.where(value > 0, value, 1.0), 0.0)
    return hue, saturation, value


def from_hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Red, green and blue on a last axis; a hue beyond 0 to 1 goes on around the circle."""
    sextant = torch.remainder(hue, 1.0) * 6
    red = (sextant - 3).abs() - 1
    green = 2 - (sextant - 2).abs()
    blue = 2 - (sextant - 4).abs()
    pure = torch.stack([red, green, blue], dim=-1).clamp(0, 1)
    strength = saturation[..., None]
    return value[..., None] * (1 - strength + strength * pure)

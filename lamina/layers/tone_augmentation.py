"""Image layers that map single values through a curve: negatives, fewer bits, histograms."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.layers.augmentation import Augmentation, each, interval
from lamina.layers.scaling import increasing_pair


class RandomInvert(Augmentation):
    """Turns some images into their negatives: `high - x`.

    Args:
        factor: Chance of each image; from 0 to 1, or two ends of the interval it is drawn from.
            As in Keras, one number `a` stands for the interval from 0 to `a`, so that the chance
            is `a / 2` on average; pass `(a, a)` for `a`.
        value_range: Smallest and largest possible value.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomInvert((1, 1))(torch.zeros(1, 1, 1, 1), training=True)
        tensor([[[[255.]]]])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        return self.chosen(images, self.factor)

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        return torch.where(drawn, self.value_range[1] - images, images)


class Solarization(Augmentation):
    """Turns the bright parts of each image into their negatives.

    Adds a random amount, then replaces each value v that is not below a random threshold by
    `255 - v` (in units of a range from 0 to 255).

    Args:
        addition_factor: Largest addition as a share of the range, from 0 to 1, or two ends of an
            interval.
        threshold_factor: Largest threshold, likewise.
        value_range: Smallest and largest possible value.
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`, `data_format`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: A factor lies outside 0 to 1, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> Solarization()(torch.zeros(1, 1, 1, 1), training=True)
        tensor([[[[255.]]]])
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.addition_factor = interval(self, "addition_factor", addition_factor, 0, 1)
        self.threshold_factor = interval(self, "threshold_factor", threshold_factor, 0, 1)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> list[Tensor]:
        # Keras scales only the upper ends of the two intervals to 255; so do we.
        ends = [(low, 255 * high) for low, high in (self.addition_factor, self.threshold_factor)]
        return [each(number).to(images.dtype) for number in self.uniform(images, *ends)]

    def transform(self, images: Tensor, drawn: list[Tensor]) -> Tensor:
        addition, threshold = drawn
        low, high = self.value_range
        values = ((images - low) * (255 / (high - low)) + addition).clamp(0, 255)
        values = torch.where(values < threshold, values, 255 - values)
        return values * ((high - low) / 255) + low


class RandomPosterization(Augmentation):
    """Keeps only the leading bits of each value, a random number of them an image.

    Args:
        factor: Number of bits from 1 to 8, or two ends of an interval whose upper end is left
            out. As in Keras, one number `b` stands for the interval from 1 to `b`.
        value_range: Smallest and largest possible value.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `factor` lies outside 1 to 8, or `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> RandomPosterization((1, 1))(torch.full((1, 1, 1, 1), 200.0), training=True)
        tensor([[[[128.]]]])
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
        self.factor = interval(self, "factor", factor, 1, 8)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def draw(self, images: Tensor) -> Tensor:
        (bits,) = self.uniform(images, self.factor)
        return each(torch.exp2(8 - bits.floor()))

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        low, high = self.value_range
        values = ((images.float() - low) * (255 / (high - low))).floor().clamp(0, 255)
        coarse = (values / drawn).floor() * drawn
        return (coarse * ((high - low) / 255) + low).to(images.dtype)


class AutoContrast(Augmentation):
    """Stretches each channel of each image over the whole value range, in training and after.

    Args:
        value_range: Smallest and largest possible value.
        **kwargs: `name`, `dtype`, `trainable`, `data_format`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `value_range` is no increasing pair.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> AutoContrast()(torch.tensor([[[[1.0]], [[3.0]]]])).flatten()
        tensor([  0., 255.])
    """

    _acts_always = True

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = increasing_pair(self, "value_range", value_range)

    def transform(self, images: Tensor, drawn: None) -> Tensor:
        low, high = self.value_range
        least, most = images.amin((1, 2), keepdim=True), images.amax((1, 2), keepdim=True)
        span = most - least
        stretched = (images - least) * ((high - low) / torch.where(span > 0, span, 1.0)) + low
        return torch.where(span > 0, stretched.clamp(low, high), images)


class Equalization(Augmentation):
    """Spreads the values of each channel so that all occur about equally often.

    Each image has a histogram of its own (Keras makes one of the whole batch). As in Keras, it
    acts while training only.

    Args:
        value_range: Smallest and largest possible value.
        bins: Number of steps of the histogram.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `value_range` is no increasing pair, or `bins` is below 1.
        ShapeError: The input has neither 3 nor 4 axes.

    Example:
        >>> Equalization()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = increasing_pair(self, "value_range", value_range)
        self.bins = checks.positive_int(self, "bins", bins)

    def transform(self, images: Tensor, drawn: None) -> Tensor:
        low, high = self.value_range
        batch, height, width, channels = images.shape
        shares = (images.float() - low) * ((self.bins - 1) / (high - low))
        steps = shares.clamp(0, self.bins - 1).long()
        steps = steps.permute(0, 3, 1, 2).reshape(batch, channels, height * width)
        counts = torch.zeros(batch, channels, self.bins, device=images.device)
        counts = counts.scatter_add(2, steps, torch.ones_like(steps, dtype=counts.dtype))
        below = counts.cumsum(2)
        first = torch.where(counts > 0, below, height * width + 1.0).amin(2, keepdim=True)
        rest = height * width - first
        curve = ((below - first) * 255 / rest.clamp(min=1)).round().clamp(0, 255)
        values = curve.gather(2, steps).reshape(batch, channels, height, width)
        values = values.permute(0, 2, 3, 1) * ((high - low) / 255) + low
        return torch.where(rest[:, None, None, :, 0] > 0, values.to(images.dtype), images)

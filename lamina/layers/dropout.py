"""Dropout and other noise, drawn in training only."""

import math
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, randomness
from lamina.core.errors import ShapeError
from lamina.layers import sliding
from lamina.layers.base import Layer


class _Noise(Layer):
    """What the layers of this file share: their seed, and where they draw from."""

    def __init__(self, seed: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = None if seed is None else checks.whole(self, "seed", seed, high=2**63 - 1)
        self._generators: dict[str, torch.Generator] = {}

    def _generator(self, x: Tensor) -> torch.Generator:
        """The stream of the training step, or the layer's own where it was given a seed."""
        if self.seed is None:
            return randomness.step_generator(x.device)
        key = str(x.device)
        if key not in self._generators:
            self._generators[key] = randomness.new_generator(self.seed, x.device)
        return self._generators[key]

    def _drop(self, x: Tensor, rate: float, shape: Any) -> Tensor:
        """Zeroes a share of `x` and scales the rest so that the mean stays."""
        mask = x.new_empty(shape).bernoulli_(1.0 - rate, generator=self._generator(x))
        return x * mask.div_(1.0 - rate)


def _noise_shape(layer: object, value: Any) -> tuple[int | None, ...] | None:
    """Accepts a sequence of sizes, in which `None` stands for the size of the input."""
    is_sequence = isinstance(value, (tuple, list))
    if value is None or (
        is_sequence and all(n is None or (checks.is_whole(n) and n >= 1) for n in value)
    ):
        return None if value is None else tuple(value)
    raise checks.refuse(
        layer,
        "noise_shape",
        value,
        expected="'noise_shape' as a tuple of whole numbers of at least 1, or None for an axis.",
        fix="pass for example noise_shape=(None, 1, None).",
    )


def _filled(layer: Layer, x: Tensor) -> tuple[int, ...]:
    """The shape of the random mask for this input."""
    shape: Any = layer.noise_shape
    if shape is None:
        return x.shape
    if len(shape) != x.ndim:
        raise ShapeError(
            f"{layer.name} has noise_shape={shape} and received an input of shape "
            f"{tuple(x.shape)}.",
            expected="as many sizes in 'noise_shape' as the input has axes.",
            fix="write None for axes that are as long as those of the input.",
        )
    return tuple(size if one is None else one for one, size in zip(shape, x.shape, strict=True))


class Dropout(_Noise):
    """Sets a random share of the values to 0 in training, so that no feature is relied on alone.

    The others are multiplied by 1 / (1 - rate), which keeps the mean. Outside of training it
    passes everything on unchanged.

    Args:
        rate: Share dropped, 0 to below 1.
        noise_shape: Sizes of the random mask, which is repeated along axes of size 1; `None` for
            an axis takes its size from the input.
        seed: A stream of its own for this layer; `None` draws from that of the training step.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: `noise_shape` has another number of axes than the input.

    Reference:
        Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        JMLR 15, 2014.

    Example:
        >>> Dropout(0.5)(torch.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)
        self.noise_shape = _noise_shape(self, noise_shape)

    def call(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        return self._drop(x, self.rate, _filled(self, x))


class _SpatialDropout(_Noise):
    """What spatial dropout of all ranks shares; a public class sets rank and constructor."""

    rank: int
    rate: float
    data_format: str

    def call(self, x: Tensor) -> Tensor:
        sliding.check_rank(self, x.shape)
        if not self.training or self.rate == 0:
            return x
        ones = (1,) * self.rank
        if self.data_format == sliding.CHANNELS_LAST:
            return self._drop(x, self.rate, (x.shape[0], *ones, x.shape[-1]))
        return self._drop(x, self.rate, (*x.shape[:2], *ones))


class SpatialDropout1D(_SpatialDropout):
    """Drops whole channels of sequences in training.

    Neighbouring steps carry much the same information, so that dropping single values hides
    little.

    Args:
        rate: Share of the channels dropped, 0 to below 1.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, time, channels), floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Reference:
        Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Example:
        >>> SpatialDropout1D(0.5)(torch.ones(1, 2, 1)).flatten()
        tensor([1., 1.])
    """

    rank = 1
    data_format = sliding.CHANNELS_LAST

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)


class SpatialDropout2D(_SpatialDropout):
    """Drops whole channels of images in training.

    Args:
        rate: Share of the channels dropped, 0 to below 1.
        data_format: "channels_last" or "channels_first"; last when `None`.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels), floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Reference:
        As in `SpatialDropout1D`.

    Example:
        >>> SpatialDropout2D(0.5)(torch.ones(1, 1, 2, 1)).flatten()
        tensor([1., 1.])
    """

    rank = 2

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)
        self.data_format = sliding.data_format(self, data_format)


class SpatialDropout3D(_SpatialDropout):
    """Drops whole channels of volumes in training.

    Args:
        rate: Share of the channels dropped, 0 to below 1.
        data_format: "channels_last" or "channels_first"; last when `None`.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, depth, height, width, channels), floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes.

    Reference:
        As in `SpatialDropout1D`.

    Example:
        >>> SpatialDropout3D(0.5)(torch.ones(1, 1, 1, 2, 1)).flatten()
        tensor([1., 1.])
    """

    rank = 3

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)
        self.data_format = sliding.data_format(self, data_format)


class GaussianNoise(_Noise):
    """Adds normal noise of mean 0 in training, a form of data augmentation.

    Args:
        stddev: Standard deviation of the noise, 0 to 1, in the unit of the input.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.

    Example:
        >>> GaussianNoise(0.1)(torch.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.stddev = checks.number(self, "stddev", stddev, low=0.0, high=1.0, example=0.1)

    def call(self, x: Tensor) -> Tensor:
        if not self.training or self.stddev == 0:
            return x
        return x + torch.empty_like(x).normal_(0.0, self.stddev, generator=self._generator(x))


class GaussianDropout(_Noise):
    """Multiplies by normal noise of mean 1 in training.

    The noise has the standard deviation sqrt(rate / (1 - rate)), that of `Dropout` with the same
    rate.

    Args:
        rate: As in `Dropout`, 0 to below 1.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.

    Reference:
        Srivastava et al., as in `Dropout`, section 10.

    Example:
        >>> GaussianDropout(0.5)(torch.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)

    def call(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        deviation = math.sqrt(self.rate / (1.0 - self.rate))
        return x * torch.empty_like(x).normal_(1.0, deviation, generator=self._generator(x))


class AlphaDropout(_Noise):
    """Drops values to the lower limit of SELU in training, keeping mean and variance.

    Use it with the activation "selu" and "lecun_normal" starting weights.

    Args:
        rate: Share dropped, 0 to below 1.
        noise_shape: As in `Dropout`.
        seed: As in `Dropout`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any, floating point
        output: that of the input

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: `noise_shape` has another number of axes than the input.

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Example:
        >>> AlphaDropout(0.5)(torch.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checks.rate(self, "rate", rate)
        self.noise_shape = _noise_shape(self, noise_shape)

    def call(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        # a·(x where kept, low elsewhere) + b, with a and b such that N(0, 1) stays N(0, 1)
        low = -1.6732632423543772 * 1.0507009873554805
        a = ((1.0 - self.rate) * (1.0 + self.rate * low**2)) ** -0.5
        b = -a * low * self.rate
        shape = _filled(self, x)
        kept = x.new_empty(shape).bernoulli_(1.0 - self.rate, generator=self._generator(x))
        return torch.where(kept.bool(), a * x + b, a * low + b)

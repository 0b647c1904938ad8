"""Random starts whose spread follows from the number of inputs and outputs of a weight."""

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from lamina.core import checks, kinds
from lamina.layers.draws import (
    Initializer,
    Shape,
    checked_axes,
    checked_seed,
    fans,
    normal,
    truncated_normal,
    uniform,
)

# Standard deviation of a normal distribution cut off at two of its own deviations.
_TRUNCATED_DEVIATION = 0.87962566103423978


class ScaledToFans(Initializer):
    """Draws values whose variance is scale / fan; the public rules say which fan.

    A kernel (..., inputs, outputs) has fan_in = inputs times the product of the leading axes,
    and fan_out likewise.
    """

    scale: float
    mode: str
    distribution: str
    seed: Any
    input_axes: Sequence[int] | None
    output_axes: Sequence[int] | None

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        deviation = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * deviation
            return uniform(shape, -limit, limit, self.seed, dtype)
        if self.distribution == "untruncated_normal":
            return normal(shape, 0.0, deviation, self.seed, dtype)
        return truncated_normal(shape, 0.0, deviation / _TRUNCATED_DEVIATION, self.seed, dtype)


class VarianceScaling(ScaledToFans):
    """Draws values whose variance is scale / fan.

    Args:
        scale: Numerator of the variance, above 0.
        mode: "fan_in", "fan_out" or "fan_avg", the mean of both.
        distribution: "truncated_normal" (or "normal"), "untruncated_normal" or "uniform".
        seed: As in `RandomUniform`.
        input_axes: Axes of the weight that count as inputs; the last but one when `None`.
        output_axes: Axes of the weight that count as outputs; the last when `None`.

    Raises:
        ArgumentError: An argument has no possible value.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        self.scale = checks.number(self, "scale", scale, low=0.0, open_low=True, example=1.0)
        self.mode = checks.choice(self, "mode", mode, ("fan_in", "fan_out", "fan_avg"))
        word = distribution.lower() if isinstance(distribution, str) else distribution
        word = "truncated_normal" if isinstance(word, str) and word == "normal" else word
        options = ("uniform", "truncated_normal", "untruncated_normal")
        self.distribution = checks.choice(self, "distribution", word, options)
        self.seed = checked_seed(self, seed)
        self.input_axes = checked_axes(self, "input_axes", input_axes)
        self.output_axes = checked_axes(self, "output_axes", output_axes)


class _FixedScale(ScaledToFans):
    """A rule of which only seed and axes can be chosen."""

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        self.seed = checked_seed(self, seed)
        self.input_axes = checked_axes(self, "input_axes", input_axes)
        self.output_axes = checked_axes(self, "output_axes", output_axes)


class GlorotUniform(_FixedScale):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)); the default of most layers.

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010.

    Example:
        >>> GlorotUniform(seed=1)((3, 4)).shape
        torch.Size([3, 4])
    """

    scale, mode, distribution = 1.0, "fan_avg", "uniform"


class GlorotNormal(_FixedScale):
    """Truncated normal with variance 2 / (fan_in + fan_out).

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        Glorot and Bengio, AISTATS 2010.
    """

    scale, mode, distribution = 1.0, "fan_avg", "truncated_normal"


class LecunNormal(_FixedScale):
    """Truncated normal with variance 1 / fan_in; made for `selu`.

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        LeCun et al., "Efficient BackProp", 1998.
    """

    scale, mode, distribution = 1.0, "fan_in", "truncated_normal"


class LecunUniform(_FixedScale):
    """Uniform within ±sqrt(3 / fan_in).

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        LeCun et al., "Efficient BackProp", 1998.
    """

    scale, mode, distribution = 1.0, "fan_in", "uniform"


class HeNormal(_FixedScale):
    """Truncated normal with variance 2 / fan_in; made for `relu`.

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        He et al., "Delving Deep into Rectifiers", ICCV 2015.
    """

    scale, mode, distribution = 2.0, "fan_in", "truncated_normal"


class HeUniform(_FixedScale):
    """Uniform within ±sqrt(6 / fan_in).

    Args:
        seed: As in `RandomUniform`.
        input_axes: As in `VarianceScaling`.
        output_axes: As in `VarianceScaling`.

    Reference:
        He et al., "Delving Deep into Rectifiers", ICCV 2015.
    """

    scale, mode, distribution = 2.0, "fan_in", "uniform"

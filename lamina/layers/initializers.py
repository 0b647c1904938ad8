"""How weights start, with the paper each rule comes from.

Random values are drawn on the CPU, so that a seed gives the same weights on every device.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, configured, dtypes, randomness
from lamina.core.configured import Configured
from lamina.core.errors import ShapeError, StateError

Shape = Sequence[int]
# Standard deviation of a normal distribution cut off at two of its own deviations.
_TRUNCATED_DEVIATION = 0.87962566103423978


class Initializer(Configured):
    """Makes the first values of a weight; subclass it and write `__call__`."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape; the default float when `dtype` is `None`."""
        raise StateError(
            f"initializer {type(self).__name__} has no __call__().",
            expected="a method __call__(self, shape, dtype=None) that returns a tensor.",
            fix="write it as def __call__(self, shape, dtype=None): return ...",
        )


class Zeros(Initializer):
    """Starts at 0."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        return torch.zeros(tuple(shape), dtype=dtypes.to_torch(dtype))


class Ones(Initializer):
    """Starts at 1."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        return torch.ones(tuple(shape), dtype=dtypes.to_torch(dtype))


class Constant(Initializer):
    """Starts at one value, or at an array that fits the shape.

    Args:
        value: A number, or an array that broadcasts to the shape of the weight.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        values = torch.as_tensor(self.value).to(dtypes.to_torch(dtype))
        return values.expand(tuple(shape)).clone()


class Identity(Initializer):
    """Starts a matrix as `gain` times the identity.

    Args:
        gain: Value on the diagonal.

    Raises:
        ShapeError: The weight is no matrix.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = checks.number(self, "gain", gain)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        if len(shape) != 2:
            raise ShapeError(
                f"Identity was asked for a weight of shape {tuple(shape)}.",
                expected="a matrix, a shape with 2 axes.",
                fix='use another initializer here, for example "orthogonal".',
            )
        return self.gain * torch.eye(*shape, dtype=dtypes.to_torch(dtype))


class RandomUniform(Initializer):
    """Starts evenly spread between two values.

    Args:
        minval: Lower end.
        maxval: Upper end.
        seed: Whole number for the same values at each call, a `SeedGenerator`, or `None` for
            new values at each call, following the global seed.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval = checks.number(self, "minval", minval)
        self.maxval = checks.number(self, "maxval", maxval)
        self.seed = _checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        return _uniform(shape, self.minval, self.maxval, self.seed, dtype)


class RandomNormal(Initializer):
    """Starts normally distributed.

    Args:
        mean: Mean of the values.
        stddev: Standard deviation of the values.
        seed: As in `RandomUniform`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = checks.number(self, "mean", mean)
        self.stddev = checks.number(self, "stddev", stddev, low=0.0, example=0.05)
        self.seed = _checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        return _normal(shape, self.mean, self.stddev, self.seed, dtype)


class TruncatedNormal(Initializer):
    """Starts normally distributed, without what lies over two deviations from the mean.

    Args:
        mean: Mean of the values.
        stddev: Standard deviation of the values before they are cut off.
        seed: As in `RandomUniform`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = checks.number(self, "mean", mean)
        self.stddev = checks.number(self, "stddev", stddev, low=0.0, example=0.05)
        self.seed = _checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        return _truncated_normal(shape, self.mean, self.stddev, self.seed, dtype)


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
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        deviation = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * deviation
            return _uniform(shape, -limit, limit, self.seed, dtype)
        if self.distribution == "untruncated_normal":
            return _normal(shape, 0.0, deviation, self.seed, dtype)
        return _truncated_normal(shape, 0.0, deviation / _TRUNCATED_DEVIATION, self.seed, dtype)


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
        word = "truncated_normal" if word == "normal" else word
        options = ("uniform", "truncated_normal", "untruncated_normal")
        self.distribution = checks.choice(self, "distribution", word, options)
        self.seed = _checked_seed(self, seed)
        self.input_axes, self.output_axes = input_axes, output_axes


class _FixedScale(ScaledToFans):
    """A rule of which only seed and axes can be chosen."""

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        self.seed = _checked_seed(self, seed)
        self.input_axes, self.output_axes = input_axes, output_axes


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


class Orthogonal(Initializer):
    """Starts with rows or columns at right angles to each other, each of length `gain`.

    All axes but the last count as one.

    Args:
        gain: Length of the vectors.
        seed: As in `RandomUniform`.

    Raises:
        ShapeError: The weight has fewer than 2 axes.

    Reference:
        Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in
        deep linear neural networks", ICLR 2014.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = checks.number(self, "gain", gain)
        self.seed = _checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        if len(shape) < 2:
            raise ShapeError(
                f"Orthogonal was asked for a weight of shape {tuple(shape)}.",
                expected="a shape with at least 2 axes.",
                fix='use another initializer here, for example "zeros" for a bias.',
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        # Halves have no QR decomposition.
        q, r = torch.linalg.qr(_normal(tall, 0.0, 1.0, self.seed, torch.float32))
        q = q * r.diagonal().sign()  # makes all orthogonal matrices equally likely
        q = q.T if rows < columns else q
        return (self.gain * q).reshape(tuple(shape)).to(dtypes.to_torch(dtype))


class STFT(Initializer):
    """Starts a 1D convolution as a short-time Fourier transform.

    The kernel (frame_length, 1, fft_length // 2 + 1) holds cos or sin of -2π·time·frequency,
    times the window, divided by its scale.

    Args:
        side: "real" for cosines, "imag" for sines.
        window: Name of a SciPy window, its values, or `None` for none.
        scaling: "density" divides by the root of the summed squares of the window, "spectrum"
            by its sum, `None` by nothing.
        periodic: Whether the window is periodic instead of symmetric.

    Raises:
        ArgumentError: `side` or `scaling` is none of these words.
        ShapeError: The window is not as long as a frame.
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        self.side = checks.choice(self, "side", side, ("real", "imag"))
        self.window = window
        self.scaling = checks.choice(self, "scaling", scaling, ("density", "spectrum", None))
        self.periodic = checks.boolean(self, "periodic", periodic)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        frame_length, _, frequencies = shape
        time = torch.arange(frame_length, dtype=torch.float64).reshape(-1, 1, 1)
        frequency = torch.arange(frequencies, dtype=torch.float64) / (2 * (frequencies - 1))
        angle = -2.0 * math.pi * time * frequency
        kernel = angle.cos() if self.side == "real" else angle.sin()
        if self.window is not None:
            kernel = kernel * self._scaled_window(frame_length).reshape(-1, 1, 1)
        return kernel.to(dtypes.to_torch(dtype))

    def _scaled_window(self, frame_length: int) -> Tensor:
        window = self.window
        if isinstance(window, str):
            from scipy.signal import get_window  # noqa: PLC0415

            window = get_window(window, frame_length, fftbins=self.periodic)
        window = torch.as_tensor(np.asarray(window), dtype=torch.float64)
        if tuple(window.shape) != (frame_length,):
            raise ShapeError(
                f"STFT received a window of shape {tuple(window.shape)}.",
                expected=f"one value for each of the {frame_length} steps of a frame.",
                fix=f"pass an array of length {frame_length}, or a name such as 'hann'.",
            )
        if self.scaling is None:
            return window
        return window / (window.norm() if self.scaling == "density" else window.abs().sum())


def fans(
    shape: Shape,
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Number of inputs and outputs that each value of a kernel (..., inputs, outputs) joins."""
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    receptive_field = math.prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


def _checked_seed(owner: object, seed: Any) -> Any:
    if seed is None or callable(getattr(seed, "next", None)):
        return seed
    return checks.whole(owner, "seed", seed, high=2**63 - 1)


def _filled(
    shape: Shape, seed: Any, dtype: Any, fill: Callable[[Tensor, torch.Generator], Tensor]
) -> Tensor:
    kind, device = dtypes.to_torch(dtype), torch.get_default_device()
    if device.type == "meta":
        return torch.empty(tuple(shape), dtype=kind)
    if seed is None:
        number = randomness.next_seed()
    elif checks.is_whole(seed):
        number = seed
    else:
        number = randomness.derive(0, *np.asarray(seed.next()).reshape(-1).tolist())
    generator = randomness.new_generator(number)
    return fill(torch.empty(tuple(shape), dtype=kind, device="cpu"), generator).to(device)


def _uniform(shape: Shape, low: float, high: float, seed: Any, dtype: Any) -> Tensor:
    return _filled(shape, seed, dtype, lambda x, rng: x.uniform_(low, high, generator=rng))


def _normal(shape: Shape, mean: float, deviation: float, seed: Any, dtype: Any) -> Tensor:
    return _filled(shape, seed, dtype, lambda x, rng: x.normal_(mean, deviation, generator=rng))


def _truncated_normal(shape: Shape, mean: float, deviation: float, seed: Any, dtype: Any) -> Tensor:
    edge = math.erf(math.sqrt(2.0))  # where the error function stands at two deviations

    def fill(x: Tensor, rng: torch.Generator) -> Tensor:
        x.uniform_(-edge, edge, generator=rng).erfinv_()
        return x.mul_(math.sqrt(2.0)).clamp_(-2.0, 2.0).mul_(deviation).add_(mean)

    return _filled(shape, seed, dtype, fill)


constant, zeros, ones, identity, stft = Constant, Zeros, Ones, Identity, STFT
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
he_uniform, he_normal = HeUniform, HeNormal
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

CLASSES: dict[str, type[Initializer]] = {
    kind.__name__: kind
    for kind in (
        *(Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, Initializer),
        *(LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform, STFT),
        *(TruncatedNormal, VarianceScaling, Zeros),
    )
}
NAMES: dict[str, type[Initializer]] = {
    **CLASSES,
    **{"constant": Constant, "zeros": Zeros, "zero": Zeros, "ones": Ones, "one": Ones},
    **{"identity": Identity, "orthogonal": Orthogonal, "stft": STFT},
    **{"random_uniform": RandomUniform, "uniform": RandomUniform},
    **{"random_normal": RandomNormal, "normal": RandomNormal},
    **{"truncated_normal": TruncatedNormal, "variance_scaling": VarianceScaling},
    **{"glorot_uniform": GlorotUniform, "glorot_normal": GlorotNormal},
    **{"lecun_uniform": LecunUniform, "lecun_normal": LecunNormal},
    **{"he_uniform": HeUniform, "he_normal": HeNormal},
    **{"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal},
    "STFTInitializer": STFT,
}


def get(identifier: Any) -> Callable[..., Tensor] | None:
    """The initializer that a name, a configuration, an array, a class or a callable stands for.

    Raises:
        ArgumentError: No initializer has this name.
        ArgumentTypeError: `identifier` is none of these things.

    Example:
        >>> get("zeros")((2,))
        tensor([0., 0.])
    """
    if identifier is None:
        return None
    if isinstance(identifier, (Tensor, np.ndarray, np.generic)):
        return Constant(identifier)
    return configured.obtain("an initializer", identifier, NAMES)


def serialize(initializer: Initializer) -> dict[str, Any]:
    """The initializer as plain data, in Keras's form."""
    return configured.recipe(initializer, "keras.initializers")


def deserialize(
    config: str | Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Initializer:
    """The initializer that `serialize` wrote down.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit.
    """
    return configured.make("an initializer", config, NAMES, custom_objects)

"""How weights start, with the paper each rule comes from.

Rules that scale with the number of inputs and outputs are in scaled_initializers.py.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, configured, dtypes, kinds
from lamina.core.errors import ShapeError
from lamina.core.names import to_snake_case
from lamina.core.weighting import as_tensor
from lamina.layers import draws
from lamina.layers.draws import Initializer, Shape, checked_seed, spread_to
from lamina.layers.scaled_initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from lamina.layers.scaled_initializers import ScaledToFans as ScaledToFans  # for other layers


class Zeros(Initializer):
    """Starts at 0."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        return torch.zeros(tuple(shape), dtype=dtypes.to_torch(dtype))


class Ones(Initializer):
    """Starts at 1."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
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
        shape = kinds.shape(self, shape)
        values = as_tensor(self.value, dtypes.to_torch(dtype), name="value")
        return spread_to(values, shape, "Constant").clone()


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
        shape = kinds.shape(self, shape)
        if len(shape) != 2:
            raise ShapeError(
                f"Identity was asked for a weight of shape {tuple(shape)}.",
                expected="a matrix, a shape with 2 axes.",
                fix='use another initializer here, for example "orthogonal".',
            )
        return self.gain * torch.eye(*shape, dtype=dtypes.to_torch(dtype))


class Dirac(Initializer):
    """Starts a convolution as the identity: each of the first filters hands one channel on.

    Filter i takes channel i at the middle of the window, with the weight `gain`. Where there are
    more filters than channels, the others start as `rest` says; with `rest="glorot_uniform"` this
    is the partial identity that deep convolutional nets train fastest from.

    Args:
        gain: Value of the entries that hand a channel on.
        rest: Initializer of the filters beyond the number of channels, which sees the shape of the
            whole kernel.

    Raises:
        ShapeError: The weight has fewer than 2 axes.

    Reference:
        Zagoruyko and Komodakis, "DiracNets: Training Very Deep Neural Networks Without
        Skip-Connections", arXiv 1706.00388, 2017.

    Example:
        >>> Dirac()((1, 1, 2, 2))[0, 0]
        tensor([[1., 0.],
                [0., 1.]])
    """

    def __init__(self, gain: float = 1.0, rest: Any = "zeros") -> None:
        self.gain = checks.number(self, "gain", gain)
        self.rest = rest

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        if len(shape) < 2:
            raise ShapeError(
                f"Dirac was asked for a weight of shape {tuple(shape)}.",
                expected="a kernel, (..., channels, filters).",
                fix='use another initializer here, for example "zeros".',
            )
        rest: Any = get("zeros" if self.rest is None else self.rest)
        values = as_tensor(rest(shape, dtype=dtype), name="rest").clone()
        same = min(shape[-2:])
        values[..., :same] = 0.0
        middle = values[tuple(size // 2 for size in shape[:-2])]
        middle[:same, :same] = self.gain * torch.eye(same, dtype=values.dtype)
        return values


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
        self.maxval = checks.number(self, "maxval", maxval, low=self.minval)
        self.seed = checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        return draws.uniform(shape, self.minval, self.maxval, self.seed, dtype)


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
        self.seed = checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        return draws.normal(shape, self.mean, self.stddev, self.seed, dtype)


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
        self.seed = checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        return draws.truncated_normal(shape, self.mean, self.stddev, self.seed, dtype)


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
        self.seed = checked_seed(self, seed)

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """New values of this shape."""
        shape = kinds.shape(self, shape)
        if len(shape) < 2:
            raise ShapeError(
                f"Orthogonal was asked for a weight of shape {tuple(shape)}.",
                expected="a shape with at least 2 axes.",
                fix='use another initializer here, for example "zeros" for a bias.',
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        # Halves have no QR decomposition.
        q, r = torch.linalg.qr(draws.normal(tall, 0.0, 1.0, self.seed, torch.float32))
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
        shape = kinds.shape(self, shape)
        if len(shape) != 3 or shape[2] < 2:
            raise ShapeError(
                f"STFT was asked for a weight of shape {shape}.",
                expected="a kernel, (frame_length, 1, frequencies), with 2 frequencies or more.",
                fix='use another initializer here, for example "orthogonal".',
            )
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

            try:
                window = get_window(window, frame_length, fftbins=self.periodic)
            except ValueError as error:
                raise checks.refuse(
                    self,
                    "window",
                    window,
                    expected="'window' as the name of a window of scipy.signal.",
                    fix='pass for example window="hann".',
                ) from error
        window = as_tensor(window, torch.float64, name="window")
        if tuple(window.shape) != (frame_length,):
            raise ShapeError(
                f"STFT received a window of shape {tuple(window.shape)}.",
                expected=f"one value for each of the {frame_length} steps of a frame.",
                fix=f"pass an array of length {frame_length}, or a name such as 'hann'.",
            )
        if self.scaling is None:
            return window
        return window / (window.norm() if self.scaling == "density" else window.abs().sum())


constant, zeros, ones, identity, stft = Constant, Zeros, Ones, Identity, STFT
dirac = Dirac
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
he_uniform, he_normal = HeUniform, HeNormal
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

CLASSES: dict[str, type[Initializer]] = {
    kind.__name__: kind
    for kind in (
        *(Constant, Dirac, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity),
        *(Initializer, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal),
        *(RandomUniform, STFT, TruncatedNormal, VarianceScaling, Zeros),
    )
}
ALIASES = {
    "IdentityInitializer": "Identity",
    "OrthogonalInitializer": "Orthogonal",
    "STFTInitializer": "STFT",
    "normal": "RandomNormal",
    "one": "Ones",
    "stft": "STFT",
    "uniform": "RandomUniform",
    "zero": "Zeros",
}
NAMES: dict[str, type[Initializer]] = {
    **CLASSES,
    **{to_snake_case(name): kind for name, kind in CLASSES.items()},
    **{alias: CLASSES[name] for alias, name in ALIASES.items()},
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

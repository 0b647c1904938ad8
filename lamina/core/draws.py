"""Random tensors with the names, arguments and distributions of keras.random.

A whole number as `seed` gives the same values at every call, a `SeedGenerator` the next ones of
its stream; `None` draws from the stream of the training step.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, devices, draw_arguments, dtypes, kinds, randomness
from lamina.core.errors import ShapeError
from lamina.core.seed_generator import SeedGenerator
from lamina.core.weighting import as_floats, as_tensor

Seed = int | SeedGenerator | None


def _where() -> torch.device:
    chosen = torch.get_default_device()
    return chosen if chosen.type == "meta" else devices.default()


def _generator(owner: str, seed: Seed, device: torch.device) -> torch.Generator:
    """The generator that a seed stands for, on the device that is drawn on."""
    device = torch.device("cpu") if device.type == "meta" else device
    if seed is None:
        return randomness.step_generator(device)
    if isinstance(seed, SeedGenerator):
        return seed.generator(device)
    return randomness.new_generator(checks.whole(owner, "seed", seed, high=2**63 - 1), device)


def _empty(owner: str, shape: Any, dtype: Any) -> Tensor:
    """Memory for the result, of a float dtype."""
    kind = dtypes.to_torch(dtype)
    if not kind.is_floating_point:
        raise checks.refuse(
            owner,
            "dtype",
            dtypes.name_of(kind),
            expected="'dtype' as a floating point dtype.",
            fix='pass for example dtype="float32".',
        )
    return torch.empty(kinds.shape(owner, shape), dtype=kind, device=_where())


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws from the normal distribution.

    Args:
        shape: Shape of the result.
        mean: Mean of the distribution.
        stddev: Standard deviation.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> normal((2, 3), seed=1).shape
        torch.Size([2, 3])
    """
    x = _empty("normal", shape, dtype)
    mean = draw_arguments.parameter("normal", "mean", mean, x)
    stddev = draw_arguments.parameter("normal", "stddev", stddev, x, low=0.0)
    return x.normal_(generator=_generator("normal", seed, x.device)).mul_(stddev).add_(mean)


def uniform(
    shape: Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws evenly from `minval` up to, not including, `maxval`.

    Args:
        shape: Shape of the result.
        minval: Lower end, included.
        maxval: Upper end, not included.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> uniform((4,), seed=1).lt(1).all()
        tensor(True)
    """
    x = _empty("uniform", shape, dtype)
    minval = draw_arguments.parameter("uniform", "minval", minval, x)
    maxval = draw_arguments.parameter("uniform", "maxval", maxval, x)
    generator = _generator("uniform", seed, x.device)
    return x.uniform_(generator=generator).mul_(maxval - minval).add_(minval)


def truncated_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws from the normal distribution within two standard deviations of its mean.

    An even draw between the two ends of the distribution function is put through its inverse.

    Args:
        shape: Shape of the result.
        mean: Mean of the distribution.
        stddev: Standard deviation before truncation.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> truncated_normal((9,), seed=1).abs().le(2).all()
        tensor(True)
    """
    x = _empty("truncated_normal", shape, dtype)
    mean = draw_arguments.parameter("truncated_normal", "mean", mean, x)
    stddev = draw_arguments.parameter("truncated_normal", "stddev", stddev, x, low=0.0)
    edge = math.erf(math.sqrt(2.0))  # where the error function stands at two deviations
    x.uniform_(-edge, edge, generator=_generator("truncated_normal", seed, x.device)).erfinv_()
    return x.mul_(math.sqrt(2.0)).clamp_(-2.0, 2.0).mul_(stddev).add_(mean)


def randint(
    shape: Sequence[int], minval: int, maxval: int, dtype: Any = "int32", seed: Seed = None
) -> Tensor:
    """Draws whole numbers evenly from `minval` up to, not including, `maxval`.

    Args:
        shape: Shape of the result.
        minval: Lower end, included.
        maxval: Upper end, not included.
        dtype: An integer dtype.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no integer dtype, the range is empty, or `seed` no seed.

    Example:
        >>> randint((3,), 5, 6)
        tensor([5, 5, 5], dtype=torch.int32)
    """
    kind, device = dtypes.to_torch(dtype), _where()
    if kind.is_floating_point or kind == torch.bool:
        raise checks.refuse(
            "randint",
            "dtype",
            dtypes.name_of(kind),
            expected="'dtype' as an integer dtype.",
            fix='pass for example dtype="int32".',
        )
    minval = draw_arguments.end("minval", minval)
    maxval = draw_arguments.end("maxval", maxval)
    if not minval < maxval:
        raise checks.refuse(
            "randint",
            "maxval",
            maxval,
            expected=f"'maxval' above minval={minval}: it is not included.",
            fix=f"pass for example maxval={minval + 1}.",
        )
    generator = _generator("randint", seed, device)
    sizes = kinds.shape("randint", shape)
    return torch.randint(minval, maxval, sizes, generator=generator, dtype=kind, device=device)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None) -> Tensor:
    """Draws class numbers with the chances that each row of logits gives them.

    Args:
        logits: Logarithms of the chances, which need not be normalized.
        num_samples: How many to draw for each row.
        dtype: Dtype of the result.
        seed: Whole number, `SeedGenerator` or `None`.

    Shape:
        logits: (batch, classes), floating point
        result: (batch, num_samples)

    Raises:
        ShapeError: `logits` has not two axes.
        ArgumentError: `num_samples` is no positive whole number, or `seed` no seed.

    Example:
        >>> categorical([[0.0, -1e9]], 3)
        tensor([[0, 0, 0]], dtype=torch.int32)
    """
    x = as_tensor(logits, name="logits")
    if x.ndim != 2:
        raise ShapeError(
            f"categorical received logits of shape {tuple(x.shape)}.",
            expected="two axes, (batch, classes).",
            fix="pass logits.reshape(-1, num_classes).",
        )
    count = checks.positive_int("categorical", "num_samples", num_samples)
    generator = _generator("categorical", seed, x.device)
    drawn = torch.multinomial(x.float().softmax(-1), count, replacement=True, generator=generator)
    return drawn.to(dtypes.to_torch(dtype))


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Tensor:
    """Puts the slices along one axis into a random order, each slice left whole.

    Args:
        x: What to shuffle.
        axis: Axis along which the slices lie.
        seed: Whole number, `SeedGenerator` or `None`.

    Shape:
        x: any shape and dtype
        result: that of `x`

    Raises:
        ArgumentError: `seed` is no seed.

    Example:
        >>> shuffle([3, 1, 2], seed=1).sort().values
        tensor([1, 2, 3])
    """
    x = as_tensor(x, name="x")
    axis = kinds.axis_of("shuffle", axis, x)
    generator = _generator("shuffle", seed, x.device)
    return x.index_select(axis, torch.randperm(x.shape[axis], generator=generator, device=x.device))


def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> Tensor:
    """Sets a random share of the values to 0 and divides the others by 1 - rate.

    Args:
        inputs: Floating point values.
        rate: Share dropped, 0 to 1; at 1 everything is 0.
        noise_shape: Sizes of the random mask, which is repeated along axes of size 1; `None` for
            an axis takes its size from the input.
        seed: Whole number, `SeedGenerator` or `None`.

    Shape:
        inputs: any, floating point
        result: that of the inputs

    Raises:
        ArgumentError: `rate` is no share, or `seed` no seed.

    Example:
        >>> dropout(torch.ones(2), 0.0)
        tensor([1., 1.])
    """
    x = as_floats(inputs, "inputs")
    share = checks.number("dropout", "rate", rate, low=0.0, high=1.0)
    if share == 0.0:
        return x
    if share == 1.0:
        return torch.zeros_like(x)
    shape = draw_arguments.mask_shape(noise_shape, x)
    generator = _generator("dropout", seed, x.device)
    mask = x.new_empty(shape).bernoulli_(1.0 - share, generator=generator)
    return x * mask.div_(1.0 - share)


def binomial(
    shape: Sequence[int],
    counts: Any,
    probabilities: Any,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws how many of `counts` independent trials succeed.

    Args:
        shape: Shape of the result, to which the other two are repeated.
        counts: Number of trials.
        probabilities: Chance of success of each, 0 to 1.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> binomial((2,), 5, 1.0)
        tensor([5., 5.])
    """
    x = _empty("binomial", shape, dtype)
    trials = draw_arguments.spread("binomial", "counts", counts, x, low=0.0)
    chances = draw_arguments.spread("binomial", "probabilities", probabilities, x, low=0.0)
    if not x.is_meta and bool((chances > 1.0).any()):
        raise checks.refuse(
            "binomial",
            "probabilities",
            probabilities,
            expected="'probabilities' as numbers from 0 to 1.",
            fix="pass for example probabilities=0.5.",
        )
    generator = _generator("binomial", seed, x.device)
    return torch.binomial(trials, chances, generator=generator).to(x.dtype)


def gamma(shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Seed = None) -> Tensor:
    """Draws from the gamma distribution of scale 1.

    Args:
        shape: Shape of the result, to which `alpha` is repeated.
        alpha: Shape parameter of the distribution, above 0.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> gamma((3,), 2.0).gt(0).all()
        tensor(True)
    """
    x = _empty("gamma", shape, dtype)
    distribution = torch.distributions.Gamma(draw_arguments.spread("gamma", "alpha", alpha, x), 1.0)
    return _sampled("gamma", distribution, x, seed)


def beta(
    shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None
) -> Tensor:
    """Draws from the beta distribution, whose values lie between 0 and 1.

    Args:
        shape: Shape of the result, to which the parameters are repeated.
        alpha: First parameter, above 0.
        beta: Second parameter, above 0.
        dtype: A float dtype; the default float when `None`.
        seed: Whole number, `SeedGenerator` or `None`.

    Raises:
        ArgumentError: `dtype` is no float dtype, or `seed` no seed.

    Example:
        >>> beta((3,), 2.0, 2.0).lt(1).all()
        tensor(True)
    """
    x = _empty("beta", shape, dtype)
    first, second = (
        draw_arguments.spread("beta", "alpha", alpha, x),
        draw_arguments.spread("beta", "beta", beta, x),
    )
    distribution = torch.distributions.Beta(first, second)
    return _sampled("beta", distribution, x, seed)


def _sampled(
    owner: str, distribution: torch.distributions.Distribution, x: Tensor, seed: Seed
) -> Tensor:
    """A sample of a distribution that takes no generator: torch's own is borrowed and put back."""
    if x.is_meta:
        return x
    generator = _generator(owner, seed, x.device)
    start = torch.randint(2**62, (), generator=generator, device=x.device)
    with torch.random.fork_rng():
        torch.manual_seed(int(start))
        return distribution.sample().to(x.dtype)

"""Elementwise functions between layers, under the names Keras gives them.

Each is one torch kernel where torch has one. They take tensors, symbolic tensors and arrays.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import configured
from lamina.core.errors import ArgumentError
from lamina.core.names import shown
from lamina.core.scores import remember

Activation = Callable[[Tensor], Tensor]


def _tensor(x: Any) -> Tensor:
    """Leaves everything that torch can compute with as it is; arrays become tensors."""
    return x if hasattr(type(x), "__torch_function__") else torch.as_tensor(x)


def linear(x: Any) -> Any:
    """Passes everything on unchanged."""
    return x


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Cuts off what lies below zero: max(x, 0).

    In full: `max_value` where x >= max_value, x where threshold < x < max_value, and
    negative_slope * (x - threshold) below.

    Args:
        x: Values of any shape.
        negative_slope: Slope below the threshold.
        max_value: Largest result; `None` for no limit.
        threshold: Where the function begins to let values through.

    Reference:
        Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines",
        ICML 2010.

    Example:
        >>> relu(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    x = _tensor(x)
    if max_value is None and threshold == 0:
        return F.leaky_relu(x, negative_slope) if negative_slope else F.relu(x)
    if threshold:
        kept = torch.where(x > threshold, x, 0.0)
        kept = kept if max_value is None else kept.clamp(0.0, max_value)
    else:
        kept = F.relu6(x) if max_value == 6 else F.relu(x).clamp(max=max_value)
    return kept - negative_slope * F.relu(threshold - x) if negative_slope else kept


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Lets a share of the negative part through: x where x > 0, negative_slope * x below."""
    return F.leaky_relu(_tensor(x), negative_slope)


def relu6(x: Any) -> Tensor:
    """Cuts off below 0 and above 6."""
    return F.relu6(_tensor(x))


def softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Tensor:
    """Turns scores into shares that add up to 1: exp(x) / sum(exp(x)) along `axis`.

    Args:
        x: Scores.
        axis: Axis along which the shares add up to 1; several, or `None` for all.
    """
    x = _tensor(x)
    if isinstance(axis, int):
        return remember(F.softmax(x, dim=axis), x, "softmax", axis)
    return log_softmax(x, axis).exp()


def log_softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Tensor:
    """Turns scores into logarithms of shares: x - log(sum(exp(x))) along `axis`.

    Args:
        x: Scores.
        axis: Axis along which the shares add up to 1; several, or `None` for all.
    """
    x = _tensor(x)
    if isinstance(axis, int):
        return F.log_softmax(x, dim=axis)
    axes = tuple(range(x.ndim)) if axis is None else tuple(axis)
    return x - x.logsumexp(dim=axes, keepdim=True)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Bends smoothly towards -alpha: x where x > 0, alpha * (exp(x) - 1) below."""
    return F.elu(_tensor(x), alpha)


def selu(x: Any) -> Tensor:
    """Scaled `elu` that keeps mean 0 and variance 1 through LeCun normal layers.

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.
    """
    return F.selu(_tensor(x))


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Like `elu`, smooth for every alpha: max(x, 0) + min(alpha * (exp(x/alpha) - 1), 0)."""
    return F.celu(_tensor(x), alpha)


def softplus(x: Any) -> Tensor:
    """Smooth `relu`: log(1 + exp(x))."""
    return F.softplus(_tensor(x))


def softsign(x: Any) -> Tensor:
    """Squashes into (-1, 1): x / (1 + |x|)."""
    return F.softsign(_tensor(x))


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Moves values towards 0 by `threshold`; what lies nearer becomes 0."""
    return F.softshrink(_tensor(x), threshold)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Sets values within `threshold` of 0 to 0 and keeps the others."""
    return F.hardshrink(_tensor(x), threshold)


def tanh_shrink(x: Any) -> Tensor:
    """Takes away the hyperbolic tangent: x - tanh(x)."""
    return F.tanhshrink(_tensor(x))


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """Keeps values above `threshold` and replaces the others by `default_value`."""
    return F.threshold(_tensor(x), threshold, default_value)


def silu(x: Any) -> Tensor:
    """Gates each value by its own sigmoid: x * sigmoid(x); also called swish.

    Reference:
        Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    return F.silu(_tensor(x))


def hard_silu(x: Any) -> Tensor:
    """Piecewise `silu`: x * hard_sigmoid(x); also called hard swish."""
    return F.hardswish(_tensor(x))


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Gates each value by the normal distribution: x * P(Z <= x).

    Args:
        x: Values of any shape.
        approximate: Whether the formula with tanh is used instead of the exact one.

    Reference:
        Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
    """
    return F.gelu(_tensor(x), approximate="tanh" if approximate else "none")


def glu(x: Any, axis: int = -1) -> Tensor:
    """Halves the axis: the first half times the sigmoid of the second."""
    return F.glu(_tensor(x), dim=axis)


def tanh(x: Any) -> Tensor:
    """Squashes into (-1, 1): the hyperbolic tangent."""
    return torch.tanh(_tensor(x))


def hard_tanh(x: Any) -> Tensor:
    """Cuts off below -1 and above 1."""
    return F.hardtanh(_tensor(x))


def sigmoid(x: Any) -> Tensor:
    """Squashes into (0, 1): 1 / (1 + exp(-x))."""
    x = _tensor(x)
    return remember(torch.sigmoid(x), x, "sigmoid")


def hard_sigmoid(x: Any) -> Tensor:
    """Piecewise sigmoid: x / 6 + 1/2 between -3 and 3, 0 below and 1 above."""
    return F.hardsigmoid(_tensor(x))


def log_sigmoid(x: Any) -> Tensor:
    """Logarithm of the sigmoid, exact for large negative values too."""
    return F.logsigmoid(_tensor(x))


def sparse_sigmoid(x: Any) -> Tensor:
    """Straight line from 0 at -1 to 1 at 1, flat outside."""
    return (F.hardtanh(_tensor(x)) + 1) * 0.5


def sparse_plus(x: Any) -> Tensor:
    """Parabola between -1 and 1, (x + 1)² / 4; 0 below, x above."""
    x = _tensor(x)
    return torch.where(x < 1, F.relu(x + 1).square() * 0.25, x)


def exponential(x: Any) -> Tensor:
    """The exponential function."""
    return torch.exp(_tensor(x))


def mish(x: Any) -> Tensor:
    """Gates each value by its softplus: x * tanh(softplus(x)).

    Reference:
        Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", BMVC 2020.
    """
    return F.mish(_tensor(x))


def squareplus(x: Any, b: float = 4) -> Tensor:
    """Algebraic softplus: (x + sqrt(x² + b)) / 2."""
    x = _tensor(x)
    return (x + torch.sqrt(x.square() + b)) / 2


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """Turns scores into shares of which many are exactly 0.

    The nearest point of the probability simplex: max(x - tau, 0), with tau such that the shares
    add up to 1.

    Args:
        x: Scores.
        axis: Axis along which the shares add up to 1.

    Reference:
        Martins and Astudillo, "From Softmax to Sparsemax", ICML 2016, algorithm 1.
    """
    x = _tensor(x)
    ordered = torch.sort(x, dim=axis, descending=True).values
    excess = ordered.cumsum(dim=axis) - 1
    ranks = torch.ones_like(ordered).cumsum(dim=axis)
    chosen = ordered * ranks > excess
    count = chosen.sum(dim=axis, keepdim=True)
    tau = excess.gather(axis, count - 1) / count
    return F.relu(x - tau)


swish = silu
hard_swish = hard_silu

FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh),
        *(leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu),
        *(soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax),
        *(squareplus, tanh, tanh_shrink, threshold),
    )
}
NAMES = {**FUNCTIONS, "swish": silu, "hard_swish": hard_silu}


def get(identifier: Any) -> Activation:
    """The function that a name, a configuration or a callable stands for.

    Args:
        identifier: Name, what `serialize` returned, a callable, or `None` for `linear`.

    Raises:
        ArgumentError: No activation has this name.
        ArgumentTypeError: `identifier` is neither a name nor callable.

    Example:
        >>> get("swish") is silu
        True
    """
    if identifier is None:
        return linear
    return configured.obtain("an activation", identifier, NAMES)


def serialize(activation: Activation) -> str | dict[str, Any]:
    """The name of a function of this file or of the user's, or the recipe of an object.

    Raises:
        ArgumentError: The function is a lambda, which has no name to be found by.
    """
    if hasattr(activation, "get_config"):
        return configured.recipe(activation, "keras.activations")
    name = getattr(activation, "__name__", "<lambda>")
    if name == "<lambda>":
        raise ArgumentError(
            f"activation {shown(activation)} has no name to be saved under.",
            expected="a named function or an object with get_config().",
            fix="define it with def.",
        )
    return name


def deserialize(
    config: str | Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Activation:
    """The function that `serialize` wrote down.

    Raises:
        ArgumentError: No activation has this name.
    """
    return configured.make("an activation", config, NAMES, custom_objects)

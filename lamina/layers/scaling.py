"""Rescaling, Normalization and MinMaxScaling: numbers brought to a handy range."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import ShapeError
from lamina.layers.adapted import AdaptedLayer, refuse_adapting, to_compute_dtype, to_float64
from lamina.layers.base import Layer, Shape

_LARGEST_COUNT = 2**31 - 1


class Rescaling(Layer):
    """Multiplies every value by a constant and adds another.

    Computes `x * scale + offset`. Use `Rescaling(1 / 255)` for pixels; use `Normalization` where
    the right constants have to be learned from the data.

    Args:
        scale: Factor; a number, or one number a channel.
        offset: Added after scaling; a number, or one number a channel.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: `scale` or `offset` is no number and no list of numbers.

    Example:
        >>> Rescaling(1 / 255)(torch.full((1, 2), 51, dtype=torch.uint8))
        tensor([[0.2000, 0.2000]])
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self._keep_constant("scale", scale)
        self._keep_constant("offset", offset)

    def _keep_constant(self, name: str, value: Any) -> None:
        """Keeps one number a channel as a buffer, so that it moves with the model."""
        if checks.is_number(value):
            return
        values = np.asarray(value)
        if values.dtype.kind not in "iuf":
            raise checks.refuse(
                self,
                name,
                value,
                expected=f"{name!r} as a number, or a list with one number a channel.",
                fix=f"pass for example {name}=1 / 255.",
            )
        constants = torch.as_tensor(values, dtype=torch.float32)
        self.register_buffer(f"{name}_values", constants, persistent=False)

    def call(self, x: Tensor) -> Tensor:
        x = to_compute_dtype(self, x)
        scale = self._buffers.get("scale_values", self.scale)
        offset = self._buffers.get("offset_values", self.offset)
        y = x * scale
        if not (isinstance(offset, (int, float)) and offset == 0):
            y = y + offset
        return y.to(x.dtype)


class Normalization(AdaptedLayer):
    """Shifts and scales every feature to mean 0 and variance 1.

    Computes `(x - mean) / max(sqrt(variance), epsilon)`, or the inverse. Mean and variance are
    learned by `adapt` (or by `fit`, from the training part) or given. Until then they are 0 and
    1. Use it for tables; `BatchNormalization` suits hidden layers, whose values change.

    Args:
        axis: Axes that keep a mean and variance of their own; `None` has one for all values.
        mean: Known mean; a number or one number a feature. Needs `variance`.
        variance: Known variance, likewise.
        invert: Maps normalized values back.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ...), any dtype
        output: the shape of the input, floating point
        mean: sizes of the kept axes, starts at 0
        variance: sizes of the kept axes, starts at 1
        count: (), int32, number of values behind each mean

    Raises:
        ArgumentError: Only one of `mean` and `variance` is given, or their shapes do not fit.
        ShapeError: An axis does not exist, is the batch axis or has another size than before.
        StateError: `adapt` is called although `mean` and `variance` were given.

    Example:
        >>> Normalization(mean=2.0, variance=4.0)(torch.tensor([[0.0, 4.0]]))
        tensor([[-1.,  1.]])
    """

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = _axes(self, axis)
        self.input_mean, self.input_variance = mean, variance
        self.invert = checks.boolean(self, "invert", invert)
        if (mean is None) != (variance is None):
            lone = "mean" if variance is None else "variance"
            raise checks.refuse(
                self,
                lone,
                mean if variance is None else variance,
                expected="both 'mean' and 'variance', or neither.",
                fix="pass mean=... and variance=..., or leave both to adapt().",
            )
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise checks.refuse(
                self,
                "variance",
                variance,
                expected=f"the shape of 'mean', {np.shape(mean)}.",
                fix="pass one mean and one variance a feature.",
            )

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}.",
                expected=f"an input that has axis {self.axis[0]}.",
                fix="pass axis=None for one mean of all values, or axis=-1 for one a feature.",
            )
        self._kept = tuple(sorted(axis % rank for axis in self.axis))
        if any(input_shape[axis] is None for axis in self._kept):
            raise ShapeError(
                f"{self.name} keeps axis {self.axis[0]} of an input of shape {input_shape}.",
                expected="kept axes of a known size, other than the batch axis.",
                fix="add a feature axis with x.reshape(-1, 1), or pass axis=None.",
            )
        self._sizes: Any = tuple(input_shape[axis] for axis in self._kept)
        self._aligned: Any = [
            input_shape[axis] if axis in self._kept else 1 for axis in range(rank)
        ]
        if self.input_mean is None:
            self.mean = self.add_weight(self._sizes, "zeros", trainable=False, name="mean")
            self.variance = self.add_weight(self._sizes, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")
            return
        for name, values in (("mean", self.input_mean), ("variance", self.input_variance)):
            self.register_buffer(name, self._given(name, values), persistent=False)

    def _given(self, name: str, values: Any) -> Tensor:
        kind = dtypes.to_torch(self.dtype_policy.variable_dtype)
        given = torch.as_tensor(np.asarray(values), dtype=kind)
        if given.numel() == math.prod(self._sizes):
            return given.reshape(self._sizes)
        try:
            return given.expand(self._sizes).clone()
        except RuntimeError as error:
            raise checks.refuse(
                self,
                name,
                values,
                expected=f"{name!r} as a number, or as numbers of shape {self._sizes}.",
                fix="pass one mean and one variance a feature.",
            ) from error

    def _check_features(self, shape: Any) -> None:
        fits = len(shape) == len(self._aligned)
        if self._kept and not (fits and tuple(shape[axis] for axis in self._kept) == self._sizes):
            free = enumerate(self._aligned)
            pattern = [size if axis in self._kept else None for axis, size in free]
            raise _refuse_shape(self, shape, pattern)

    @property
    def is_adapted(self) -> bool:
        """Whether mean and variance were given, loaded or learned."""
        if self.input_mean is not None:
            return True
        if not self.is_built:
            return False
        return bool(self.count > 0) or bool((self.mean != 0).any() | (self.variance != 1).any())

    def reset_state(self) -> None:
        """Forgets the sums collected so far; mean and variance stay until `finalize_state`."""
        if self.input_mean is not None:
            raise refuse_adapting(self, "mean")
        self._total, self._running_mean, self._running_spread = 0, 0.0, 0.0

    def update_state(self, data: Any) -> None:
        """Merges the mean and spread of a batch into the running ones, in double precision.

        Reference:
            Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
            Sample Variances", COMPSTAT 1982.
        """
        values = to_float64(self, data)
        if not self.is_built:
            self.build_for((values,), {})
        self._check_features(values.shape)
        reduced = tuple(axis for axis in range(values.ndim) if axis not in self._kept)
        count = math.prod(values.shape[axis] for axis in reduced)
        mean = values.mean(reduced)
        spread = values.var(reduced) * count
        total = self._total + count
        shift = mean - self._running_mean
        self._running_spread = (
            self._running_spread + spread + shift**2 * (self._total * count / total)
        )
        self._running_mean = self._running_mean + shift * (count / total)
        self._total = total

    def finalize_state(self) -> None:
        """Writes the collected mean and variance into the layer's state."""
        self.mean.assign(self._running_mean)
        self.variance.assign(self._running_spread / self._total)
        self.count.assign(min(self._total, _LARGEST_COUNT))

    def call(self, x: Tensor) -> Tensor:
        x = to_compute_dtype(self, x)
        self._check_features(x.shape)
        aligned = self._aligned if self._kept else ()
        mean = self.mean.reshape(aligned).to(x.dtype)
        variance = self.variance.reshape(aligned).to(x.dtype)
        deviation = variance.sqrt().clamp(min=dtypes.epsilon())
        return mean + x * deviation if self.invert else (x - mean) / deviation


class MinMaxScaling(AdaptedLayer):
    """Maps the smallest value of every feature to one number and the largest to another.

    Computes `low + (x - minimum) * (high - low) / (maximum - minimum)`. Minimum and maximum are
    learned by `adapt` (or by `fit`, from the training part); until then they are 0 and 1. A
    feature that never changes maps to `low`. Values beyond what was seen in `adapt` leave the
    range. Prefer `Normalization` where a few values lie far out.

    Args:
        axis: -1 for a range a feature, `None` for one range of all values.
        feature_range: `low` and `high`.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ..., features), any dtype
        output: the shape of the input, floating point
        minimum: (features,) or (), starts at 0
        maximum: (features,) or (), starts at 1
        count: (), int32, number of values behind each minimum

    Raises:
        ArgumentError: `axis` is neither -1 nor `None`, or `feature_range` no increasing pair.
        ShapeError: There is no feature axis, or it has another size than before.

    Example:
        >>> scaling = MinMaxScaling()
        >>> scaling.adapt([[0.0], [10.0]])
        >>> scaling(torch.tensor([[5.0]]))
        tensor([[0.5000]])
    """

    def __init__(
        self, axis: int | None = -1, feature_range: Any = (0.0, 1.0), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = checks.choice(self, "axis", axis, (-1, None))
        self.feature_range = increasing_pair(self, "feature_range", feature_range)

    def build(self, input_shape: Shape) -> None:
        if self.axis is None:
            sizes: tuple[int, ...] = ()
        elif len(input_shape) < 2 or input_shape[-1] is None:
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}.",
                expected="at least 2 axes, (batch, ..., features), the last of a known size.",
                fix="add a feature axis with x.reshape(-1, 1), or pass axis=None.",
            )
        else:
            sizes = (input_shape[-1],)
        self._sizes = sizes
        self.minimum = self.add_weight(sizes, "zeros", trainable=False, name="minimum")
        self.maximum = self.add_weight(sizes, "ones", trainable=False, name="maximum")
        self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")

    def _check_features(self, shape: Any) -> None:
        if self._sizes and tuple(shape[-1:]) != self._sizes:
            raise _refuse_shape(self, shape, ["batch", "...", *self._sizes])

    @property
    def is_adapted(self) -> bool:
        """Whether minimum and maximum were loaded or learned."""
        return self.is_built and bool(self.count > 0)

    def reset_state(self) -> None:
        """Forgets the extremes collected so far."""
        self._total, self._lowest, self._highest = 0, np.inf, -np.inf

    def update_state(self, data: Any) -> None:
        """Widens the collected range to hold a batch."""
        values = to_float64(self, data)
        if not self.is_built:
            self.build_for((values,), {})
        axis = None if self.axis is None else tuple(range(values.ndim - 1))
        self._check_features(values.shape)
        self._lowest = np.minimum(self._lowest, values.min(axis))
        self._highest = np.maximum(self._highest, values.max(axis))
        self._total += values.size // math.prod(self._sizes)

    def finalize_state(self) -> None:
        """Writes the collected extremes into the layer's state."""
        self.minimum.assign(self._lowest)
        self.maximum.assign(self._highest)
        self.count.assign(min(self._total, _LARGEST_COUNT))

    def call(self, x: Tensor) -> Tensor:
        x = to_compute_dtype(self, x)
        self._check_features(x.shape)
        low, high = self.feature_range
        span = self.maximum - self.minimum
        slope = torch.where(span > 0, (high - low) / span, 0.0)
        return ((x - self.minimum) * slope + low).to(x.dtype)


def increasing_pair(owner: object, name: str, value: Any) -> tuple[float, float]:
    """Accepts two numbers, the first below the second."""
    is_pair = isinstance(value, (tuple, list)) and len(value) == 2
    if is_pair and all(checks.is_number(end) for end in value) and value[0] < value[1]:
        return float(value[0]), float(value[1])
    raise checks.refuse(
        owner,
        name,
        value,
        expected=f"{name!r} as two numbers, the smaller one first.",
        fix=f"pass for example {name}=(0, 1).",
    )


def _axes(layer: Layer, axis: Any) -> tuple[int, ...]:
    axes = () if axis is None else (axis,) if checks.is_whole(axis) else axis
    if isinstance(axes, (tuple, list)) and all(checks.is_whole(entry) for entry in axes):
        return tuple(int(entry) for entry in axes)
    raise checks.refuse(
        layer,
        "axis",
        axis,
        expected="'axis' as a whole number, several of them, or None.",
        fix="pass axis=-1.",
    )


def _refuse_shape(layer: Layer, shape: Any, pattern: list[Any]) -> ShapeError:
    sizes = ", ".join("any" if size is None else str(size) for size in pattern)
    return ShapeError(
        f"{layer.name} received an input of shape {tuple(shape)}.",
        expected=f"axes of sizes ({sizes}), as at its first call.",
        fix="give every call the same number of features, or make a new layer.",
    )

"""BatchNormalization: mean and spread of every channel over the batch."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype, statistic
from lamina.layers.weights import declared_weight


class BatchNormalization(Layer):
    """Brings every channel to mean 0 and variance 1, then scales and shifts it.

    Computes `gamma * (x - mean) / sqrt(variance + epsilon) + beta`. In training, mean and variance
    are those of the batch (the variance divides by n), and the moving averages follow them:
    `moving = momentum * moving + (1 - momentum) * batch`. Otherwise, and whenever `trainable` is
    false, the moving averages are used. In half precision means and variances are float32 all the
    same. Batches should have at least 16 examples; for smaller ones choose `GroupNormalization`
    or `LayerNormalization`.

    Args:
        axis: The axis of the channels, which is kept.
        momentum: Weight of the past in the moving averages, 0 to 1.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: How `beta` starts.
        gamma_initializer: How `gamma` starts.
        moving_mean_initializer: How the moving mean starts.
        moving_variance_initializer: How the moving variance starts.
        beta_regularizer: Penalty on `beta`, added to the loss.
        gamma_regularizer: Penalty on `gamma`, added to the loss.
        beta_constraint: Projection of `beta` after each update.
        gamma_constraint: Projection of `gamma` after each update.
        renorm: Only `False`: batch renormalization is not offered.
        renorm_clipping: Not used.
        renorm_momentum: Not used.
        synchronized: Only `False`: every device normalizes its own part of the batch.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: any with at least 2 axes
        output: that of the input, dtype of the policy
        gamma: (channels,), starts at 1
        beta: (channels,), starts at 0
        moving_mean: (channels,), starts at 0, not trained
        moving_variance: (channels,), starts at 1, not trained

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input does not have the axis, or its size is unknown.

    Reference:
        Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
        Internal Covariate Shift", ICML 2015. The moving variance is that of the batch itself, as
        in Keras, not the unbiased one of the paper.

    Example:
        >>> BatchNormalization()(torch.zeros(2, 8, 8, 3)).shape
        torch.Size([2, 8, 8, 3])
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = whole_axis(self, axis)
        self.momentum = checks.number(self, "momentum", momentum, low=0.0, high=1.0, example=0.9)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-3)
        self.center = checks.boolean(self, "center", center)
        self.scale = checks.boolean(self, "scale", scale)
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        for name, value in (("renorm", renorm), ("synchronized", synchronized)):
            if value:
                raise checks.refuse(
                    self,
                    name,
                    value,
                    expected=f"{name}=False; this variant is not offered.",
                    fix=f"leave {name} out, or use GroupNormalization for small batches.",
                )
        self.renorm, self.synchronized = False, False
        self.renorm_clipping, self.renorm_momentum = renorm_clipping, renorm_momentum

    def build(self, input_shape: Shape) -> None:
        shape = (known_size(self, input_shape, self.axis),)
        self.gamma = declared_weight(self, "gamma", shape) if self.scale else None
        self.beta = declared_weight(self, "beta", shape) if self.center else None
        self.moving_mean = self.add_weight(
            name="moving_mean",
            shape=shape,
            initializer=self.moving_mean_initializer,
            trainable=False,
        )
        self.moving_variance = self.add_weight(
            name="moving_variance",
            shape=shape,
            initializer=self.moving_variance_initializer,
            trainable=False,
        )

    def call(self, x: Tensor) -> Tensor:
        check_axis_size(self, x.shape, self.axis, self.moving_mean.shape[0])
        by_batch = self.training and self.trainable
        gamma, beta, moving_mean, moving_variance = (
            statistic(weight)
            for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        if gamma is None and beta is None and x.dtype != moving_mean.dtype:
            gamma = torch.ones_like(moving_mean)  # without one, torch keeps the means in half
        # the kernel takes half precision and sums in float32 itself
        y, mean, inverse_deviation = torch.native_batch_norm(
            _channels_second(x, self.axis),
            gamma,
            beta,
            None if by_batch else moving_mean,
            None if by_batch else moving_variance,
            by_batch,
            0.0,
            self.epsilon,
        )
        if by_batch:
            self._follow(mean, inverse_deviation)
        return in_compute_dtype(self, _channels_back(y, x.ndim, self.axis))[0]

    @torch.no_grad()
    def _follow(self, mean: Tensor, inverse_deviation: Tensor) -> None:
        """Moves the averages towards mean and variance of the batch, in place."""
        variance = inverse_deviation.pow(-2).sub_(self.epsilon)
        share = 1.0 - self.momentum
        self.moving_mean.lerp_(mean.to(self.moving_mean.dtype), share)
        self.moving_variance.lerp_(variance.to(self.moving_variance.dtype), share)


def _channels_second(x: Tensor, axis: int) -> Tensor:
    """View with the channels second; sequences become images of height 1."""
    x = x.movedim(axis, 1)
    return x.unsqueeze(2) if x.ndim == 3 else x


def _channels_back(y: Tensor, rank: int, axis: int) -> Tensor:
    return (y.squeeze(2) if rank == 3 else y).movedim(1, axis)


def whole_axis(layer: object, axis: Any) -> int:
    """Accepts the number of one axis, negative ones counting from the last; not the batch axis."""
    if checks.is_whole(axis) and axis != 0:
        return int(axis)
    raise checks.refuse(
        layer,
        "axis",
        axis,
        expected="'axis' as a whole number other than 0, the batch axis.",
        fix="pass axis=-1 for the last axis.",
    )


def known_size(layer: Any, shape: Shape, axis: int) -> int:
    """Size of an axis that weights get their shape from."""
    size = shape[axis] if -len(shape) <= axis < len(shape) and len(shape) > 1 else None
    if size is not None:
        return size
    raise ShapeError(
        f"{layer.name} received an input of shape {tuple(shape)}.",
        expected=f"an axis {axis} of known size beside the batch axis.",
        fix="give the size in Input(shape=...), or choose another axis.",
    )


def check_axis_size(layer: Any, shape: tuple, axis: int, wanted: int) -> None:
    """Refuses an input whose axis is not as long as the weights are."""
    if not -len(shape) <= axis < len(shape) or shape[axis] != wanted:
        raise ShapeError(
            f"{layer.name} received an input of shape {tuple(shape)}.",
            expected=f"{wanted} values along axis {axis}, as at its first call.",
            fix="give every call the same number of channels, or make a new layer.",
        )

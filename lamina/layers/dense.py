"""Dense: one learned matrix applied to the last axis."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers import activations
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype


class Dense(Layer):
    """Mixes the features of each position with one learned matrix.

    Computes `activation(x @ kernel + bias)`. Use it where every output should depend on all
    input features. Put `Flatten` before it to mix the positions of an image as well.

    Args:
        units: Size of the last axis of the output.
        activation: Name or function applied to the result. `None` leaves it linear.
        use_bias: Whether a bias is added.
        kernel_initializer: How the kernel starts.
        bias_initializer: How the bias starts.
        kernel_regularizer: Penalty on the kernel, added to the loss.
        bias_regularizer: Penalty on the bias, added to the loss.
        activity_regularizer: Penalty on the output, added to the loss.
        kernel_constraint: Projection of the kernel after each update.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ..., features), floating point
        output: (batch, ..., units), dtype of the input
        kernel: (features, units), starts Glorot uniform
        bias: (units,), starts at 0

    Raises:
        ArgumentError: `units` is not an integer of at least 1.
        ShapeError: The first input has no feature axis, or its size is unknown.

    Reference:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010, for the starting weights.

    Example:
        >>> Dense(3)(torch.zeros(2, 5)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = checks.positive_int(self, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) < 2:
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}.",
                expected="at least 2 axes, (batch, ..., features).",
                fix="give each example a row of one feature: x = x.reshape(-1, 1).",
            )
        if input_shape[-1] is None:
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}, its last axis unknown.",
                expected="a last axis of known size, from which the kernel gets its rows.",
                fix="give the size in Input(shape=...), or pool the unknown axes first.",
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, x: Tensor) -> Tensor:
        if x.shape[-1] != self.kernel.shape[0]:
            raise ShapeError(
                f"{self.name} received an input of shape {tuple(x.shape)}.",
                expected=f"{self.kernel.shape[0]} features on the last axis, as at its first call.",
                fix="give every call the same number of features, or make a new layer.",
            )
        x, kernel, bias = in_compute_dtype(self, x, self.kernel, self.bias)
        if bias is None:
            y = x @ kernel
        elif x.ndim == 2:
            y = torch.addmm(bias, x, kernel)
        else:
            y = x @ kernel + bias
        return self.activation(y)

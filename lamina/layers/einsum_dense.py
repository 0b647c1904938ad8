"""EinsumDense: a dense layer whose sum is written in Einstein's notation."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import ArgumentError, ShapeError
from lamina.layers import activations, initializers
from lamina.layers.base import Layer, Shape
from lamina.layers.precision import in_compute_dtype
from lamina.layers.scaled_initializers import ScaledToFans
from lamina.layers.weights import declared_weight

_LEFT = re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)")
_RIGHT = re.compile(r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.")
_PLAIN = re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")


class _Sizes(NamedTuple):
    """What the equation says once the input's shape is known."""

    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    summed_axes: list[int]
    kept_axes: list[int]


class EinsumDense(Layer):
    """Multiplies by a learned tensor and sums along the axes that an equation names.

    Computes `activation(einsum(equation, x, kernel) + bias)`. `EinsumDense("ab,bc->ac", 8)` is
    `Dense(8)`; use it where several axes are mixed or made at once, as in attention heads.

    Args:
        equation: "input,kernel->output", each axis a letter; "..." on the same side of input and
            output stands for any axes that are left alone.
        output_shape: Sizes of the output without batch axis and "...", `None` where the input
            says it.
        activation: Name or function applied to the result. `None` leaves it linear.
        bias_axes: Letters of the output axes that have a bias; `None` for no bias.
        kernel_initializer: How the kernel starts.
        bias_initializer: How the bias starts.
        kernel_regularizer: Penalty on the kernel, added to the loss.
        bias_regularizer: Penalty on the bias, added to the loss.
        kernel_constraint: Projection of the kernel after each update.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: as the equation says, batch axis first
        output: as the equation says, dtype of the policy
        kernel: as the equation says, starts Glorot uniform
        bias: sizes of `bias_axes`, 1 in between, starts at 0

    Raises:
        ArgumentError: The equation cannot be read, or does not fit `output_shape`.
        ShapeError: The input does not fit the equation.

    Example:
        >>> EinsumDense("abc,cde->abde", (None, 2, 4), bias_axes="de")(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 5, 2, 4])
    """

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self._parts = _read(self, equation)
        whole = checks.is_whole(output_shape)
        self.partial_output_shape = (output_shape,) if whole else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        unknown = set(bias_axes or "") - set(self._parts[2])
        if unknown:
            raise checks.refuse(
                self,
                "bias_axes",
                bias_axes,
                expected=f"letters of the output {self._parts[2]!r}.",
                fix=f"pass for example bias_axes={self._parts[2][-1]!r}.",
            )

    def build(self, input_shape: Shape) -> None:
        sizes = self._sizes(input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=sizes.kernel,
            initializer=_with_axes(self.kernel_initializer, sizes),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None if sizes.bias is None else declared_weight(self, "bias", sizes.bias)

    def _sizes(self, shape: Shape) -> _Sizes:
        source, kernel, target = self._parts
        left = self.equation.startswith("...")
        right = "...," in self.equation
        if len(shape) < len(source) or (len(shape) > len(source) and not (left or right)):
            raise ShapeError(
                f"{self.name} received an input of shape {tuple(shape)}.",
                expected=f"as many axes as {self.equation.split(',')[0]!r} has.",
                fix="change the equation, or the layers before this one.",
            )
        elided = len(shape) - len(source)
        given = shape[elided:] if left else shape[: len(source)]
        known = dict(zip(source, given, strict=True))
        wanted = self._output_sizes(target, known, bool(left and elided))
        sizes = {**known, **{letter: size for letter, size in wanted.items() if size is not None}}
        needed = kernel + (self.bias_axes or "")
        unknown = [letter for letter in needed if sizes.get(letter) is None]
        if unknown:
            raise ArgumentError(
                f"{self.name} cannot tell how large axis {unknown[0]!r} is.",
                expected=f"every letter of {needed!r} with a size in the input or output_shape.",
                fix="give the size in output_shape, or in Input(shape=...).",
            )
        return _Sizes(
            tuple(sizes[letter] for letter in kernel),
            self._bias_shape(target, sizes, elided if right else 0),
            [axis for axis, letter in enumerate(kernel) if letter not in target],
            [axis for axis, letter in enumerate(kernel) if letter in target],
        )

    def _output_sizes(
        self, target: str, known: dict[str, Any], has_batch_outside: bool
    ) -> dict[str, Any]:
        """Sizes of the output's letters; its first is the batch unless "..." stands for it."""
        letters = target if has_batch_outside else target[1:]
        wanted = dict(zip(letters, self.partial_output_shape, strict=False))
        clash = [
            letter
            for letter, size in wanted.items()
            if size is not None and known.get(letter) is not None and known[letter] != size
        ]
        if len(letters) != len(self.partial_output_shape) or clash:
            raise ArgumentError(
                f"{self.name} has output_shape={self.partial_output_shape} for {self.equation!r}.",
                expected=f"{len(letters)} sizes, for {letters!r}, that agree with the input.",
                fix="pass None for the axes whose size the input gives.",
            )
        return wanted

    def _bias_shape(
        self, target: str, sizes: dict[str, Any], trailing: int
    ) -> tuple[int, ...] | None:
        if self.bias_axes is None:
            return None
        first = min(target.find(letter) for letter in self.bias_axes)
        shape = [sizes[letter] if letter in self.bias_axes else 1 for letter in target[first:]]
        return (*shape, *(1,) * trailing)

    def call(self, x: Tensor) -> Tensor:
        x, kernel, bias = in_compute_dtype(self, x, self.kernel, self.bias)
        y = torch.einsum(self.equation, x, kernel)
        return self.activation(y if bias is None else y + bias)


def _read(layer: object, equation: Any) -> Sequence[str]:
    """The letters of input, kernel and output."""
    text = equation.replace(" ", "") if isinstance(equation, str) else ""
    for form in (_PLAIN, _LEFT, _RIGHT):
        found = form.fullmatch(text)
        if found and set(found[3]) <= set(found[1] + found[2]):
            return found.groups()
    raise checks.refuse(
        layer,
        "equation",
        equation,
        expected='"input,kernel->output" in letters, with "..." in input and output or nowhere.',
        fix='pass for example equation="abc,cd->abd".',
    )


def _with_axes(initializer: Any, sizes: _Sizes) -> Any:
    """The initializer, told which axes of the kernel are summed and which are kept."""
    made = initializers.get(initializer)
    if not isinstance(made, ScaledToFans) or made.input_axes is not None:
        return made
    axes = {"input_axes": sizes.summed_axes, "output_axes": sizes.kept_axes}
    return type(made).from_config({**made.get_config(), "seed": made.seed, **axes})

"""Input, InputLayer and InputSpec: what a model is told about its data."""

from typing import Any

import torch

from lamina.core import checks, dtypes
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.graph.adopt import watch_modules
from lamina.graph.symbol import Symbol, is_symbol, new_input
from lamina.layers.base import Layer, Shape


def _sizes(owner: str, argument: str, shape: Any) -> Shape:
    """Accepts a tuple or list of sizes, `None` where unknown."""
    if isinstance(shape, torch.Size):
        shape = tuple(shape)
    if isinstance(shape, (tuple, list)) and all(
        size is None or (checks.is_whole(size) and size >= 0) for size in shape
    ):
        return tuple(None if size is None else int(size) for size in shape)
    example = f"({shape},)" if checks.is_whole(shape) else "(28, 28, 1)"
    kind = ArgumentError if isinstance(shape, (tuple, list)) else ArgumentTypeError
    raise kind(
        f"{owner}({argument}={shape!r}) is not possible.",
        expected=f"{argument!r} as a tuple of whole numbers, None where a size is unknown.",
        fix=f"pass {argument}={example}.",
    )


def _batch_shape(owner: str, shape: Any, batch_size: Any, batch_shape: Any) -> Shape:
    """The full shape that the three arguments describe, batch axis first."""
    if batch_shape is not None:
        extra = "shape" if shape is not None else "batch_size"
        if shape is not None or batch_size is not None:
            raise ArgumentError(
                f"{owner} received both 'batch_shape' and {extra!r}.",
                expected="either 'batch_shape', or 'shape' and perhaps 'batch_size'.",
                fix=f"leave {extra!r} out.",
            )
        return _sizes(owner, "batch_shape", batch_shape)
    if shape is None:
        raise ArgumentError(
            f"{owner} received no 'shape'.",
            expected="the shape of one example, without the batch axis.",
            fix="pass for example shape=(8,) for rows of 8 numbers.",
        )
    size = None if batch_size is None else checks.positive_int(owner, "batch_size", batch_size)
    return (size, *_sizes(owner, "shape", shape))


def Input(  # noqa: N802 - Keras's name
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Symbol | None = None,
    optional: bool = False,
) -> Symbol:
    """Begins a model: returns a symbolic tensor that layers and torch functions can be called on.

    Args:
        shape: Shape of one example, without the batch axis; `None` where a size is unknown.
        batch_size: Size of the batch axis, where it is always the same.
        dtype: Dtype of the data; the default float when `None`.
        sparse: Only `False`.
        ragged: Only `False`.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        name: Name of the input, by which dictionaries of data refer to it.
        tensor: A symbolic tensor to use instead of a new one.
        optional: Accepted for Keras's sake.

    Returns:
        The symbolic tensor.

    Raises:
        ArgumentError: The shape is missing, given twice, or has no possible value.
        ArgumentTypeError: The shape is not a tuple.

    Example:
        >>> Input(shape=(28, 28)).shape
        (None, 28, 28)
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name or "input_layer",
    )
    watch_modules()
    if tensor is not None:
        return tensor
    return new_input(layer.batch_shape, dtypes.to_torch(layer.data_dtype), name)


class InputLayer(Layer):
    """Tells a `Sequential` model the shape of its data, and passes the data on unchanged.

    Args:
        shape: Shape of one example, without the batch axis; `None` where a size is unknown.
        batch_size: Size of the batch axis, where it is always the same.
        dtype: Dtype of the data; the default float when `None`.
        sparse: Only `False`.
        ragged: Only `False`.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        input_tensor: A symbolic tensor whose shape and dtype to take.
        optional: Accepted for Keras's sake.
        name: Name in summaries and messages. Chosen automatically when `None`.
        **kwargs: `trainable`.

    Shape:
        input: (batch, *shape)
        output: the input itself

    Raises:
        ArgumentError: The shape is missing, given twice, or has no possible value.
        ArgumentTypeError: The shape is not a tuple.

    Example:
        >>> InputLayer(shape=(8,)).batch_shape
        (None, 8)
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Symbol | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        super().__init__(name=name, **kwargs)
        owner = "Input"
        for argument, value in (("sparse", sparse), ("ragged", ragged)):
            if value:
                raise checks.refuse(
                    owner,
                    argument,
                    value,
                    expected=f"{argument}=False; data is dense.",
                    fix="convert the data with .toarray(), or pad it to one length.",
                )
        if input_tensor is not None:
            batch_shape, dtype = _of_tensor(owner, input_tensor, shape, batch_shape, dtype)
            shape, batch_size = None, None
        self.batch_shape = _batch_shape(owner, shape, batch_size, batch_shape)
        self.data_dtype = "string" if dtype == "string" else dtypes.name_of(dtypes.to_torch(dtype))
        self.optional = checks.boolean(owner, "optional", optional)
        self.is_built = True

    @property
    def dtype(self) -> str:
        """Name of the dtype of the data."""
        return self.data_dtype

    def call(self, x: Any) -> Any:
        return x


def _of_tensor(
    owner: str, tensor: Any, shape: Any, batch_shape: Any, dtype: Any
) -> tuple[Shape, Any]:
    """Shape and dtype of a symbolic tensor, which must agree with what else was said."""
    if not is_symbol(tensor):
        raise checks.refuse(
            owner,
            "tensor",
            type(tensor),
            expected="'tensor' as a symbolic tensor, such as Input() returns.",
            fix="leave it out; real data goes to fit() and predict().",
        )
    said = [
        shape is None or tuple(shape) == tensor.shape[1:],
        batch_shape is None or tuple(batch_shape) == tensor.shape,
        dtype is None or dtypes.to_torch(dtype) == tensor.dtype,
    ]
    if not all(said):
        raise ArgumentError(
            f"{owner} received a tensor of {tensor.shape} and arguments that contradict it.",
            expected="shape and dtype like those of the tensor.",
            fix="leave shape, batch_shape and dtype out.",
        )
    return tensor.shape, tensor.dtype


class InputSpec:
    """What a layer expects of its input; kept for layers written for Keras.

    Args:
        dtype: Dtype of the input.
        shape: Full shape, `None` where any size will do.
        ndim: Number of axes.
        max_ndim: Largest number of axes.
        min_ndim: Smallest number of axes.
        axes: Sizes of single axes, {axis: size}.
        allow_last_axis_squeeze: Whether a last axis of size 1 may be missing.
        name: Name of the input.
        optional: Whether the input may be missing.

    Example:
        >>> InputSpec(shape=(None, 8)).ndim
        2
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.name_of(dtypes.to_torch(dtype))
        self.shape = None if shape is None else _sizes("InputSpec", "shape", shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional

    def __repr__(self) -> str:
        said = {"dtype": self.dtype, "shape": self.shape, "ndim": self.ndim, "axes": self.axes}
        text = ", ".join(f"{key}={value!r}" for key, value in said.items() if value)
        return f"InputSpec({text})"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "InputSpec":
        """A new specification with these arguments; `ndim` follows from a shape."""
        return cls(**config)

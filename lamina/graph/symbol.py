"""The symbolic tensor: every torch function, operator, method or index on it records a node."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import names, trees
from lamina.core.errors import StateError
from lamina.graph import shapes
from lamina.graph.node import Node, name_for


class Symbol:
    """Stands for a tensor that will exist when data flows; knows its shape and dtype.

    Args:
        shape: Sizes, batch axis first, `None` where unknown.
        dtype: Dtype of the tensor it stands for.
        node: The recorded call it comes from.
        name: Its own name, such as the one given to `Input`.
    """

    is_lamina_symbol = True
    __array_ufunc__ = None  # lets `array * symbol` reach __rmul__ below

    def __init__(
        self, shape: shapes.Shape, dtype: torch.dtype, node: Node, name: str | None = None
    ) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.node = node
        self.name = name or node.name

    @classmethod
    def __torch_function__(
        cls, function: Callable[..., Any], types: Any, args: tuple = (), kwargs: Any = None
    ) -> Any:
        return record(function, args, kwargs or {})

    def __getattr__(self, name: str) -> Any:
        attribute = None if name.startswith("_") else getattr(Tensor, name, None)
        if attribute is None:
            raise AttributeError(f"a symbolic tensor has no attribute {name!r}")
        if callable(attribute):
            return partial(_record_method, attribute, self)
        return record(attribute.__get__, (self,), {})

    @property
    def ndim(self) -> int:
        """Number of axes, the batch axis included."""
        return len(self.shape)

    @property
    def device(self) -> torch.device:
        """Always meta: there is no data yet."""
        return torch.device("meta")

    def dim(self) -> int:
        """Number of axes, the batch axis included."""
        return len(self.shape)

    def size(self, axis: int | None = None) -> Any:
        """The shape, or the size of one axis; `None` where unknown."""
        return self.shape if axis is None else self.shape[axis]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Symbol":
        """Copies of layers share the graph they were recorded in."""
        return self

    def __repr__(self) -> str:
        dtype = str(self.dtype).removeprefix("torch.")
        return f"<Symbol {self.name!r} shape={self.shape} dtype={dtype}>"

    def _no_value(self, what: str) -> StateError:
        return StateError(
            f"symbolic tensor {self.name!r} has no {what} yet.",
            expected="torch functions, operators, methods and layers on symbolic tensors.",
            fix="move value-dependent code into a layer's call(), or use torch.where.",
        )

    def __bool__(self) -> bool:
        raise self._no_value("truth value")

    def __float__(self) -> float:
        raise self._no_value("number")

    def __int__(self) -> int:
        raise self._no_value("number")

    def __len__(self) -> int:
        raise self._no_value("length")

    def __iter__(self) -> Any:
        raise self._no_value("elements to loop over")

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise self._no_value("NumPy values")


def _record_method(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return record(method, args, kwargs)


def _operator(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name)

    def operator(self: Symbol, *others: Any) -> Any:
        return record(method, (self, *others), {})

    return operator


_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
_REFLECTED = tuple(f"r{name}" for name in _ARITHMETIC)
_OTHERS = ("neg", "abs", "invert", "and", "or", "xor", "lt", "le", "gt", "ge", "getitem")

for _name in (*_ARITHMETIC, *_REFLECTED, *_OTHERS):
    setattr(Symbol, f"__{_name}__", _operator(f"__{_name}__"))


def is_symbol(leaf: Any) -> bool:
    """Whether a value is a symbolic tensor."""
    return isinstance(leaf, Symbol)


def has_symbols(*trees_of_values: Any) -> bool:
    """Whether a symbolic tensor is anywhere among nested values."""
    return any(is_symbol(leaf) for leaf in trees.leaves(list(trees_of_values)))


def record(operation: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> Any:
    """Records a call and returns symbols for its results.

    Args:
        operation: Module or torch function.
        args: Positional arguments, nested; arrays among them become constant tensors.
        kwargs: Keyword arguments, likewise.

    Raises:
        ShapeError: The operation cannot take arguments of these shapes.
    """
    args = trees.transform(_constant, args)
    kwargs = trees.transform(_constant, kwargs)
    name = name_for(operation)
    specs = shapes.infer(operation, name, args, kwargs)
    node = Node(operation, args, kwargs, name)
    node.outputs = trees.transform(
        lambda spec: (
            Symbol(spec.shape, spec.dtype, node) if isinstance(spec, shapes.Spec) else spec
        ),
        specs,
    )
    return node.outputs


def _constant(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        return leaf
    values = torch.as_tensor(leaf)
    return values.float() if values.dtype == torch.float64 else values


def new_input(shape: shapes.Shape, dtype: torch.dtype, name: str | None) -> Symbol:
    """A symbol that stands for data given from outside; `shape` begins with the batch axis."""
    node = Node(None, (), {}, name or names.unique("input_layer"))
    node.outputs = Symbol(shape, dtype, node)
    return node.outputs

"""Copies of models: with new weights (clone_model) or with the same ones (copy.deepcopy).

Both record the graph of the original once more on copies of its layers; what the first copy and
the second differ in is only how a layer is copied.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import kinds, trees
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import shown
from lamina.graph import Network, Symbol, is_symbol, record
from lamina.graph.node import Node
from lamina.graph.symbol import new_input
from lamina.layers import Input, Layer
from lamina.models import registry
from lamina.models.calls import named
from lamina.models.optimizer_state import optimizer_tensors, restore_optimizer

Copy = Callable[[Any], Any]


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Copy | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """Makes a model of the same architecture with new weights; it is not compiled.

    Args:
        model: A Sequential, or a model made from inputs and outputs.
        input_tensors: Symbols to build on instead of new inputs.
        clone_function: Makes the new layer of each layer; by default another one with the same
            arguments.
        call_function: Called with (layer, *args, **kwargs) in place of each layer.
        recursive: Whether `clone_function` also sees the layers of models inside.

    Raises:
        ArgumentError: The model is a subclass without a recorded graph.
        ArgumentTypeError: `model` is no model, or the clone function returned no layer.

    Example:
        >>> fresh = clone_model(model)
    """
    if not isinstance(model, registry.MODELS["Functional"]):
        raise ArgumentTypeError(
            f"clone_model() received {shown(model)}.",
            expected="a Sequential or a Model.",
            fix="pass model, not its name or its layers.",
        )
    if clone_function is not None:
        kinds.function("clone_model", "clone_function", clone_function)
    cloner = _Cloner(clone_function or new_layer, recursive)
    if not _has_structure(model):
        raise ArgumentError(
            f"{model.name!r} is a subclass of Model without a recorded graph.",
            expected="a Sequential, or a Model made from inputs and outputs.",
            fix=f"make another one: {type(model).__name__}(...).",
        )
    return _cloned(model, cloner, input_tensors, call_function)


def new_layer(layer: Any) -> Any:
    """A layer with the arguments of another one, its name included, and new weights."""
    if isinstance(layer, registry.MODELS["Functional"]) and _has_structure(layer):
        return clone_model(layer)
    if not isinstance(layer, Layer):
        return _reset(copy.deepcopy(layer))
    kind = type(layer)
    if registry.definer(kind, "get_config") not in registry.bases():
        return kind.from_config(layer.get_config())
    arguments = trees.transform(_new_part, dict(layer._constructor_arguments))
    for key, value in (("name", layer.name), ("dtype", layer.dtype_policy)):
        if registry.accepts(kind, key) and not (key == "dtype" and hasattr(layer, "data_dtype")):
            arguments[key] = value
    made = kind(**arguments)
    if made.trainable != layer.trainable:
        made.trainable = layer.trainable
    return made


def deep_copy(model: Any, memo: dict[int, Any]) -> Any:
    """A copy of a model with weights, compile arguments and optimizer state of its own."""
    kind: Any = type(model)
    made = kind.__new__(kind)
    memo[id(model)] = made
    left_out = ("_network", "_plan", "_session", "_predictor")
    state = {key: value for key, value in model.__dict__.items() if key not in left_out}
    made.__dict__.update(copy.deepcopy(state, memo))
    made.__dict__.update(dict.fromkeys(left_out))
    if model._network is not None:
        made.__dict__["_network"] = _copied_network(model._network, memo)
    if model._plan is not None:
        _copy_plan(model, made, memo)
    return made


class _Cloner:
    """Clones each layer and constant once, also where it is used several times.

    Args:
        clone: Makes the clone of a layer.
        recursive: Whether it also sees the layers of models inside.
        made: Clones made so far, by the identity of what they were made from.
    """

    def __init__(self, clone: Copy, recursive: bool, made: dict[int, Any] | None = None) -> None:
        self._clone, self._recursive = clone, recursive
        self._made = {} if made is None else made

    def __call__(self, part: Any) -> Any:
        if id(part) not in self._made:
            self._made[id(part)] = self._new(part)
        return self._made[id(part)]

    def _new(self, part: Any) -> Any:
        if isinstance(part, Tensor):
            return _new_part(part)
        if isinstance(part, registry.MODELS["Functional"]) and _has_structure(part):
            inner = _Cloner(self._clone if self._recursive else new_layer, True, self._made)
            return _cloned(part, inner)
        made = self._clone(part)
        if not isinstance(made, nn.Module):
            raise ArgumentTypeError(
                f"clone_function returned {shown(made)} for layer {shown(part)}.",
                expected="a layer.",
                fix="end it with: return layer.__class__.from_config(layer.get_config()).",
            )
        return made


def _cloned(
    model: Any, cloner: _Cloner, given: Any = None, call: Callable[..., Any] | None = None
) -> Any:
    if "_stack" in model.__dict__:
        return _cloned_sequential(model, cloner, given)
    inputs, outputs = _recorded(model._network, cloner, given, call)
    return _as_class(model, registry.MODELS["Functional"])(inputs, outputs, name=model.name)


def _cloned_sequential(model: Any, cloner: _Cloner, given: Any) -> Any:
    first = next((entry for entry in model._stack if is_symbol(entry)), None)
    stack: list[Any] = []
    if given is not None:
        stack = trees.leaves(given)[:1]
    elif first is not None:
        stack = [_like(first)]
    stack += [cloner(layer) for layer in model.layers]
    return _as_class(model, registry.MODELS["Sequential"])(stack, name=model.name)


def _recorded(
    network: Network, cloner: _Cloner, given: Any, call: Callable[..., Any] | None
) -> tuple[Any, Any]:
    """New symbols for the inputs and outputs of a graph, computed by cloned layers."""
    inputs = trees.transform(_like, network.inputs) if given is None else given
    pairs = zip(network.input_symbols, trees.leaves(inputs), strict=True)
    values: dict[int, Any] = {id(old): new for old, new in pairs}

    def value_of(leaf: Any) -> Any:
        if is_symbol(leaf):
            return values[id(leaf)]
        return cloner(leaf) if isinstance(leaf, Tensor) else leaf

    for node in network.nodes:
        if node.operation is None:
            continue
        args, kwargs = trees.transform(value_of, node.args), trees.transform(value_of, node.kwargs)
        result = _called(node, args, kwargs, cloner, call)
        for old, new in zip(trees.leaves(node.outputs), trees.leaves(result), strict=True):
            values[id(old)] = new
    return inputs, trees.transform(value_of, network.outputs)


def _called(node: Node, args: tuple, kwargs: dict[str, Any], cloner: _Cloner, call: Any) -> Any:
    if node.module is None:
        operation: Any = node.operation  # a function: inputs are no calls
        return named(record(operation, args, kwargs), node.name)
    layer = cloner(node.module)
    if call is not None:
        return call(layer, *args, **kwargs)
    return layer(*args, **kwargs) if isinstance(layer, Layer) else record(layer, args, kwargs)


def _copied_network(network: Network, memo: dict[int, Any]) -> Network:
    """The same calls of the copied layers, with symbols of its own; shapes are known already."""
    values: dict[int, Any] = {}

    def value_of(leaf: Any) -> Any:
        if is_symbol(leaf):
            return values[id(leaf)]
        return copy.deepcopy(leaf, memo) if isinstance(leaf, Tensor) else leaf

    for symbol in network.input_symbols:
        if symbol.node.operation is not None:
            values[id(symbol)] = new_input(symbol.shape, symbol.dtype, symbol.name)
    for node in network.nodes:
        operation = copy.deepcopy(node.operation, memo) if node.module else node.operation
        args, kwargs = trees.transform(value_of, node.args), trees.transform(value_of, node.kwargs)
        made = Node(operation, args, kwargs, node.name)
        made.outputs = trees.transform(partial(_moved, node=made), node.outputs)
        for old, new in zip(trees.leaves(node.outputs), trees.leaves(made.outputs), strict=True):
            values[id(old)] = new
    inputs = trees.transform(value_of, network.inputs)
    return Network(inputs, trees.transform(value_of, network.outputs))


def _moved(leaf: Any, node: Node) -> Any:
    return Symbol(leaf.shape, leaf.dtype, node, leaf.name) if is_symbol(leaf) else leaf


def _copy_plan(model: Any, made: Any, memo: dict[int, Any]) -> None:
    """Compiles the copy alike and hands it a copy of the optimizer's memory."""
    plan, optimizer = model._plan, model._plan.optimizer
    state = {key: value.clone() for key, value in optimizer_tensors(model).items()}
    for part in _parts_of(optimizer):  # their memory follows below, for the weights of the copy
        memo[id(part.__dict__.get("_memory"))] = None
    copied = {key: copy.deepcopy(value, memo) for key, value in vars(plan).items()}
    copied["given"] = {**(copied["given"] or {}), "optimizer": copied["optimizer"]}
    made.__dict__["_plan"] = replace(plan, **copied)
    restore_optimizer(made, state, "the copy")


def _parts_of(optimizer: Any) -> list[Any]:
    """An optimizer and those inside of it."""
    inner = [*getattr(optimizer, "optimizers", ()), getattr(optimizer, "inner_optimizer", None)]
    return [optimizer, *(entry for part in inner if part is not None for entry in _parts_of(part))]


def _new_part(leaf: Any) -> Any:
    """Layers and tensors inside of arguments are copied, everything else is shared."""
    if isinstance(leaf, nn.Parameter):
        return type(leaf)(leaf.detach().clone(), leaf.requires_grad)
    if isinstance(leaf, Tensor):
        return leaf.detach().clone()
    return new_layer(leaf) if isinstance(leaf, nn.Module) else leaf


def _reset(module: nn.Module) -> nn.Module:
    """Draws the weights of a torch module anew where it says how."""
    for part in module.modules():
        reset = getattr(part, "reset_parameters", None)
        if callable(reset):
            with torch.no_grad():
                reset()
    return module


def _like(symbol: Symbol) -> Symbol:
    return Input(batch_shape=symbol.shape, dtype=symbol.dtype, name=symbol.name)


def _has_structure(model: Any) -> bool:
    return model._network is not None or "_stack" in model.__dict__


def _as_class(model: Any, base: Any) -> Any:
    """The model's own class where its constructor is that of the library."""
    kind: Any = type(model)
    return kind if kind.__init__ is base.__init__ else base

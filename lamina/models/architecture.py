"""A model as a JSON document: layers by class and arguments, and the calls between them.

Written here; `building` reads it. What cannot be read again without running code is refused now.
"""

import re
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import dtypes, trees
from lamina.core.errors import ArgumentError
from lamina.core.names import shown
from lamina.graph import Network, Symbol, is_symbol
from lamina.graph.node import Node
from lamina.layers import Embedding, Layer
from lamina.models import registry
from lamina.models.values import Encoder

FORMAT, VERSION = "lamina model", 1
NAME = re.compile(r"[\w .:()\[\]+,=-]{1,128}")
JIT = {"captured": "auto", "eager": False, "compiled": "max"}


def describe(model: Any) -> dict[str, Any]:
    """A model as JSON: architecture, frozen parts and compile arguments; no weights.

    Raises:
        ArgumentError: Some part has no name under which it could be found again.
    """
    writer = _Writer()
    plan = model.__dict__.get("_plan")
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": writer.module(model),
        "frozen": _frozen(model),
        "compile": None if plan is None else _compile_arguments(model, plan, writer.encode),
    }


def describe_layer(layer: Any) -> dict[str, Any]:
    """One layer or model as JSON, without what compile was told."""
    return _Writer().module(layer)


def describe_value(value: Any) -> Any:
    """An object, a function or plain data as JSON."""
    return _Writer().encode(value)


def _frozen(model: Any) -> dict[str, list[str]]:
    """Names of layers and weights that training does not change."""
    modules = model.named_modules()
    return {
        "layers": [n for n, part in modules if isinstance(part, Layer) and not part.trainable],
        "weights": [name for name, p in model.named_parameters() if not p.requires_grad],
    }


def _compile_arguments(model: Any, plan: Any, encode: Encoder) -> dict[str, Any]:
    given = {**(plan.given or {}), "optimizer": plan.optimizer}
    encoded = {}
    for argument in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"):
        encode.place = f"compile({argument}=...)"
        encoded[argument] = encode(given.get(argument))
    return {**encoded, "jit": JIT[plan.tier], "undecayed": _undecayed(model, plan.optimizer)}


def _undecayed(model: Any, optimizer: Any) -> list[str]:
    """Names of the weights that were excluded from weight decay."""
    if optimizer.weight_decay is None:
        return []
    return [name for name, p in model.named_parameters() if optimizer.decay_key(p) is None]


class _Writer:
    """Writes modules; `encode` writes everything else and comes back here for modules."""

    def __init__(self) -> None:
        self.encode = Encoder(self._part)
        self._numbers: dict[int, int] = {}

    def _part(self, value: Any) -> Any:
        return self.module(value) if isinstance(value, nn.Module) else None

    def module(self, module: Any) -> dict[str, Any]:
        """A layer or model; where it was written before, its number in the order of writing."""
        if id(module) in self._numbers:
            return {"kind": "shared", "number": self._numbers[id(module)]}
        self._numbers[id(module)] = len(self._numbers)
        name = getattr(module, "name", type(module).__name__)
        outer, self.encode.place = self.encode.place, f"layer {name!r}"
        self._check(module, name)
        entry = self._entry(module)
        self.encode.place = outer
        return entry

    def _check(self, module: Any, name: Any) -> None:
        for kind in type(module).__mro__:
            if kind.__name__ in registry.REFUSED and kind.__module__.startswith("lamina."):
                raise _unsavable(self.encode.place, registry.REFUSED[kind.__name__])
        if not isinstance(module, Layer):
            what = f"it is a torch {type(module).__name__}, whose arguments nobody noted"
            raise _unsavable(self.encode.place, what)
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ArgumentError(
                f"layer {shown(name)} cannot be saved under this name.",
                expected="1 to 128 letters, digits, spaces or any of _.-:()[]+,=",
                fix='give it another name: name="my_layer".',
            )

    def _entry(self, module: Any) -> dict[str, Any]:
        kind = type(module)
        functional, sequential = registry.MODELS["Functional"], registry.MODELS["Sequential"]
        if isinstance(module, sequential) and kind.__init__ is sequential.__init__:
            return _model_entry(kind, "Sequential", self._sequential(module))
        is_graph = isinstance(module, functional) and module._network is not None
        if is_graph and kind.__init__ is functional.__init__:
            return _model_entry(kind, "Functional", self._functional(module))
        return self._layer(module)

    def _layer(self, layer: Any) -> dict[str, Any]:
        own = registry.LAYERS.get(type(layer).__name__) is type(layer)
        entry = {
            "kind": "layer" if own else "custom_layer",
            "class_name": type(layer).__name__,
            "config": self._config(layer),
        }
        learned = [key for key in getattr(layer, "_resizable", ()) if key in layer._buffers]
        if learned:
            entry["learned"] = {key: list(layer._buffers[key].shape) for key in learned}
        shapes = getattr(layer, "given_shapes", None)
        if not own and layer.is_built and shapes is not None:
            entry["shapes"] = self.encode(shapes)
        return entry

    def _config(self, layer: Any) -> dict[str, Any]:
        if registry.definer(type(layer), "get_config") in registry.bases():
            config = dict(layer._constructor_arguments)
        else:
            config = dict(layer.get_config())
        if isinstance(layer, Embedding):
            config.pop("weights", None)  # they are among the weights
        if registry.accepts(type(layer), "dtype") and not hasattr(layer, "data_dtype"):
            config["dtype"] = layer.dtype_policy.name
        config["name"] = layer.name
        return self.encode({key: config[key] for key in sorted(config)})

    def _sequential(self, model: Any) -> dict[str, Any]:
        first = next((entry for entry in model._stack if is_symbol(entry)), None)
        return {
            "name": model.name,
            "dtype": model.dtype_policy.name,
            "input": None if first is None else _input_entry(first),
            "layers": [self.module(layer) for layer in model.layers],
        }

    def _functional(self, model: Any) -> dict[str, Any]:
        graph = _Graph(model._network, self)
        return {
            "name": model.name,
            "dtype": model.dtype_policy.name,
            "layers": [self.module(module) for module in graph.modules],
            "nodes": graph.entries(),
            "inputs": graph.tree(model._network.inputs),
            "outputs": graph.tree(model._network.outputs),
        }


class _Graph:
    """The calls of one network; symbols become the number of their call and of their output."""

    def __init__(self, network: Network, writer: _Writer) -> None:
        self.writer = writer
        self.modules = list(network.modules.values())
        self._nodes = network.nodes
        # An input may be the result of a layer outside; then only its shape matters here.
        self._inner = [s for s in network.input_symbols if s.node.operation is not None]
        self._places = {id(symbol): (i, 0) for i, symbol in enumerate(self._inner)}
        for number, node in enumerate(self._nodes, start=len(self._inner)):
            for place, symbol in enumerate(trees.leaves(node.outputs)):
                self._places.setdefault(id(symbol), (number, place))
        self._constants: dict[int, int] = {}
        self._encode = Encoder(self._leaf)

    def entries(self) -> list[dict[str, Any]]:
        """The calls in order, inputs among them."""
        outside = [_input_entry(symbol) for symbol in self._inner]
        return [*outside, *map(self._entry, self._nodes)]

    def tree(self, value: Any) -> Any:
        """Nested symbols, constants and plain values."""
        return self._encode(value)

    def _entry(self, node: Node) -> dict[str, Any]:
        if node.operation is None:
            return _input_entry(node.outputs)
        self._encode.place = f"{node.name!r}"
        entry: dict[str, Any] = {"name": node.name}
        if node.module is not None:
            entry["layer"] = next(i for i, m in enumerate(self.modules) if m is node.module)
        else:
            entry["function"] = self._function(node)
        return {**entry, "args": self.tree(list(node.args)), "kwargs": self.tree(node.kwargs)}

    def _function(self, node: Node) -> str:
        name = registry.operation_name(node.operation)
        if name is None:
            raise _unsavable(
                f"operation {node.name!r}", "it is not among the torch functions of model files"
            )
        return name

    def _leaf(self, value: Any) -> Any:
        if is_symbol(value):
            node, output = self._places[id(value)]
            return {"kind": "symbol", "node": node, "output": output}
        if isinstance(value, Tensor):
            return self._constant(value)
        if isinstance(value, tuple):
            return {"kind": "tuple", "items": [self.tree(entry) for entry in value]}
        if isinstance(value, torch.dtype):
            return {"kind": "dtype", "name": dtypes.name_of(value)}
        return None

    def _constant(self, value: Tensor) -> dict[str, Any]:
        """A tensor that a function was called with; its values are among the weights."""
        return {
            "kind": "constant",
            "number": self._constants.setdefault(id(value), len(self._constants)),
            "shape": list(value.shape),
            "dtype": dtypes.name_of(value.dtype),
            "trainable": isinstance(value, nn.Parameter),
        }


def _input_entry(symbol: Symbol) -> dict[str, Any]:
    if not NAME.fullmatch(symbol.name):
        raise ArgumentError(
            f"input {shown(symbol.name)} cannot be saved under this name.",
            expected="1 to 128 letters, digits, spaces or any of _.-:()[]+,=",
            fix='give it another name: Input(..., name="features").',
        )
    shape, kind = list(symbol.shape), dtypes.name_of(symbol.dtype)
    return {"name": symbol.name, "input": {"shape": shape, "dtype": kind}}


def _model_entry(kind: type, form: str, config: dict[str, Any]) -> dict[str, Any]:
    """A model by its structure; a subclass of the user's with the same constructor is named."""
    own = kind is registry.MODELS[form]
    name = {"class_name": form} if own else {"class_name": form, "custom": kind.__name__}
    return {"kind": "model", **name, "config": config}


def _unsavable(place: str, reason: str) -> ArgumentError:
    return ArgumentError(
        f"{place} cannot be saved in a model file: {reason}.",
        expected="layers of this library or subclasses of Layer, and torch functions by name.",
        fix="use save_weights(), and rebuild the model in Python before load_weights().",
    )

"""The recorded graph inside a model: its layers, inputs and outputs, and running it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lamina import models
from lamina.core import checks, names, trees
from lamina.core.errors import ArgumentError, ShapeError, StateError
from lamina.core.names import shown, suggestion
from lamina.core.weighting import as_tensor
from lamina.data.shapes import is_one_sample
from lamina.graph import Network, Symbol
from lamina.graph.plotting import draw_model
from lamina.layers.base import Layer


class GraphModel(Layer):
    """A layer that runs a recorded graph, or what a subclass computes in `call`.

    Abstract: `Model` adds training.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None, **kwargs: Any) -> None:
        super().__init__(name=_graph_name(inputs) if name is None else name, **kwargs)
        self._network: Network | None = None
        if inputs is not None or outputs is not None:
            self._take_graph(inputs, outputs)

    def _take_graph(self, inputs: Any, outputs: Any) -> None:
        network = Network(inputs, outputs)
        _check_names(network)
        for name, module in network.modules.items():
            module.eval()
            self.add_module(attribute_name(self, name), module)
        if list(network.constants.state_dict()):
            self.constants = network.constants
        self.__dict__["_network"] = network
        self.is_built = True

    def call(self, inputs: Any) -> Any:
        """Runs the recorded graph."""
        if self._network is None:
            return super().call(inputs)
        return self._network.run(self._matched(inputs))

    def _matched(self, inputs: Any) -> list[Tensor]:
        """Inputs in the order and the dtypes of the graph's."""
        symbols = self._network.input_symbols
        if isinstance(inputs, dict):
            keys = self._input_keys()
            missing = [key for key in keys if key not in inputs]
            if missing:
                raise ArgumentError(
                    f"{self.name} received a dict without input {missing[0]!r}.",
                    expected=f"one entry for each of {', '.join(map(repr, keys))}.",
                    fix=suggestion(missing[0], [str(key) for key in inputs]),
                )
            leaves = [inputs[key] for key in keys]
        else:
            leaves = trees.leaves(inputs)
        if len(leaves) != len(symbols):
            raise ArgumentError(
                f"{self.name} received {len(leaves)} inputs.",
                expected=f"{len(symbols)} inputs: {', '.join(self.input_names)}.",
                fix="pass a list in that order, or a dict keyed by name.",
            )
        return [_fitted(self, leaf, symbol) for leaf, symbol in zip(leaves, symbols, strict=True)]

    def _input_keys(self) -> list[str]:
        inputs = self._network.inputs
        return list(inputs) if isinstance(inputs, dict) else self.input_names

    @property
    def layers(self) -> list[nn.Module]:
        """The layers, in the order of the graph, inputs first."""
        if self._network is None:
            return [module for module in self.children() if isinstance(module, Layer)]
        found: dict[int, Any] = {}
        for node in self._network.nodes:
            entry = node.module if node.module is not None else node
            found.setdefault(id(entry), entry)
        return list(found.values())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of that name, or at that place in `layers`.

        Raises:
            ArgumentError: There is none.
        """
        if index is not None:
            checks.whole("get_layer", "index", index, low=-checks.MOST)
            if not -len(self.layers) <= index < len(self.layers):
                raise ArgumentError(
                    f"{self.name} has no layer {index}.",
                    expected=f"an index from 0 to {len(self.layers) - 1}.",
                    fix=f"choose among {len(self.layers)} layers; see summary().",
                )
            return self.layers[index]
        by_name = {getattr(layer, "name", ""): layer for layer in self.layers}
        if not isinstance(name, str) or name not in by_name:
            raise ArgumentError(
                f"{self.name} has no layer {shown(name)}.",
                expected=f"one of {', '.join(sorted(by_name))}.",
                fix=suggestion(str(name), by_name),
            )
        return by_name[name]

    @property
    def inputs(self) -> list[Symbol]:
        """Symbols that data is fed into."""
        return [] if self._network is None else self._network.input_symbols

    @property
    def outputs(self) -> list[Symbol]:
        """Symbols of the results."""
        return [] if self._network is None else self._network.output_symbols

    @property
    def input(self) -> Any:
        """The inputs, nested as they were given."""
        return self._graph().inputs

    @property
    def output(self) -> Any:
        """The outputs, nested as they were given."""
        return self._graph().outputs

    def _graph(self) -> Network:
        if self._network is None:
            raise StateError(
                f"{self.name!r} has no recorded graph.",
                expected="a model made from Input() and layers called on it.",
                fix="call the model on data once and use summary(), or write it with Input().",
            )
        return self._network

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs."""
        return [symbol.name for symbol in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: those of a dict, or of the layers they come from."""
        if self._network is None:
            return []
        if isinstance(self._network.outputs, dict):
            return list(self._network.outputs)
        found: list[str] = []
        for symbol in self.outputs:
            name, number = symbol.node.name, 1
            while name in found:
                name, number = f"{symbol.node.name}_{number}", number + 1
            found.append(name)
        return found

    @property
    def input_shape(self) -> Any:
        """Shape of the input, or a list of them; `None` for the batch axis."""
        shapes = [symbol.shape for symbol in self.inputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def output_shape(self) -> Any:
        """Shape of the output, nested like the outputs."""
        return trees.transform(lambda symbol: symbol.shape, self.output)

    def plot(self, to_file: Any = None, **options: bool) -> Any:
        """Draws the layers and how they are connected; notebooks show the drawing.

        Args:
            to_file: Where to write it, ending in .png or .svg; nowhere when `None`.
            **options: What boxes show: `shapes` and `names` unless they are False; `dtype`,
                `activations`, `trainable` and `nested` models if they are True.

        Raises:
            ArgumentError: An option is unknown, or the ending is another one.
            StateError: The model has no recorded graph yet.
        """
        return draw_model(self, to_file, **options)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights of a subclassed model for inputs of this shape."""
        if self._network is not None or not _is_shape(input_shape):
            return
        sizes = [2 if size is None else size for size in input_shape]
        with torch.no_grad():
            self.is_built = True
            self.call(torch.zeros(sizes, device=_device_of(self)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A copy with weights and optimizer state of its own."""
        return models.cloning.deep_copy(self, memo)

    def __getstate__(self) -> dict[str, Any]:
        return models.pickling.state_of(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(models.pickling.attributes(state))
        models.pickling.remember(self, state)


def _graph_name(inputs: Any) -> str | None:
    """Keras calls its recorded models functional, functional_1 ..."""
    return None if inputs is None else names.unique("functional")


def _check_names(network: Network) -> None:
    seen: dict[str, Any] = {}
    for node in network.nodes:
        owner = node.module if node.module is not None else node
        if seen.setdefault(node.name, owner) is not owner:
            raise ArgumentError(
                f"two layers of the model are named {node.name!r}.",
                expected="a name of its own for each layer.",
                fix=f'rename one: name="{node.name}_2".',
            )


def attribute_name(model: GraphModel, name: str) -> str:
    """A free attribute for a layer, so that `state_dict` keys begin with the layer's name."""
    clean = name.replace(".", "_").replace("/", "_")
    return clean if not hasattr(model, clean) else f"{clean}_layer"


def _fitted(model: GraphModel, value: Any, symbol: Symbol) -> Tensor:
    """An input in the dtype of its symbol, its shape checked."""
    if not isinstance(value, Tensor):
        value = as_tensor(value, name=f"input {symbol.name!r}")
        value = value.to(_device_of(model)) if isinstance(value, Tensor) else value
    if value.ndim == len(symbol.shape) - 1 and symbol.shape[-1] == 1:
        value = value.unsqueeze(-1)
    fits = value.ndim == len(symbol.shape) and all(
        wanted is None or wanted == size
        for wanted, size in zip(symbol.shape[1:], value.shape[1:], strict=True)
    )
    if not fits:
        fix = "bring the data to that shape, or change Input(shape=...)."
        if is_one_sample(value.shape, symbol.shape):
            fix = "a single example needs a batch axis before: x[None]."
        raise ShapeError(
            f"input {symbol.name!r} of {model.name} received shape {tuple(value.shape)}.",
            expected=f"shape {symbol.shape}, with any number of examples for None.",
            fix=fix,
        )
    return value if value.dtype == symbol.dtype else value.to(symbol.dtype)


def _device_of(module: nn.Module) -> torch.device:
    return next((weight.device for weight in module.parameters()), torch.device("cpu"))


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, Sequence) and all(
        size is None or isinstance(size, int) for size in shape
    )

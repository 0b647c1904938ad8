"""Sequential: layers one after the other."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from lamina.core import checks, names
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.core.names import shown
from lamina.graph import Symbol, is_symbol
from lamina.graph.symbol import record
from lamina.layers import Input, InputLayer, Layer
from lamina.models.graph_model import attribute_name
from lamina.models.model import Model


class Sequential(Model):
    """Feeds data through a list of layers, each on the result of the one before.

    The shape of the input may be known from the start, by an `Input` in front, or from the first
    data; until then there are no weights.

    Args:
        layers: Layers and torch modules, in order.
        name: Name in summaries and messages. Chosen automatically when `None`.
        **kwargs: `dtype`, `trainable`.

    Raises:
        ArgumentTypeError: Something among `layers` is no layer.

    Example:
        >>> model = Sequential([Input(shape=(8,)), Dense(1)])
        >>> model.output_shape
        (None, 1)
    """

    _stack: list[Any]

    def __init__(
        self, layers: Iterable[Any] | None = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=names.unique("sequential") if name is None else name, **kwargs)
        self.__dict__["_stack"] = []
        if layers is not None and not isinstance(layers, Iterable):
            raise ArgumentTypeError(
                f"Sequential({shown(layers)}) is not possible.",
                expected="a list of layers.",
                fix="pass for example Sequential([Input(shape=(8,)), Dense(1)]).",
            )
        for layer in [] if layers is None else layers:
            self._append(layer)
        self._record()

    @property
    def acts_when_called(self) -> bool:  # type: ignore[override]  # its layers say
        """Whether it only prepares pictures, and changes them at random on the way."""
        return not self.weights and any(
            getattr(layer, "acts_when_called", False) for layer in self.layers
        )

    @property
    def layers(self) -> list[nn.Module]:
        """The layers in order, the input left out."""
        return [layer for layer in self._stack if not is_symbol(layer)]

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Puts a layer, a torch module or an `Input` at the end.

        Raises:
            ArgumentError: Its name is taken, or an `Input` comes after a layer.
            ArgumentTypeError: It is no layer.
        """
        self._append(layer)
        self._record()

    def pop(self, rebuild: bool = True) -> Any:
        """Takes the last layer off and returns it.

        Raises:
            StateError: There is none.
        """
        if not self.layers:
            raise StateError(
                f"{self.name!r} has no layers to take off.",
                expected="at least one layer.",
                fix="add layers first, with add().",
            )
        layer = self._stack.pop()
        self._forget(layer)
        self._record()
        return layer

    def _append(self, layer: Any) -> None:
        layer = _checked(self, layer)
        if not self._stack and isinstance(layer, Layer) and layer.given_input_shape is not None:
            self._stack.append(Input(shape=tuple(layer.given_input_shape)))
        self._stack.append(layer)
        if isinstance(layer, nn.Module):
            layer.eval()
            name = getattr(layer, "name", None)
            name = name if isinstance(name, str) else f"layer_{len(self._stack) - 1}"
            self.add_module(attribute_name(self, name), layer)

    def _forget(self, layer: Any) -> None:
        key = next((key for key, module in self._modules.items() if module is layer), None)
        if key is not None:
            del self._modules[key]

    def _record(self) -> None:
        """Records the graph anew where the input's shape is known."""
        self.__dict__["_network"] = None
        self.is_built = False
        if self._stack and is_symbol(self._stack[0]):
            self._record_on(self._stack[0])

    def _record_on(self, symbol: Symbol) -> None:
        x = symbol
        for layer in self.layers:
            x = layer(x) if isinstance(layer, Layer) else record(layer, (x,), {})
        self._take_graph(symbol, x)

    def _take_graph(self, inputs: Any, outputs: Any) -> None:
        modules = dict(self._modules)
        super()._take_graph(inputs, outputs)
        for key in [key for key in self._modules if key not in modules and key != "constants"]:
            del self._modules[key]  # registered by add() already

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of this shape, the batch axis first."""
        if self._network is None and input_shape is not None:
            if not isinstance(input_shape, (tuple, list)) or not input_shape:
                raise checks.refuse(
                    self.name,
                    "input_shape",
                    input_shape,
                    expected="'input_shape' as a tuple with the batch axis first.",
                    fix="pass for example (None, 8).",
                )
            self._record_on(Input(batch_shape=(None, *input_shape[1:])))
            network: Any = self._network  # just recorded
            self._stack.insert(0, network.input_symbols[0])

    def call(self, inputs: Tensor) -> Any:
        """Feeds data through the layers."""
        if self._network is None and not self.layers:
            raise StateError(
                f"{self.name!r} has no layers.",
                expected="at least one layer.",
                fix="add layers first, with add().",
            )
        return super().call(inputs)


def _checked(model: Sequential, layer: Any) -> Any:
    """The layer, or the symbol that an input stands for."""
    if isinstance(layer, InputLayer):
        layer = Input(batch_shape=layer.batch_shape, dtype=layer.data_dtype, name=layer.name)
    if is_symbol(layer) and layer.node.operation is None:
        if model._stack:
            raise ArgumentError(
                f"{model.name}.add() received an Input after {len(model._stack)} layers.",
                expected="at most one Input, before all layers.",
                fix="put it first: Sequential([Input(shape=...), ...]).",
            )
        return layer
    if isinstance(layer, type):
        raise ArgumentTypeError(
            f"{model.name}.add() received the class {layer.__name__}.",
            expected="a layer object.",
            fix=f"make one: model.add({layer.__name__}(...)).",
        )
    if not isinstance(layer, nn.Module):
        raise ArgumentTypeError(
            f"{model.name}.add() received {shown(layer)}, which is no layer.",
            expected="a layer or a torch.nn.Module.",
            fix="wrap a function in layers.Lambda(function).",
        )
    if any(layer is other for other in model._stack):
        raise ArgumentError(
            f"layer {getattr(layer, 'name', shown(layer))!r} is already in {model.name!r}.",
            expected="each layer once.",
            fix="make a second layer, or share one with the Functional API.",
        )
    taken = {getattr(other, "name", None) for other in model._stack}
    if getattr(layer, "name", None) in taken and isinstance(layer, Layer):
        raise ArgumentError(
            f"{model.name!r} has a layer named {layer.name!r} already.",
            expected="a name of its own for each layer.",
            fix=f'rename one: name="{layer.name}_2".',
        )
    return layer

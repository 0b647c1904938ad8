"""What a layer holds: weights, their penalties and projections, parts kept in plain lists."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core import checks, dtypes, names
from lamina.core.errors import ArgumentError
from lamina.core.variables import Variable, Weight, is_unallocated
from lamina.layers import constraints, initializers, regularizers


class WeightHolder(nn.Module):
    """A torch module whose weights are made, listed and exchanged the way Keras does it.

    Abstract: `Layer` adds building and calling.
    """

    name: str
    dtype_policy: dtypes.DTypePolicy

    def __init__(self, trainable: bool) -> None:
        super().__init__()
        self._trainable = checks.boolean(self, "trainable", trainable)
        self._rate_multiplier = 1.0
        self._regularizers: dict[str, Any] = {}
        self._constraints: dict[str, Any] = {}

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Weight | Variable:
        """Makes a weight and registers it under `name`.

        Args:
            shape: Its shape; a scalar when `None`. The name may also come first.
            initializer: Name, function or object; Glorot uniform for floats when `None`.
            dtype: Its dtype; that of the layer's policy when `None`.
            trainable: A parameter when true, state (a buffer) when false.
            autocast: Accepted for Keras's sake; the dtype policy decides.
            regularizer: Penalty on its values, added to the loss.
            constraint: Projection applied after each update.
            aggregation: Accepted for Keras's sake.
            overwrite_with_gradient: Accepted for Keras's sake.
            name: Name in `state_dict`; numbered when `None`.
        """
        if isinstance(shape, str):  # the order of older Keras: add_weight(name, shape, ...)
            swap = initializer if isinstance(initializer, (tuple, list, int)) else name
            shape, initializer, name = swap, (None if swap is initializer else initializer), shape
        shape = (shape,) if checks.is_whole(shape) else tuple(shape or ())
        key = _free_key(self, name)
        kind = dtypes.to_torch(dtype or self.dtype_policy.variable_dtype)
        default = "glorot_uniform" if kind.is_floating_point else "zeros"
        make: Any = initializers.get(initializer or default)  # never None: neither is
        values = _first_values(make, shape, kind)
        if trainable:
            weight: Any = Weight(values, requires_grad=self._trainable)
            self.register_parameter(key, weight)
        else:
            weight = Variable(values)
            self.register_buffer(key, weight)
        weight.path = f"{self.name}/{key}"
        if self._rate_multiplier != 1:
            weight.learning_rate_multiplier = self._rate_multiplier
        if regularizer is not None:
            self._regularizers[key] = regularizers.get(regularizer)
        if constraint is not None:
            weight.constraint = self._constraints[key] = constraints.get(constraint)
        return weight

    def _adopt_attribute(self, key: str, value: Any) -> None:
        """Lets `self.kernel = self.add_weight(...)` name the weight it just made."""
        for store in (self._parameters, self._buffers):
            old = next((k for k, held in store.items() if held is value and k != key), None)
            if old is not None:
                del store[old]
                for rules in (self._regularizers, self._constraints):
                    if old in rules:
                        rules[key] = rules.pop(old)
                store[key] = value
                value.path = f"{self.name}/{key}"

    def __setattr__(self, key: str, value: Any) -> None:
        if isinstance(value, (Weight, Variable)) and "_parameters" in self.__dict__:
            self._adopt_attribute(key, value)
        if isinstance(value, (list, tuple)) and value and "_modules" in self.__dict__:
            self._watch_list(key, value)
        if isinstance(value, nn.Module) and "training" in self.__dict__:
            value.train(self.training)
        super().__setattr__(key, value)

    def _watch_list(self, key: str, values: Iterable[Any]) -> None:
        """Registers layers kept in a plain list, as Keras does."""
        for index, value in enumerate(values):
            if isinstance(value, nn.Module) and all(m is not value for m in self.children()):
                self.add_module(f"{key}_{index}", value)

    @property
    def trainable(self) -> bool:
        """Whether training changes the layer's weights; setting it reaches all its parts."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = checks.boolean(self, "trainable", value)
        for module in self.modules():
            if isinstance(module, WeightHolder):
                module._trainable = self._trainable
        for weight in self.parameters():
            weight.requires_grad_(self._trainable)

    @property
    def learning_rate_multiplier(self) -> float:
        """What the learning rate of the layer's weights is multiplied by; reaches all its parts."""
        return self._rate_multiplier

    @learning_rate_multiplier.setter
    def learning_rate_multiplier(self, value: float) -> None:
        value = checks.number(self, "learning_rate_multiplier", value, low=0.0, example=0.1)
        for module in self.modules():
            if isinstance(module, WeightHolder):
                module._rate_multiplier = float(value)
                module._note_rate_multiplier()
        for weight in self.parameters():
            weight.learning_rate_multiplier = float(value)  # type: ignore[attr-defined]  # ours

    def _note_rate_multiplier(self) -> None:
        """Lets what can be written to a file hold the multiplier."""

    @property
    def weights(self) -> list[Tensor]:
        """All weights: a layer's own before those of its parts, parameters before state."""
        found: dict[int, Tensor] = {}
        for module in self.modules():
            parameters = module._parameters.values()
            state = (b for key, b in module._buffers.items() if _is_saved(module, key))
            for weight in (*parameters, *state):
                if weight is not None:
                    found.setdefault(id(weight), weight)
        return list(found.values())

    @property
    def trainable_weights(self) -> list[Tensor]:
        """Weights that training changes."""
        return [weight for weight in self.weights if weight.requires_grad]

    @property
    def non_trainable_weights(self) -> list[Tensor]:
        """Frozen weights and state such as moving averages."""
        return [weight for weight in self.weights if not weight.requires_grad]

    variables = weights
    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights as NumPy arrays, in Keras's order and layout."""
        return [weight.detach().as_subclass(Tensor).cpu().numpy().copy() for weight in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Overwrites all weights, in the order of `get_weights`.

        Raises:
            ArgumentError: Number or shapes differ; nothing is changed then.
        """
        own = self.weights
        given = _given_weights(self, weights)
        shapes = [tuple(weight.shape) for weight in own]
        given_shapes = [tuple(weight.shape) for weight in given]
        if shapes != given_shapes:
            raise ArgumentError(
                f"{self.name}.set_weights() received {_count(given_shapes)}.",
                expected=f"{_count(shapes)}.",
                fix="pass a list like the one get_weights() returns, after the layer is built.",
            )
        with torch.no_grad():
            for weight, values in zip(own, given, strict=True):
                weight.copy_(values)

    def count_params(self) -> int:
        """Number of values in all weights."""
        return sum(weight.numel() for weight in self.weights)


def _given_weights(layer: WeightHolder, weights: Any) -> list[Tensor]:
    """Arrays of numbers as tensors; anything else is refused by its place in the list."""
    if not isinstance(weights, Iterable) or isinstance(weights, (str, bytes, dict)):
        raise ArgumentError(
            f"{layer.name}.set_weights() received {names.shown(weights)}.",
            expected="a list of arrays.",
            fix="pass a list like the one get_weights() returns.",
        )
    given = []
    for place, weight in enumerate(weights):
        if isinstance(weight, Tensor):
            given.append(weight.detach())
            continue
        array = _as_array(weight)
        if array is None or array.dtype.kind not in "biuf":
            raise ArgumentError(
                f"{layer.name}.set_weights() received {names.shown(weight, 40)} as array {place}.",
                expected="arrays of numbers.",
                fix="pass a list like the one get_weights() returns.",
            )
        given.append(torch.as_tensor(array))
    return given


def _as_array(value: Any) -> np.ndarray | None:
    try:
        return np.asarray(value)
    except ValueError:  # nested lists of different lengths
        return None


def _free_key(layer: WeightHolder, name: str | None) -> str:
    taken = {*layer._parameters, *layer._buffers}
    wanted = (name or "weight").replace(".", "_").replace("/", "_")
    if name is not None and wanted not in taken and not hasattr(layer, wanted):
        return wanted
    candidates = (f"{wanted}_{number}" for number in itertools.count())
    return next(key for key in candidates if key not in taken and not hasattr(layer, key))


def _is_saved(module: nn.Module, key: str) -> bool:
    return key not in module._non_persistent_buffers_set


def _count(shapes: list[tuple]) -> str:
    text = ", ".join(map(str, shapes[:6])) + (", ..." if len(shapes) > 6 else "")
    return f"{len(shapes)} arrays of shapes {text}" if shapes else "no arrays"


def _first_values(
    initializer: Callable[..., Any], shape: tuple[int, ...], kind: torch.dtype
) -> Tensor:
    if is_unallocated():
        return torch.empty(shape, dtype=kind, device="meta")
    return torch.as_tensor(initializer(shape, dtype=kind)).to(kind).reshape(shape)

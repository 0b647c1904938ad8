"""Layer: deferred build, weights, symbolic call, configuration.

What it leaves to others: shapes (graph.shapes runs the call), files (models.saving), training.
"""

import functools
import inspect
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core import calls, checks, dtypes, kinds, names, trees
from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    LaminaError,
    ShapeError,
    StateError,
)
from lamina.core.probing import is_probing
from lamina.core.weighting import as_tensor
from lamina.graph.node import Node
from lamina.graph.symbol import Symbol, has_symbols, is_symbol, record
from lamina.layers import configuration, regularizers
from lamina.layers.holder import WeightHolder

Shape = tuple[int | None, ...]

_calls = threading.local()


@contextmanager
def as_parts() -> Iterator[None]:
    """A block in which layers behave as inside of a model, also when they are called directly.

    Random image layers then act in training mode only.
    """
    depth = getattr(_calls, "depth", 0)
    _calls.depth = depth + 1
    try:
        yield
    finally:
        _calls.depth = depth


@contextmanager
def _mode(layer: nn.Module, training: bool | None) -> Iterator[None]:
    """Switches a layer and its parts to training or evaluation for a block."""
    if training is None or training == layer.training:
        yield
        return
    modules = list(layer.modules())
    modes = [module.training for module in modules]
    layer.train(training)
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


class Layer(WeightHolder):
    """Turns tensors into tensors with weights that it makes when it first sees an input.

    Subclass it as in Keras: make weights in `build(input_shape)` with `add_weight`, compute in
    `call(x)`. A layer starts in evaluation mode; `fit` (or `.train()`) switches it to training.

    Args:
        name: Name in summaries and messages. Chosen automatically when `None`.
        dtype: Dtype or policy of weights and computation; `None` is the global policy.
        trainable: Whether training changes its weights.
        activity_regularizer: Penalty on the outputs, added to the loss.
        learning_rate_multiplier: What the optimizer's learning rate is multiplied by for the
            weights of this layer; also an attribute, which reaches inner layers.

    Raises:
        ArgumentError: An argument is unknown or has no possible value.
    """

    # Whether floating inputs come in the dtype of the computation, which may be half precision.
    autocasts: ClassVar[bool] = True
    # Whether it acts on training data only, but also when it is called directly, as in a plot.
    acts_when_called: ClassVar[bool] = False
    _constructor_arguments: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> "Layer":
        """Remembers the constructor's arguments, from which the configuration is read."""
        layer = super().__new__(cls)
        layer.__dict__["_constructor_arguments"] = configuration.bind(cls, args, kwargs)
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A `build` that is called by hand, as in Keras, counts as much as an automatic one."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)
        if "build" in cls.__dict__:
            cls.build = _noting(cls.build)  # type: ignore[method-assign]  # the same, noted

    def __init__(
        self,
        *,
        name: str | None = None,
        dtype: Any = None,
        trainable: bool = True,
        activity_regularizer: Any = None,
        learning_rate_multiplier: float = 1.0,
        input_shape: Any = None,
        input_dim: int | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            _refuse_unknown(self, unknown)
        super().__init__(trainable)
        if learning_rate_multiplier != 1:
            self.learning_rate_multiplier = learning_rate_multiplier
        configuration.check_parts(self, self._constructor_arguments)
        self.name = checks.label(self, name) or names.unique(
            names.to_snake_case(type(self).__name__)
        )
        self.dtype_policy = dtypes.policy(dtype)
        self.is_built = False
        self.training = False
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.given_input_shape = (input_dim,) if input_dim is not None else input_shape
        self._added_losses: list[Tensor] = []
        self._nodes: list[Node] = []

    # -- what a subclass fills in ------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights; `input_shape` has the batch axis first, `None` where unknown."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs."""
        raise StateError(
            f"layer {self.name!r} has no call().",
            expected=f"a method call(self, x) in class {type(self).__name__}.",
            fix="write the computation as def call(self, x): return ...",
        )

    def begin_epoch(self, epoch: int, seed: int) -> Hashable:
        """Told by `fit` before each epoch; a subclass may act on it.

        Args:
            epoch: Its number, counted from 0.
            seed: The seed of the run.

        Returns:
            What decides, beside the shapes of a batch, which operations `call` makes; a step is
            captured once for each value.
        """
        return None

    # -- losses ------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds a scalar to the loss of the batch; called inside `call`."""
        self._added_losses.extend(torch.as_tensor(leaf) for leaf in trees.leaves(loss))

    def clear_losses(self) -> None:
        """Forgets what `add_loss` collected; every outermost call begins with it."""
        for module in self.modules():
            if isinstance(module, Layer):
                module._added_losses.clear()

    @property
    def losses(self) -> list[Tensor]:
        """Penalties on weights, and what `add_loss` collected in the last call."""
        found: list[Tensor] = []
        for module in self.modules():
            if isinstance(module, Layer):
                found.extend(module._added_losses)
                found.extend(
                    rule(getattr(module, key)) for key, rule in module._regularizers.items()
                )
        return found

    # -- calling -----------------------------------------------------------------------------

    def __call__(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Builds the layer if need be and runs it, or records the call on symbolic tensors."""
        if has_symbols(args, kwargs):
            return self._call_on_symbols(args, kwargs, training)
        depth = getattr(_calls, "depth", 0)
        if depth == 0:
            self.clear_losses()
            if training is None and self.acts_when_called and not _is_probe(args):
                training = True
        _calls.depth = depth + 1
        try:
            with _mode(self, training):
                return super().__call__(*args, **kwargs)
        finally:
            _calls.depth = depth

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Runs `call`, after `build` where it is the first time."""
        if not self.is_built:
            self.build_for(args, kwargs)
        args, kwargs = self._cast(args), self._cast(kwargs)
        kind: Any = type(self)  # mypy takes a class for an object without a hash
        if _accepts_training(kind) and "training" not in kwargs:
            kwargs["training"] = self.training
        outputs = self.call(*args, **kwargs)
        if self.activity_regularizer is not None:
            self._penalize(outputs, self.activity_regularizer)
        return outputs

    def _cast(self, inputs: Any) -> Any:
        """Floats come in the dtype that the layer computes in, arrays as tensors."""
        policy = self.dtype_policy
        wanted = dtypes.to_torch(policy.compute_dtype if self.autocasts else policy.variable_dtype)

        def cast(leaf: Any) -> Any:
            if isinstance(leaf, np.ndarray):
                leaf = as_tensor(leaf, name=f"the input of layer {self.name!r}")
            if isinstance(leaf, Tensor) and leaf.is_floating_point() and leaf.dtype != wanted:
                return leaf.to(wanted)
            return leaf

        return trees.transform(cast, inputs)

    def _penalize(self, outputs: Any, penalty: Callable[[Tensor], Tensor]) -> None:
        for leaf in trees.leaves(outputs):
            self.add_loss(penalty(leaf) / leaf.shape[0])

    def build_for(self, args: tuple, kwargs: dict[str, Any]) -> None:
        """Runs `build` with the shapes of these inputs, once."""
        if self.is_built:
            return
        inputs = args[0] if args else kwargs
        if inputs is None and type(self).__module__.startswith("lamina."):
            raise ArgumentTypeError(
                f"layer {self.name!r} was called on None.",
                expected="a tensor, or the result of Input() or of another layer.",
                fix="look at what makes its input; a function may lack its return.",
            )
        self.given_shapes = trees.transform(_shape_of, inputs)  # model files tell them
        self._own_build(self.given_shapes)
        self.is_built = True
        self._move_to_inputs(args)

    def _own_build(self, shapes: Any) -> None:
        if isinstance(shapes, dict) and len(inspect.signature(self.build).parameters) > 1:
            self.build(**shapes)
        else:
            self.build(shapes)

    def _move_to_inputs(self, args: tuple) -> None:
        """New weights join their inputs on an accelerator."""
        device = next((x.device for x in trees.leaves(args) if isinstance(x, Tensor)), None)
        if device is not None and device.type not in ("cpu", "meta"):
            self.to(device)

    @property
    def built(self) -> bool:
        """Whether the weights exist."""
        return self.is_built

    @built.setter
    def built(self, value: bool) -> None:
        self.is_built = value

    def _call_on_symbols(self, args: tuple, kwargs: dict[str, Any], training: Any) -> Any:
        if training is not None:
            kwargs = {**kwargs, "training": training}
        try:
            self.build_for(args, kwargs)
            outputs = record(self, args, kwargs)
        except LaminaError as error:
            _note_where(self, error)
            raise
        first = next((leaf for leaf in trees.leaves(outputs) if is_symbol(leaf)), None)
        if first is not None:
            self._nodes.append(first.node)
        return outputs

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first call."""
        args = self._first_node().args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first call."""
        return self._first_node().outputs

    @property
    def output_shape(self) -> Any:
        """Shape of the output of the first symbolic call, `None` for the batch axis."""
        return trees.transform(_shape_of, self.output)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that an input of this shape leads to, found by running the call."""
        symbol = Symbol(tuple(input_shape), torch.float32, Node(None, (), {}, "probe"))
        self.build_for((symbol,), {})
        return trees.transform(_shape_of, record(self, (symbol,), {}))

    def _first_node(self) -> Node:
        if self._nodes:
            return self._nodes[0]
        raise StateError(
            f"layer {self.name!r} has not been called on a symbolic tensor.",
            expected="a layer inside a Functional model or a Sequential with a known input.",
            fix="call it on the result of Input(), or add an Input to the Sequential first.",
        )

    # -- configuration -----------------------------------------------------------------------

    def _note_rate_multiplier(self) -> None:
        """The multiplier becomes an argument of the constructor, where that takes it."""
        key = "learning_rate_multiplier"
        parameters = inspect.signature(type(self).__init__).parameters.values()
        takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
        if takes_any and (key in self._constructor_arguments or self._rate_multiplier != 1):
            self._constructor_arguments[key] = self._rate_multiplier

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data, the name included."""
        return {**configuration.plain(self._constructor_arguments), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Layer":
        """A new, unbuilt layer with this configuration."""
        kinds.arguments(f"{cls.__name__}.from_config", "config", config)
        return cls(**config)

    def extra_repr(self) -> str:
        """Name shown by `print(layer)`."""
        return f"name={self.name!r}"


def _noting(build: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(build)
    def build_and_note(self: Layer, *args: Any, **kwargs: Any) -> None:
        build(self, *args, **kwargs)
        self.is_built = True

    return build_and_note


def _shape_of(leaf: Any) -> Any:
    """Shape of a tensor or symbol; the batch axis of a tensor counts as unknown."""
    if is_symbol(leaf):
        return leaf.shape
    if isinstance(leaf, (Tensor, np.ndarray)):
        return (None, *leaf.shape[1:])
    return leaf


def _is_probe(args: tuple) -> bool:
    """Whether the call only asks for shapes."""
    return is_probing() or any(
        isinstance(leaf, Tensor) and leaf.is_meta for leaf in trees.leaves(args)
    )


@functools.cache
def _accepts_training(kind: type[Layer]) -> bool:
    return "training" in inspect.signature(kind.call).parameters


def _note_where(layer: Layer, error: LaminaError) -> None:
    note = f"  where: layer {layer.name!r}"
    if isinstance(error, ShapeError) and note not in getattr(error, "__notes__", []):
        error.add_note(note)


def _refuse_unknown(layer: Layer, unknown: dict[str, Any]) -> None:
    word = next(iter(unknown))
    known = [*inspect.signature(type(layer).__init__).parameters, "name", "dtype", "trainable"]
    known = sorted({key for key in known if key not in ("self", "kwargs", "unknown")})
    raise ArgumentError(
        f"{type(layer).__name__} has no argument {word!r}.",
        expected=f"arguments among {', '.join(known)}.",
        fix=names.suggestion(word, known),
    )

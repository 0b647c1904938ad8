"""A model from its JSON document: checked, then built through closed tables, without any weights.

Calls refer to earlier calls only, so that there is nothing to follow in circles.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from lamina.core import dtypes, trees
from lamina.core.errors import LaminaError, LoadError
from lamina.core.variables import Variable, unallocated
from lamina.files.opening import damaged, printable
from lamina.graph import Symbol, is_symbol, record
from lamina.layers import Input, Layer
from lamina.models import registry
from lamina.models.architecture import FORMAT, NAME, VERSION
from lamina.models.calls import PARTS, Calls, is_shape, named
from lamina.models.values import Decoder

_MODULE_KINDS = ("layer", "custom_layer", "model", "shared")
_FOREIGN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, NameError),
    *(OSError, RuntimeError, TypeError, ValueError),
)


def build_model(document: Any, label: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Builds the model of a document that came from outside, with new weights.

    Args:
        document: What `architecture.describe` returned, after a trip through JSON.
        label: What messages call it.
        custom_objects: The user's own classes and functions.

    Raises:
        LoadError: The document is not as this library writes it, or names unknown classes.
    """
    return _Builder(label, custom_objects).document(document)


def build_empty(document: Any, label: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The same with weights that have a shape and a dtype but no memory.

    Layers of the user's that cannot be built that way are built with memory.
    """
    builder = _Builder(label, custom_objects)
    try:
        with unallocated():
            return builder.document(document)
    except LoadError:
        if not builder.uses_custom:
            raise
    return build_model(document, label, custom_objects)


def build_part(entry: Any, label: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A layer, object or function from what `describe_layer` or `describe_value` wrote."""
    builder = _Builder(label, custom_objects)
    builder.place = "its content"
    return builder.guarded(builder, entry)


def compile_arguments(
    document: dict[str, Any], label: str, custom_objects: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The arguments of `compile` in a document, or `None`.

    Raises:
        LoadError: They name something unknown.
    """
    given = document.get("compile")
    if given is None:
        return None
    builder = _Builder(label, custom_objects)
    builder.place = "compile()"
    known = {"optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "jit", "undecayed"}
    if not isinstance(given, dict) or set(given) != known:
        raise builder.refuse("the arguments of compile() are not those that save_model() writes.")
    return builder.guarded(builder, given)


def compile_model(model: Any, arguments: dict[str, Any]) -> None:
    """Compiles a model with the arguments of a document."""
    undecayed = arguments["undecayed"]
    model.compile(**{key: value for key, value in arguments.items() if key != "undecayed"})
    if undecayed:
        weights = dict(model.named_parameters())
        model.optimizer.exclude_from_weight_decay(var_list=[weights[name] for name in undecayed])


def guarded(make: Any, entry: Any, label: str, place: str) -> Any:
    """What `make` returns for something from a file; whatever goes wrong is a LoadError."""
    builder = _Builder(label, None)
    builder.place = place
    return builder.guarded(make, entry)


class _Builder(Decoder):
    """Makes modules; the decoder makes everything else and comes back here for modules."""

    def __init__(self, label: str, custom_objects: Mapping[str, Any] | None) -> None:
        makers = {"layer": self._layer, "custom_layer": self._custom_layer, "model": self._model}
        hooks = {kind: partial(self._module, make) for kind, make in makers.items()}
        super().__init__(label, custom_objects, {**hooks, "shared": self._shared})
        self._parts = 0
        self._modules: list[Any] = []

    def document(self, document: Any) -> Any:
        """The model of a whole document."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise self.refuse("this is no model of Lamina.")
        if document.get("version") != VERSION:
            raise self.refuse(
                f"it has the format version {printable(document.get('version'), 20)}.",
                f"load it with the version of Lamina that wrote it; this one reads {VERSION}.",
            )
        self.only(document, "format", "version", "model", "frozen", "compile")
        entry = self.mapping(document, "model")
        if entry.get("kind") not in ("model", "custom_layer"):
            raise self.refuse(f"'model' is of the kind {printable(entry.get('kind'))}.")
        model = self.guarded(self, entry)
        self.place = "frozen"
        self._freeze(model, self.mapping(document, "frozen"))
        return model

    def guarded(self, make: Any, entry: Any) -> Any:
        """What `make` returns; whatever goes wrong becomes a LoadError that tells the place."""
        try:
            return make(entry)
        except LoadError:
            raise
        except LaminaError as error:
            raise self._unbuilt(error.problem) from error
        except _FOREIGN as error:
            text = str(error) or type(error).__name__
            raise self._unbuilt(printable(" ".join(text.split()), 100)) from error

    def _unbuilt(self, why: str) -> LoadError:
        return damaged(
            self.label,
            f"{self.place}: {' '.join(why.split())}",
            expected="arguments and shapes with which the model can be built.",
            fix="save the model again, or build it in Python and use load_weights().",
        )

    def _freeze(self, model: Any, frozen: dict[str, Any]) -> None:
        self.only(frozen, "layers", "weights")
        modules = {n: m for n, m in model.named_modules() if isinstance(m, Layer)}
        weights = dict(model.named_parameters())
        for name in self.listed(frozen, "layers"):
            self._known("layer", name, modules)._trainable = False
        for name in self.listed(frozen, "weights"):
            self._known("weight", name, weights).requires_grad_(False)

    def _known(self, what: str, name: Any, table: dict[str, Any]) -> Any:
        if not isinstance(name, str) or name not in table:
            raise self.refuse(f"the model has no {what} {printable(name)}.")
        return table[name]

    # -- layers ------------------------------------------------------------------------------

    def name(self, entry: dict[str, Any]) -> str:
        """The checked name of a layer, a call or an input."""
        name = self.text(entry, "name")
        if not NAME.fullmatch(name):
            raise self.refuse(f"{printable(name, 60)} is no possible name.")
        return name

    def _module(self, make: Any, entry: dict[str, Any]) -> Any:
        """Makes a layer or model and remembers it under the number it was written with."""
        number = len(self._modules)
        self._modules.append(None)
        self._modules[number] = make(entry)
        return self._modules[number]

    def _shared(self, entry: dict[str, Any]) -> Any:
        number: Any = entry.get("number")
        known = type(number) is int and 0 <= number < len(self._modules)
        if not known or self._modules[number] is None:
            raise self.refuse(f"there is no earlier layer with the number {printable(number, 20)}.")
        return self._modules[number]

    def _begin(self, entry: dict[str, Any], key: str = "class_name") -> str:
        self._parts += 1
        if self._parts > PARTS:
            raise self.refuse(f"there are over {PARTS:,} layers and calls.")
        name = self.text(entry, key)
        own = entry.get("config", {}).get("name") if isinstance(entry.get("config"), dict) else None
        self.place = f"layer {printable(own if isinstance(own, str) else name, 40)}"
        return name

    def _layer(self, entry: dict[str, Any]) -> Layer:
        name = self._begin(entry)
        kind = self.custom_objects.get(name, registry.LAYERS.get(name))
        self.uses_custom |= name in self.custom_objects
        if name in registry.REFUSED:
            raise self.refuse(
                f"{name} cannot be loaded: {registry.REFUSED[name]}, and files run no code.",
                "rebuild the model in Python, then use load_weights().",
            )
        if kind is None:
            raise self.refuse(f"there is no layer {printable(name)} in this library.")
        return self._made(kind, entry)

    def _custom_layer(self, entry: dict[str, Any]) -> Layer:
        kind = self.custom_class(self._begin(entry))
        layer = self._made(kind, entry)
        if "shapes" in entry and not layer.is_built and isinstance(layer, registry.bases()[1]):
            self._run(layer, entry["shapes"])
        return layer

    def _made(self, kind: Any, entry: dict[str, Any]) -> Layer:
        self.only(entry, "kind", "class_name", "config", "learned", "shapes")
        config = self.mapping(entry, "config")
        name = self.name(config)
        config = {key: self(value) for key, value in config.items()}
        self.place = f"layer {printable(name, 60)}"
        if registry.definer(kind, "from_config") in registry.bases():
            layer = constructed(kind, config)
        else:
            layer = kind.from_config(config)
        if not isinstance(layer, Layer):
            raise self.refuse(f"{kind.__name__} is no layer.")
        self._make_room(layer, entry.get("learned", {}))
        return layer

    def _make_room(self, layer: Layer, learned: Any) -> None:
        """Gives learned state the size that it has in the file, still without memory."""
        sizes_known = isinstance(learned, dict) and set(learned) <= set(
            getattr(layer, "_resizable", ())
        )
        if not sizes_known or not all(map(is_shape, learned.values())):
            raise self.refuse("the shapes of its learned state are impossible.")
        for key, shape in learned.items():
            old = layer._buffers.get(key)
            if old is None:
                raise self.refuse(f"it has no state {printable(key)}.")
            layer.register_buffer(key, Variable(torch.empty(shape, dtype=old.dtype, device="meta")))
            layer._buffers[key].path = f"{layer.name}/{key}"

    def _run(self, model: Any, shapes: Any) -> None:
        """Runs a subclassed model once on small zeros, which makes its weights."""
        example = _zeros(self(shapes))
        with torch.no_grad():
            model(example)

    # -- models ------------------------------------------------------------------------------

    def _model(self, entry: dict[str, Any]) -> Any:
        form = self._begin(entry)
        if form not in registry.MODELS:
            raise self.refuse(f"there is no model {printable(form)}.")
        self.only(entry, "kind", "class_name", "config", "custom")
        kind = registry.MODELS[form]
        if "custom" in entry:
            kind = self.custom_class(self.text(entry, "custom"))
        config = self.mapping(entry, "config")
        settings = {"name": self.name(config), "dtype": config.get("dtype")}
        make = self._sequential if form == "Sequential" else self._functional
        return make(kind, config, settings)

    def _sequential(self, kind: type, config: dict[str, Any], settings: dict[str, Any]) -> Any:
        self.only(config, "name", "dtype", "input", "layers")
        first = config.get("input")
        stack: list[Any] = [] if first is None else [self._input(first)]
        stack += [self._submodule(entry) for entry in self.listed(config, "layers")]
        self.place = f"model {printable(settings['name'], 60)}"
        return kind(stack, **settings)

    def _functional(self, kind: type, config: dict[str, Any], settings: dict[str, Any]) -> Any:
        self.only(config, "name", "dtype", "layers", "nodes", "inputs", "outputs")
        if self._parts + len(self.listed(config, "nodes")) > PARTS:
            raise self.refuse(f"there are over {PARTS:,} layers and calls.")
        layers = [self._submodule(entry) for entry in self.listed(config, "layers")]
        graph = Calls(self.label, self._input, lambda entry: self._call(entry, layers, graph))
        for entry in self.listed(config, "nodes"):
            graph.add(entry)
        self.place = f"model {printable(settings['name'], 60)}"
        inputs, outputs = graph(config.get("inputs")), graph(config.get("outputs"))
        return kind(inputs, outputs, **settings)

    def _submodule(self, entry: Any) -> Layer:
        if not isinstance(entry, dict) or entry.get("kind") not in _MODULE_KINDS:
            raise self.refuse(f"{printable(entry)} is no layer.")
        return self(entry)

    def _input(self, entry: Any) -> Symbol:
        if not isinstance(entry, dict):
            raise self.refuse(f"{printable(entry)} is no input.")
        self.only(entry, "name", "input")
        name, given = self.name(entry), self.mapping(entry, "input")
        self.only(given, "shape", "dtype")
        self.place = f"input {printable(name, 60)}"
        shape = given.get("shape")
        if not is_shape(shape, unknown=True) or not shape:
            raise self.refuse(f"its shape is {printable(shape)}.")
        kind = self.text(given, "dtype")
        return Input(batch_shape=tuple(shape), dtype=kind, name=name)

    def _call(self, entry: dict[str, Any], layers: list[Layer], graph: Calls) -> Any:
        """Records the call of a layer or of a torch function, and returns its outputs."""
        name = self._begin(entry, "name")
        self.name(entry)
        self.place = graph.place = f"call {printable(name, 60)}"
        self.only(entry, "name", "layer", "function", "args", "kwargs")
        if ("layer" in entry) == ("function" in entry):
            raise self.refuse("it calls neither a layer nor a function, or both.")
        args = [graph(part) for part in self.listed(entry, "args")]
        kwargs = {key: graph(part) for key, part in self.mapping(entry, "kwargs").items()}
        if not any(is_symbol(leaf) for leaf in trees.leaves([args, kwargs])):
            raise self.refuse("it takes no result of another call.")
        if "layer" in entry:
            number = entry["layer"]
            if type(number) is not int or not 0 <= number < len(layers):
                raise self.refuse(f"there is no layer number {printable(number, 20)}.")
            results = layers[number](*args, **kwargs)
        else:
            results = named(record(self._operation(entry), tuple(args), kwargs), name)
        if not any(map(is_symbol, trees.leaves(results))):
            raise self.refuse("it returns no tensor.")
        return results

    def _operation(self, entry: dict[str, Any]) -> Any:
        name = self.text(entry, "function")
        if name not in registry.FUNCTIONS["torch"]:
            raise self.refuse(
                f"the function {printable(name)} is not among those of model files.",
                "rebuild the model in Python, then use load_weights().",
            )
        return registry.FUNCTIONS["torch"][name]


def constructed(kind: type, config: dict[str, Any]) -> Any:
    """An object of the class; name and dtype are set afterwards where `__init__` has no place."""
    later = {k for k in ("name", "dtype") if k in config and not registry.accepts(kind, k)}
    layer = kind(**{key: value for key, value in config.items() if key not in later})
    if "name" in later:
        layer.name = config["name"]
    if "dtype" in later:
        layer.dtype_policy = dtypes.policy(config["dtype"])
    return layer


def _zeros(shapes: Any) -> Any:
    """Two rows of zeros for each shape among nested ones."""
    if isinstance(shapes, dict):
        return {key: _zeros(shape) for key, shape in shapes.items()}
    if is_shape(shapes, unknown=True):
        return torch.zeros([2 if size is None else size for size in shapes])
    return [_zeros(shape) for shape in shapes]

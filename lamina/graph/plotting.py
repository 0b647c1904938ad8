"""plot_model and model_to_dot, with Keras's arguments."""

import os
from pathlib import Path
from typing import Any

from lamina.core import checks, kinds
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.core.names import shown, suggestion
from lamina.files import write_bytes
from lamina.graph.diagram import Show, diagram_of
from lamina.graph.dot import Dot
from lamina.graph.network import Network
from lamina.graph.render import as_png, as_svg

_DIRECTIONS = ("TB", "BT", "LR", "RL")
_OPTIONS = {
    "dpi",
    "expand_nested",
    "rankdir",
    "show_dtype",
    "show_layer_activations",
    "show_layer_names",
    "show_shapes",
    "show_trainable",
    "splines",
}
_SHOWN = {
    "shapes": "show_shapes",
    "dtype": "show_dtype",
    "names": "show_layer_names",
    "activations": "show_layer_activations",
    "trainable": "show_trainable",
    "nested": "expand_nested",
}


class Plot:
    """A drawing that was written to a file; notebooks show it."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self._content = content

    def __repr__(self) -> str:
        return f"<Plot {str(self.path)!r}>"

    def _repr_svg_(self) -> str | None:
        return self._content.decode() if self.path.suffix.lower() == ".svg" else None

    def _repr_png_(self) -> bytes | None:
        return self._content if self.path.suffix.lower() == ".png" else None


class Drawing:
    """A drawing of a model as SVG; notebooks show it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def __repr__(self) -> str:
        return f"<Drawing of {len(self.svg):,} characters of SVG>"

    def _repr_svg_(self) -> str:
        return self.svg


def draw_model(model: Any, to_file: str | os.PathLike | None = None, **options: bool) -> Any:
    """Draws the layers of a model and how they are connected, in a file or for a notebook.

    Args:
        model: A model with a recorded graph.
        to_file: Where to write it, ending in .png or .svg; nowhere when `None`.
        **options: What boxes show: `shapes` and `names` unless they are False; `dtype`,
            `activations`, `trainable` and `nested` models if they are True.

    Raises:
        ArgumentError: There is no such option, or the ending is another one.
        ArgumentTypeError: `model` is no model.
        StateError: The model has no recorded graph yet.
        StorageError: The file cannot be written.
    """
    for name in options:
        if name not in _SHOWN:
            raise ArgumentError(
                f"plot() has no argument {name!r}.",
                expected=f"to_file, or one of {', '.join(_SHOWN)}.",
                fix=suggestion(name, _SHOWN),
            )
    if to_file is None:
        return Drawing(as_svg(_network_of("plot", model), Show(**options)))
    shown = {"shapes": True, "names": True, **options}
    given: dict[str, Any] = {_SHOWN[name]: is_on for name, is_on in shown.items()}
    return plot_model(model, to_file, **given)


def plot_model(
    model: Any,
    to_file: str | os.PathLike = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **unknown: Any,
) -> Plot:
    """Draws the layers of a model and how they are connected, without any other program.

    Args:
        model: A model with a recorded graph.
        to_file: Where to write the drawing; the ending .png or .svg decides how.
        show_shapes: Whether boxes show the shapes of inputs and outputs.
        show_dtype: Whether they show dtypes.
        show_layer_names: Whether they show names beside classes.
        rankdir: Direction of the flow: "TB" (top to bottom), "BT", "LR" or "RL".
        expand_nested: Whether models inside the model are drawn with their own layers.
        dpi: Pixels an inch of a PNG.
        show_layer_activations: Whether boxes show activations.
        show_trainable: Whether they show which layers training changes.
        splines: Accepted for Keras's sake; it steers Graphviz, which is not used here.
        **unknown: Nothing.

    Returns:
        The drawing, which notebooks show.

    Raises:
        ArgumentError: An argument is unknown, the ending is another one, or the PNG would be
            too large.
        ArgumentTypeError: `model` is no model.
        StateError: The model has no recorded graph yet.
        StorageError: The file cannot be written.
    """
    _refuse_unknown("plot_model", unknown)
    show = Show(
        shapes=checks.boolean("plot_model", "show_shapes", show_shapes),
        dtype=checks.boolean("plot_model", "show_dtype", show_dtype),
        names=checks.boolean("plot_model", "show_layer_names", show_layer_names),
        activations=checks.boolean("plot_model", "show_layer_activations", show_layer_activations),
        trainable=checks.boolean("plot_model", "show_trainable", show_trainable),
        nested=checks.boolean("plot_model", "expand_nested", expand_nested),
    )
    network = _network_of("plot_model", model)
    rankdir = checks.choice("plot_model", "rankdir", rankdir, _DIRECTIONS)
    dpi = checks.number("plot_model", "dpi", dpi, low=10, high=2400, example=200)
    path = Path(kinds.path("plot_model", "to_file", to_file, "model.png"))
    ending = path.suffix.lower()
    if ending not in (".png", ".svg"):
        raise checks.refuse(
            "plot_model",
            "to_file",
            os.fspath(to_file),
            expected="a file name that ends in .png or .svg.",
            fix=f"pass to_file={str(path.with_suffix('.svg'))!r}.",
        )
    if ending == ".svg":
        content = as_svg(network, show, rankdir).encode()
    else:
        content = as_png(network, show, rankdir, dpi)
    return Plot(write_bytes(path, content), content)


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **unknown: Any,
) -> Dot:
    """Writes the layers of a model and how they are connected in Graphviz's language.

    Args:
        model: A model with a recorded graph.
        show_shapes: Whether boxes show the shapes of inputs and outputs.
        show_dtype: Whether they show dtypes.
        show_layer_names: Whether they show names beside classes.
        rankdir: Direction of the flow: "TB", "BT", "LR" or "RL".
        expand_nested: Whether models inside the model are drawn with their own layers.
        dpi: Resolution for programs that draw pixels.
        show_layer_activations: Whether boxes show activations.
        show_trainable: Whether they show which layers training changes.
        splines: How Graphviz draws edges.
        **unknown: Nothing.

    Returns:
        The graph; its `to_string()` is the text.

    Raises:
        ArgumentError: An argument is unknown or has no possible value.
        ArgumentTypeError: `model` is no model.
        StateError: The model has no recorded graph yet.
    """
    _refuse_unknown("model_to_dot", unknown)
    show = Show(
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        activations=show_layer_activations,
        trainable=show_trainable,
        nested=expand_nested,
    )
    network = _network_of("model_to_dot", model)
    rankdir = checks.choice("model_to_dot", "rankdir", rankdir, _DIRECTIONS)
    dpi = checks.number("model_to_dot", "dpi", dpi, low=10, high=2400, example=200)
    return Dot(diagram_of(network, show), rankdir, dpi, splines)


def _refuse_unknown(owner: str, unknown: dict[str, Any]) -> None:
    known = [
        "dpi",
        "expand_nested",
        "rankdir",
        "show_dtype",
        "show_layer_activations",
        "show_layer_names",
        "show_shapes",
        "show_trainable",
        "splines",
    ]
    for word in unknown:
        raise ArgumentError(
            f"{owner} has no argument {word!r}.",
            expected=f"arguments among {', '.join(known)}.",
            fix=suggestion(word, known),
        )


def _network_of(owner: str, model: Any) -> Network:
    if isinstance(model, Network):
        return model
    if not hasattr(model, "_network"):
        raise ArgumentTypeError(
            f"{owner} received {shown(model)}, which is no model.",
            expected="a model made from Input() and layers called on it, or a Sequential.",
            fix="wrap a single layer: Model(x, layer(x)) with x = Input(shape=...).",
        )
    if model._network is None:
        raise StateError(
            f"{owner} received {model.name!r}, which has no recorded graph.",
            expected="a model whose input shape is known, made from Input() or built.",
            fix="put Input(shape=...) first, or write the model with Input().",
        )
    return model._network

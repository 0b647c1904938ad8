"""Drawings: nothing overlaps, everything is there, and the files are what they claim to be."""

import io
import itertools
import random
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from lamina import Input, Model, Sequential, layers, utils
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.graph.diagram import Show, diagram_of
from lamina.graph.layout import layer_numbers, place
from lamina.graph.render import as_png, as_svg, as_text, flattened

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def branching():
    """Two inputs, a residual block, functions of torch, two outputs."""
    x, table = Input(shape=(6,), name="x"), Input(shape=(2,), name="table")
    h = layers.Dense(4, activation="relu", name="first")(x)
    h = layers.Add(name="sum")([h, layers.Dense(4, name="second")(layers.Dense(4, name="mid")(h))])
    both = layers.Concatenate(name="both")([h, layers.Dense(3, name="side")(table)])
    return Model([x, table], [layers.Dense(1, name="a")(torch.relu(both)), both * 2])


def chain(length):
    return Sequential([Input(shape=(3,)), *(layers.Dense(3) for _ in range(length))])


def wide(width):
    x = Input(shape=(3,))
    branches = [layers.Dense(2)(x) for _ in range(width)]
    mixed = [layers.Add()([branches[i], branches[(i * 7) % width]]) for i in range(width)]
    return Model(x, layers.Concatenate()(mixed))


def random_graph(seed):
    """Sizes and edges of 30 boxes, each computed from one to three earlier ones."""
    draw = random.Random(seed)
    sizes = [(draw.uniform(20, 200), draw.uniform(20, 90)) for _ in range(30)]
    edges = [
        (source, target)
        for target in range(1, 30)
        for source in draw.sample(range(target), min(target, draw.randint(1, 3)))
    ]
    return sizes, edges


def overlap(one, other):
    (x, y, width, height), (x2, y2, width2, height2) = one, other
    return min(x + width, x2 + width2) > max(x, x2) and min(y + height, y2 + height2) > max(y, y2)


def rectangles(sizes, centers):
    pairs = zip(sizes, centers, strict=True)
    return [(x - w / 2, y - h / 2, w, h) for (w, h), (x, y) in pairs]


@pytest.mark.parametrize("seed", range(8))
def test_boxes_never_overlap(seed):
    sizes, edges = random_graph(seed)
    boxes = rectangles(sizes, place(sizes, edges).centers)

    assert [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)] == []


@pytest.mark.parametrize("seed", range(8))
def test_edges_run_from_source_to_target_and_around_all_other_boxes(seed):
    sizes, edges = random_graph(seed)
    laid = place(sizes, edges)
    boxes = rectangles(sizes, laid.centers)
    hits = [
        (edge, number)
        for edge, path in zip(edges, laid.paths, strict=True)
        for number, (x, y, w, h) in enumerate(boxes)
        if number not in edge
        for (a, b) in flattened(path)
        if x < a < x + w and y < b < y + h
    ]

    assert hits == []
    ends = [(path[0][0], path[-1][0]) for path in laid.paths]
    assert ends == [(laid.centers[s][0], laid.centers[t][0]) for s, t in edges]


@pytest.mark.parametrize("seed", range(8))
def test_everything_lies_inside_the_picture(seed):
    sizes, edges = random_graph(seed)
    laid = place(sizes, edges)
    boxes = rectangles(sizes, laid.centers)

    assert min(x for x, *_ in boxes) >= -1e-6
    assert max(x + w for x, _, w, _ in boxes) <= laid.size[0] + 1e-6
    assert max(y + h for _, y, _, h in boxes) <= laid.size[1] + 1e-6


def test_layers_are_those_of_the_longest_path():
    assert layer_numbers(4, [(0, 1), (1, 2), (0, 3), (2, 3)]) == [0, 1, 2, 3]


def test_a_late_input_stands_just_before_its_first_user():
    assert layer_numbers(4, [(0, 1), (1, 2), (3, 2)]) == [0, 1, 2, 1]


def test_a_chain_is_one_straight_column():
    centers = place([(50, 20)] * 5, [(0, 1), (1, 2), (2, 3), (3, 4)]).centers

    assert [x for x, _ in centers] == [25.0] * 5


def test_crossings_that_can_be_avoided_are_avoided():
    centers = place([(20, 20)] * 4, [(0, 3), (1, 2)]).centers

    assert (centers[0][0] < centers[1][0]) == (centers[3][0] < centers[2][0])


def test_diagram_has_a_box_for_each_input_and_call(branching):
    diagram = diagram_of(branching._network, Show(shapes=False))

    assert sorted(box.lines[0] for box in diagram.boxes) == sorted(
        [
            "x (InputLayer)",
            "table (InputLayer)",
            "first (Dense)",
            "mid (Dense)",
            "second (Dense)",
            "sum (Add)",
            "side (Dense)",
            "both (Concatenate)",
            "a (Dense)",
            *[node.name for node in branching._network.nodes if node.module is None][2:],
        ]
    )
    assert len(diagram.edges) == 11


def test_boxes_say_what_was_asked_for(branching):
    show = Show(dtype=True, activations=True, trainable=True)
    branching.get_layer("first").trainable = False
    lines = [box.lines for box in diagram_of(branching._network, show).boxes]

    assert (
        "first (Dense)",
        "activation: relu",
        "not trainable",
        "input: (None, 6) float32",
        "output: (None, 4) float32",
    ) in lines


def test_nested_models_are_one_box_or_their_own_layers():
    inner_x = Input(shape=(4,))
    inner = Model(inner_x, layers.Dense(2, name="leaf")(inner_x), name="inner")
    x = Input(shape=(4,), name="x")
    network = Model(x, layers.Dense(1, name="end")(inner(x)))._network

    closed = diagram_of(network, Show(shapes=False))
    opened = diagram_of(network, Show(shapes=False, nested=True))

    assert [b.lines[0] for b in closed.boxes] == ["x (InputLayer)", "inner (Model)", "end (Dense)"]
    assert [b.lines[0] for b in opened.boxes] == ["x (InputLayer)", "leaf (Dense)", "end (Dense)"]
    assert [b.group for b in opened.boxes] == [(), ("inner",), ()]
    assert opened.edges == [(0, 1), (1, 2)]


def test_sub_graph_begins_with_a_box_for_its_inner_input():
    x = Input(shape=(4,))
    middle = layers.Dense(3, name="early")(x)
    network = Model(middle, layers.Dense(1, name="late")(middle))._network

    boxes = diagram_of(network, Show(shapes=False)).boxes

    assert [b.lines[0] for b in boxes] == ["early (InputLayer)", "late (Dense)"]


def test_text_names_every_call_and_its_sources():
    x = Input(shape=(4,), name="x")
    network = Model(x, layers.Dense(2, name="out")(x))._network

    assert as_text(network) == ("x    InputLayer  (None, 4)\nout  Dense       (None, 2)  <- x")


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_svg_is_well_formed_and_holds_all_boxes_and_edges(branching, rankdir):
    root = ElementTree.fromstring(as_svg(branching._network, rankdir=rankdir))

    assert len(root.findall(f"{SVG}g")) == 11
    assert len(root.findall(f"{SVG}path")) == 11


@pytest.mark.parametrize(
    ("rankdir", "axis", "sign"),
    [
        ("TB", "y", 1),
        ("BT", "y", -1),
        ("LR", "x", 1),
        ("RL", "x", -1),
    ],
)
def test_direction_of_the_flow(rankdir, axis, sign):
    root = ElementTree.fromstring(as_svg(chain(2)._network, rankdir=rankdir))
    places = [float(group.find(f"{SVG}rect").get(axis)) * sign for group in root.iter(f"{SVG}g")]

    assert places == sorted(places)


def test_svg_escapes_names():
    x = Input(shape=(2,), name="a<b & c")
    text = as_svg(Model(x, layers.Dense(1)(x))._network)

    assert "a&lt;b &amp; c" in text


@pytest.mark.parametrize("make", [lambda: chain(20), lambda: wide(12)], ids=["chain", "wide"])
def test_png_opens_and_is_not_empty(make):
    image = Image.open(io.BytesIO(as_png(make()._network, dpi=48)))

    assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_png_grows_with_its_resolution():
    network = chain(1)._network
    small, large = (Image.open(io.BytesIO(as_png(network, dpi=d))) for d in (96, 192))

    assert large.height == pytest.approx(2 * small.height, abs=2)


def test_png_with_too_many_pixels_is_refused():
    message = r"^a drawing with 21 boxes would have \d+ x \d+ pixels\.\n  expected: at most "
    with pytest.raises(ArgumentError, match=message):
        as_png(chain(20)._network, dpi=20_000)


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_plot_model_writes_the_file_that_its_ending_names(branching, tmp_path, ending):
    plot = utils.plot_model(branching, tmp_path / f"model.{ending}", show_shapes=True, dpi=40)
    start = {"svg": b"<svg", "png": b"\x89PNG"}[ending]

    assert (tmp_path / f"model.{ending}").read_bytes().startswith(start)
    assert plot.path == tmp_path / f"model.{ending}"


def test_plot_shows_itself_in_notebooks(branching, tmp_path):
    svg = utils.plot_model(branching, tmp_path / "m.svg")
    png = utils.plot_model(branching, tmp_path / "m.png", dpi=40)

    assert svg._repr_svg_().startswith("<svg")
    assert svg._repr_png_() is None
    assert png._repr_png_().startswith(b"\x89PNG")
    assert png._repr_svg_() is None


def test_layer_names_are_left_out_unless_asked_for(tmp_path):
    x = Input(shape=(2,), name="x")
    model = Model(x, layers.Dense(1, name="mine")(x))
    utils.plot_model(model, tmp_path / "m.svg")

    assert "mine" not in (tmp_path / "m.svg").read_text()


def test_dot_has_nodes_edges_and_clusters():
    inner_x = Input(shape=(4,))
    inner = Model(inner_x, layers.Dense(2, name="leaf")(inner_x), name="inner")
    x = Input(shape=(4,), name="x")

    dot = utils.model_to_dot(Model(x, inner(x)), expand_nested=True, show_shapes=True)

    assert dot.to_string() == (
        "digraph model {\n"
        '  graph [rankdir="TB", dpi="200", splines="ortho"];\n'
        '  node [fontname="monospace"];\n'
        '  b0 [shape=ellipse, label="x (InputLayer)\\noutput: (None, 4)"];\n'
        '  subgraph "cluster_inner" {\n'
        '    label="inner";\n'
        '    b1 [shape=box, label="leaf (Dense)\\ninput: (None, 4)\\noutput: (None, 2)"];\n'
        "  }\n"
        "  b0 -> b1;\n"
        "}\n"
    )


REFUSALS = {
    "ending": (
        lambda: utils.plot_model(chain(1), "model.pdf"),
        ArgumentError,
        "plot_model(to_file='model.pdf') is not possible.\n"
        "  expected: a file name that ends in .png or .svg.\n"
        "  fix: pass to_file='model.svg'.",
    ),
    "argument": (
        lambda: utils.plot_model(chain(1), "model.svg", show_shape=True),
        ArgumentError,
        "plot_model has no argument 'show_shape'.\n"
        "  expected: arguments among dpi, expand_nested, rankdir, show_dtype, "
        "show_layer_activations, show_layer_names, show_shapes, show_trainable, splines.\n"
        '  fix: did you mean "show_shapes"?',
    ),
    "direction": (
        lambda: utils.model_to_dot(chain(1), rankdir="UP"),
        ArgumentError,
        "model_to_dot(rankdir='UP') is not possible.\n"
        "  expected: 'rankdir' as one of 'TB', 'BT', 'LR', 'RL'.\n"
        "  fix: choose one of the 4 names above.",
    ),
    "no model": (
        lambda: utils.plot_model(3, "model.svg"),
        ArgumentTypeError,
        "plot_model received 3, which is no model.\n"
        "  expected: a model made from Input() and layers called on it, or a Sequential.\n"
        "  fix: wrap a single layer: Model(x, layer(x)) with x = Input(shape=...).",
    ),
    "no graph": (
        lambda: utils.model_to_dot(Sequential([layers.Dense(1)], name="net")),
        StateError,
        "model_to_dot received 'net', which has no recorded graph.\n"
        "  expected: a model whose input shape is known, made from Input() or built.\n"
        "  fix: put Input(shape=...) first, or write the model with Input().",
    ),
}


@pytest.mark.parametrize(("call", "kind", "message"), REFUSALS.values(), ids=REFUSALS)
def test_drawing_refuses(call, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call()

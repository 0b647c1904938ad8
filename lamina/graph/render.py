"""A recorded graph as a drawing: SVG, PNG or lines of text, from one layered layout."""

import html
import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.graph.diagram import Box, Diagram, Show, diagram_of, symbols_in
from lamina.graph.layout import Layout, Point, place
from lamina.graph.network import Network

_FONT, _LINE, _PADDING, _MARGIN = 13.0, 18.0, 10.0, 14.0
_FILL = {"input": "#dbeafe", "layer": "#f8fafc", "function": "#fef3c7"}
_STROKE = {"input": "#60a5fa", "layer": "#94a3b8", "function": "#f59e0b"}
_INK, _FAINT, _EDGE = "#0f172a", "#475569", "#8592a6"
_CURVE_STEPS = 16
_MOST_PIXELS = 100_000_000

Measure = Callable[[str], float]
"""How wide a line of text is drawn."""


@dataclass(frozen=True)
class Picture:
    """Boxes and edges with their places in the picture."""

    diagram: Diagram
    sizes: list[Point]  # (width, height) of each box
    corners: list[Point]  # upper left corner of each box
    paths: list[list[Point]]
    size: Point


def picture_of(diagram: Diagram, rankdir: str, measure: Measure) -> Picture:
    """Places a diagram: from top to bottom (TB), or BT, LR or RL."""
    sizes = [_box_size(box, measure) for box in diagram.boxes]
    sideways = rankdir in ("LR", "RL")
    laid = place([size[::-1] if sideways else size for size in sizes], diagram.edges)
    return _turned(diagram, sizes, laid, sideways, backwards=rankdir in ("BT", "RL"))


def _turned(
    diagram: Diagram, sizes: list[Point], laid: Layout, sideways: bool, backwards: bool
) -> Picture:
    def turn(point: Point) -> Point:
        across, along = point
        along = laid.size[1] - along if backwards else along
        x, y = (along, across) if sideways else (across, along)
        return x + _MARGIN, y + _MARGIN

    centers = [turn(center) for center in laid.centers]
    corners = [
        (x - width / 2, y - height / 2)
        for (x, y), (width, height) in zip(centers, sizes, strict=True)
    ]
    width, height = laid.size[::-1] if sideways else laid.size
    paths = [[turn(point) for point in path] for path in laid.paths]
    return Picture(diagram, sizes, corners, paths, (width + 2 * _MARGIN, height + 2 * _MARGIN))


def _box_size(box: Box, measure: Measure) -> Point:
    lines = shown_lines(box)
    return max(map(measure, lines)) + 2 * _PADDING, len(lines) * _LINE + _PADDING


def shown_lines(box: Box) -> list[str]:
    """The lines of a box; those of a model inside the model begin with its name."""
    return [*(["in " + " / ".join(box.group)] if box.group else []), *box.lines]


def _title_line(box: Box) -> int:
    return 1 if box.group else 0


def _monospaced(text: str) -> float:
    return 0.6 * _FONT * len(text)


def as_svg(network: Network, show: Show | None = None, rankdir: str = "TB") -> str:
    """Draws a graph as SVG without a background, in colours for light and dark pages."""
    picture = picture_of(diagram_of(network, show or Show()), rankdir, _monospaced)
    width, height = picture.size
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-size="{_FONT:g}" '
        'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace">',
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="{_EDGE}"/></marker></defs>',
    ]
    parts += [_svg_edge(path) for path in picture.paths]
    places = zip(picture.diagram.boxes, picture.corners, picture.sizes, strict=True)
    parts += [_svg_box(box, corner, size) for box, corner, size in places]
    return "\n".join([*parts, "</svg>", ""])


def _svg_edge(path: list[Point]) -> str:
    words = ["M{:.1f} {:.1f}".format(*path[0])]
    for index, point in enumerate(path[1:]):
        if index % 2 == 0:
            words.append("L{:.1f} {:.1f}".format(*point))
        else:
            one, other = _handles(path, index)
            words.append("C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}".format(*one, *other, *point))
    data = "".join(words)
    return (
        f'<path d="{data}" fill="none" stroke="{_EDGE}" stroke-width="1.4" marker-end="url(#end)"/>'
    )


def _handles(path: list[Point], index: int) -> tuple[Point, Point]:
    """Control points of the curve from `path[index]` on: it leaves and arrives along the flow."""
    (x, y), (x2, y2) = path[index], path[index + 1]
    flows_down = _flows_down(path)
    middle_x, middle_y = (x + x2) / 2, (y + y2) / 2
    return ((x, middle_y), (x2, middle_y)) if flows_down else ((middle_x, y), (middle_x, y2))


def _flows_down(path: list[Point]) -> bool:
    return path[0][0] == path[1][0] and path[-1][0] == path[-2][0]


def _svg_box(box: Box, corner: Point, size: Point) -> str:
    (x, y), (width, height) = corner, size
    rect = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="5" '
        f'fill="{_FILL[box.kind]}" stroke="{_STROKE[box.kind]}"/>'
    )
    texts = []
    for number, line in enumerate(shown_lines(box)):
        is_title = number == _title_line(box)
        look = f'fill="{_INK}" font-weight="600"' if is_title else f'fill="{_FAINT}"'
        middle, base = x + width / 2, y + _PADDING / 2 + _LINE * (number + 0.72)
        texts.append(
            f'<text x="{middle:.1f}" y="{base:.1f}" text-anchor="middle" {look}>'
            f"{html.escape(line)}</text>"
        )
    return f"<g>{rect}{''.join(texts)}</g>"


def as_png(
    network: Network, show: Show | None = None, rankdir: str = "TB", dpi: float = 200
) -> bytes:
    """Draws a graph as a PNG on white.

    Raises:
        ArgumentError: The picture would have more than 100 million pixels.
    """
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - slow to import, seldom needed

    scale = dpi / 96
    font = ImageFont.load_default(_FONT * scale)
    diagram = diagram_of(network, show or Show())
    picture = picture_of(diagram, rankdir, lambda text: font.getlength(text) / scale)
    width, height = (round(side * scale) for side in picture.size)
    if width * height > _MOST_PIXELS:
        raise ArgumentError(
            f"a drawing with {len(diagram.boxes)} boxes would have {width} x {height} pixels.",
            expected=f"at most {_MOST_PIXELS} pixels.",
            fix=f'pass a smaller dpi (now {dpi:g}), or draw to_file="model.svg".',
        )
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for path in picture.paths:
        _draw_edge(pen, path, scale)
    for box, corner, size in zip(diagram.boxes, picture.corners, picture.sizes, strict=True):
        _draw_box(pen, box, corner, size, font, scale)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _draw_box(pen: Any, box: Box, corner: Point, size: Point, font: Any, scale: float) -> None:
    (x, y), (width, height) = corner, size
    pen.rounded_rectangle(
        [x * scale, y * scale, (x + width) * scale, (y + height) * scale],
        radius=5 * scale,
        fill=_FILL[box.kind],
        outline=_STROKE[box.kind],
        width=max(1, round(scale)),
    )
    for number, line in enumerate(shown_lines(box)):
        middle = (x + width / 2) * scale, (y + _PADDING / 2 + _LINE * (number + 0.5)) * scale
        ink = _INK if number == _title_line(box) else _FAINT
        pen.text(middle, line, fill=ink, font=font, anchor="mm")


def _draw_edge(pen: Any, path: list[Point], scale: float) -> None:
    points = [(x * scale, y * scale) for x, y in flattened(path)]
    pen.line(points, fill=_EDGE, width=max(1, round(1.4 * scale)), joint="curve")
    (x, y), (end_x, end_y) = points[-2], points[-1]
    length = max(1e-9, ((end_x - x) ** 2 + (end_y - y) ** 2) ** 0.5)
    dx, dy = (end_x - x) / length * 8 * scale, (end_y - y) / length * 8 * scale
    base_x, base_y = end_x - dx, end_y - dy
    wings = [(base_x - dy / 2, base_y + dx / 2), (base_x + dy / 2, base_y - dx / 2)]
    pen.polygon([(end_x, end_y), *wings], fill=_EDGE)


def flattened(path: list[Point]) -> list[Point]:
    """The points of an edge with its curves cut into short straight pieces."""
    points = [path[0]]
    for index, end in enumerate(path[1:]):
        if index % 2:
            one, other = _handles(path, index)
            points += [
                _cubic(path[index], one, other, end, step / _CURVE_STEPS)
                for step in range(1, _CURVE_STEPS)
            ]
        points.append(end)
    distinct = [b for a, b in itertools.pairwise(points) if a != b]
    return [points[0], *distinct]


def _cubic(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """The point at `t` of the Bézier curve from `a` to `d` with handles `b` and `c`."""
    u = 1 - t
    weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    corners = (a, b, c, d)
    x, y = (sum(w * p[axis] for w, p in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x, y


def as_text(network: Network) -> str:
    """Describes a graph in one line a call: name, kind, shape, and what it is computed from."""
    rows = [(symbol.name, "InputLayer", str(symbol.shape), "") for symbol in network.input_symbols]
    for node in network.nodes:
        if node.operation is None:
            continue
        kind = "function" if node.module is None else type(node.module).__name__
        shapes = ", ".join(str(symbol.shape) for symbol in symbols_in(node.outputs))
        sources = dict.fromkeys(symbol.name for symbol in symbols_in(node.inputs))
        rows.append((node.name, kind, shapes, f"<- {', '.join(sources)}"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(word.ljust(w) for word, w in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]
    return "\n".join(lines)

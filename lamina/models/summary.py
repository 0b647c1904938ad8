"""The table that summary() prints, and its HTML form."""

import html
import shutil
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lamina.core import checks, kinds, trees
from lamina.core.errors import LaminaError
from lamina.core.surroundings import display, is_notebook
from lamina.graph import is_symbol, shapes
from lamina.graph.node import Node

_SUFFIXES = ("B", "KB", "MB", "GB", "TB")
_RATIOS = {
    "Layer (type)": 4,
    "Output Shape": 3,
    "Param #": 2,
    "Mult-adds": 2,
    "Connected to": 3,
    "Trainable": 1,
}
_NUMBERS = ("Param #", "Mult-adds")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    depth: int
    name: str
    kind: str
    shape: str
    parameters: int
    multiply_adds: int | None
    connected: str
    trainable: str


def show(
    model: Any,
    line_length: int | None = None,
    print_fn: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
    positions: Any = None,
) -> None:
    """Prints the table of a model.

    Args:
        model: What to describe; shapes are known once it has a recorded graph.
        line_length: Width in characters; that of the terminal when `None`.
        print_fn: Called with the text instead of printing.
        expand_nested: Whether models inside the model get rows for their layers.
        show_trainable: Whether a column says which layers training changes.
        layer_range: Names of the first and the last layer to show.
        positions: Accepted for Keras's sake.
    """
    if line_length is not None:
        checks.whole("summary", "line_length", line_length, low=1, high=10_000)
    if print_fn is not None:
        kinds.function("summary", "print_fn", print_fn)
    rows = _within(_rows(model, expand_nested), layer_range)
    columns = _columns(model, rows, show_trainable)
    if print_fn is None and is_notebook():
        display({"text/html": _html(model, rows, columns), "text/plain": model.name})
        return
    width = line_length or max(60, min(120, shutil.get_terminal_size((100, 24)).columns))
    text = _text(model, rows, columns, width)
    if print_fn is None:
        print(text)  # noqa: T201  (what summary() is for)
    else:
        print_fn(text)


def _columns(model: Any, rows: list[Row], show_trainable: bool) -> list[str]:
    """The columns of the table; a plain chain needs no word on what is connected to what."""
    is_chain = all("," not in row.connected for row in rows) and not _branches(model)
    columns = ["Layer (type)", "Output Shape", "Param #", "Mult-adds"]
    return columns + ["Connected to"] * (not is_chain) + ["Trainable"] * show_trainable


def _cells(row: Row, columns: list[str]) -> list[str]:
    cells = {
        "Layer (type)": f"{'  ' * row.depth}{row.name} ({row.kind})",
        "Output Shape": row.shape,
        "Param #": f"{row.parameters:,}",
        "Mult-adds": "-" if row.multiply_adds is None else f"{row.multiply_adds:,}",
        "Connected to": row.connected,
        "Trainable": row.trainable,
    }
    return [cells[column] for column in columns]


def _text(model: Any, rows: list[Row], columns: list[str], width: int) -> str:
    # rich is slow to import and needed here only
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(show_header=True, width=width)
    for column in columns:
        justify: Any = "right" if column in _NUMBERS else "left"
        table.add_column(column, justify=justify, overflow="fold", ratio=_RATIOS[column])
    for row in rows:
        table.add_row(*(Text(cell) for cell in _cells(row, columns)))
    console = Console(width=width, highlight=False, force_terminal=False, force_jupyter=False)
    with console.capture() as captured:
        console.print(Text(f'Model: "{model.name}"', style="bold"))
        console.print(table)
        for line in totals(model, rows):
            console.print(Text(line))
    return captured.get().rstrip("\n")


def totals(model: Any, rows: list[Row] | None = None) -> list[str]:
    """The lines below the table: parameters, memory, arithmetic, tier."""
    weights = list(model.weights)
    trainable = list(model.trainable_weights)
    rows = _rows(model, expand_nested=False) if rows is None else rows
    counted = sum(row.multiply_adds or 0 for row in rows if row.depth == 0)
    lines = [
        f" Total params: {_counted(weights)}",
        f" Trainable params: {_counted(trainable)}",
        f" Non-trainable params: {_counted(model.non_trainable_weights)}",
    ]
    if counted:
        lines.append(f" Multiply-adds per example: {counted:,}")
    session = getattr(model, "_session", None)
    refusal = getattr(session, "refusal", None)
    if refusal is not None:
        lines.append(f" Runs eagerly: {refusal.problem}")
    return lines


def _counted(weights: list[Tensor]) -> str:
    count = sum(weight.numel() for weight in weights)
    size = float(sum(weight.numel() * weight.element_size() for weight in weights))
    suffix = 0
    while size >= 1024 and suffix < len(_SUFFIXES) - 1:
        size, suffix = size / 1024, suffix + 1
    return f"{count:,} ({size:.2f} {_SUFFIXES[suffix]})"


def _rows(model: Any, expand_nested: bool, depth: int = 0) -> list[Row]:
    network = getattr(model, "_network", None)
    if network is None:
        return [_plain_row(child, name, depth) for name, child in model.named_children()]
    seen: set[int] = set()
    rows = []
    is_sequential = not any(isinstance(entry, Node) for entry in model.layers) and depth == 0
    for node in network.nodes:
        if node.operation is None and is_sequential and type(model).__name__ == "Sequential":
            continue
        if node.module is not None and id(node.module) in seen:
            continue
        seen.add(id(node.module))
        rows.append(_row(node, depth))
        if expand_nested and getattr(node.module, "_network", None) is not None:
            rows.extend(_rows(node.module, expand_nested, depth + 1))
    return rows


def _row(node: Node, depth: int) -> Row:
    module = node.module
    weights = [] if module is None else [*module.parameters(), *module.buffers()]
    trained = [w for w in weights if w.requires_grad]
    return Row(
        depth,
        node.name,
        "InputLayer" if node.operation is None else _kind(node),
        _shape_text(node.outputs),
        sum(weight.numel() for weight in weights),
        None if node.operation is None else multiply_adds(node),
        ", ".join(dict.fromkeys(leaf.node.name for leaf in node.inputs if is_symbol(leaf))) or "-",
        "-" if not weights else ("Y" if trained else "N"),
    )


def _kind(node: Node) -> str:
    return type(node.module).__name__ if node.module is not None else "function"


def _plain_row(child: nn.Module, name: str, depth: int) -> Row:
    weights = [*child.parameters(), *child.buffers()]
    return Row(
        depth,
        getattr(child, "name", name) if isinstance(getattr(child, "name", name), str) else name,
        type(child).__name__,
        "?",
        sum(weight.numel() for weight in weights),
        None,
        "-",
        "-" if not weights else ("Y" if any(w.requires_grad for w in weights) else "N"),
    )


def _shape_text(outputs: Any) -> str:
    found = [str(leaf.shape) for leaf in trees.leaves(outputs) if is_symbol(leaf)]
    return ", ".join(found) if found else "?"


def _branches(model: Any) -> bool:
    network = getattr(model, "_network", None)
    if network is None:
        return False
    used: dict[int, int] = {}
    for node in network.nodes:
        for leaf in {id(leaf) for leaf in node.inputs if is_symbol(leaf)}:
            used[leaf] = used.get(leaf, 0) + 1
    return any(count > 1 for count in used.values()) or len(network.input_symbols) > 1


def _within(rows: list[Row], layer_range: Any) -> list[Row]:
    if not layer_range:
        return rows
    names = [row.name for row in rows]
    first, last = layer_range
    return rows[names.index(first) : names.index(last) + 1]


def multiply_adds(node: Node) -> int | None:
    """Multiply-adds of a recorded call for one example, counted on tensors without data.

    Matrix products and convolutions count; elementwise work does not. `None` where the call
    cannot be run without data.
    """
    counter = FlopCounterMode(display=False)
    operation: Any = node.operation  # None only for inputs, which are not counted
    try:
        with counter:
            shapes.run_on_meta(operation, node.args, node.kwargs, 0)
    except (RuntimeError, NotImplementedError, LaminaError):
        return None
    return counter.get_total_flops() // 2 // shapes._BATCH_SIZES[0]


def as_html(model: Any) -> str:
    """The table as HTML, for notebooks."""
    rows = _rows(model, expand_nested=False)
    return _html(model, rows, _columns(model, rows, show_trainable=False))


def _html(model: Any, rows: list[Row], columns: list[str]) -> str:
    sides = {column: "right" if column in _NUMBERS else "left" for column in columns}
    head = "".join(f"<th style='text-align:{sides[c]}'>{html.escape(c)}</th>" for c in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='text-align:{sides[column]};white-space:pre'>{html.escape(cell)}</td>"
            for column, cell in zip(columns, _cells(row, columns), strict=True)
        )
        + "</tr>"
        for row in rows
    )
    lines = "<br>".join(html.escape(line.strip()) for line in totals(model, rows))
    title = html.escape(model.name)
    return f"<div><b>{title}</b><table><tr>{head}</tr>{body}</table><p>{lines}</p></div>"

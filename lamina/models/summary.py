"""The table that summary() prints, and its HTML form."""

import html
import shutil
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lamina.core import trees
from lamina.core.errors import LaminaError
from lamina.graph import is_symbol, shapes
from lamina.graph.node import Node

_SUFFIXES = ("B", "KB", "MB", "GB", "TB")


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
    # rich is slow to import and needed here only
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    width = line_length or max(60, min(120, shutil.get_terminal_size((100, 24)).columns))
    rows = _rows(model, expand_nested)
    rows = _within(rows, layer_range)
    is_chain = all("," not in row.connected for row in rows) and not _branches(model)
    table = Table(show_header=True, width=width)
    table.add_column("Layer (type)", overflow="fold", ratio=4)
    table.add_column("Output Shape", overflow="fold", ratio=3)
    table.add_column("Param #", justify="right", overflow="fold", ratio=2)
    table.add_column("Mult-adds", justify="right", overflow="fold", ratio=2)
    if not is_chain:
        table.add_column("Connected to", overflow="fold", ratio=3)
    if show_trainable:
        table.add_column("Trainable", overflow="fold", ratio=1)
    for row in rows:
        cells = [
            f"{'  ' * row.depth}{row.name} ({row.kind})",
            row.shape,
            f"{row.parameters:,}",
            "-" if row.multiply_adds is None else f"{row.multiply_adds:,}",
        ]
        if not is_chain:
            cells.append(row.connected)
        if show_trainable:
            cells.append(row.trainable)
        table.add_row(*(Text(cell) for cell in cells))
    console = Console(width=width, highlight=False, force_terminal=False)
    with console.capture() as captured:
        console.print(Text(f'Model: "{model.name}"', style="bold"))
        console.print(table)
        for line in totals(model, rows):
            console.print(Text(line))
    text = captured.get().rstrip("\n")
    if print_fn is None:
        print(text)  # noqa: T201  (what summary() is for)
    else:
        print_fn(text)


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
    head = "<tr><th>Layer (type)</th><th>Output shape</th><th>Param #</th><th>Mult-adds</th></tr>"
    body = "".join(
        f"<tr><td style='text-align:left'>{html.escape(row.name)} ({html.escape(row.kind)})</td>"
        f"<td style='text-align:left'>{html.escape(row.shape)}</td><td>{row.parameters:,}</td>"
        f"<td>{'-' if row.multiply_adds is None else f'{row.multiply_adds:,}'}</td></tr>"
        for row in _rows(model, expand_nested=False)
    )
    lines = "<br>".join(html.escape(line.strip()) for line in totals(model))
    title = html.escape(model.name)
    return f"<b>{title}</b><table>{head}{body}</table><p>{lines}</p>"

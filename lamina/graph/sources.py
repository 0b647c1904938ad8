"""Where a symbolic tensor comes from."""

from typing import Any

from lamina.graph.symbol import Symbol, is_symbol


def get_source_inputs(tensor: Any) -> Any:
    """The symbols from `Input` that a symbol is computed from, each once; others pass through.

    Args:
        tensor: A symbolic tensor.

    Example:
        >>> x = Input(shape=(2,))
        >>> get_source_inputs(x * 2)[0] is x
        True
    """
    if not is_symbol(tensor):
        return tensor
    found: dict[int, Symbol] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        symbol = waiting.pop()
        if id(symbol) in seen:
            continue
        seen.add(id(symbol))
        if symbol.node.operation is None:
            found[id(symbol)] = symbol
        waiting.extend(leaf for leaf in reversed(symbol.node.inputs) if is_symbol(leaf))
    return list(found.values())

"""Symbolic tensors, the calls recorded on them, and their shapes."""

from lamina.graph.network import Network
from lamina.graph.node import Node
from lamina.graph.symbol import Symbol, is_symbol, record

__all__ = ["Network", "Node", "Symbol", "is_symbol", "record"]

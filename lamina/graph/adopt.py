"""Lets any torch.nn.Module be called on symbolic tensors.

torch's own global forward hooks do it: the module runs once on small real tensors in evaluation
mode, and the result is replaced by symbols. They are registered with the first symbolic input, so
importing the library changes nothing (docs/decisions/0003-plain-modules-on-symbols.md).
"""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from lamina.core import trees
from lamina.graph.shapes import evaluation_mode, probe_tensor
from lamina.graph.symbol import has_symbols, is_symbol, record

_registered: list[Any] = []
_open_calls: list[tuple[nn.Module, ExitStack]] = []
_MARK = "lamina_symbol"  # the symbol a small real tensor stands in for


def watch_modules() -> None:
    """Registers the hooks, once a process."""
    if not _registered:
        before: Any = _before  # torch declares hooks of modules to return nothing
        _registered.append(register_module_forward_pre_hook(before))
        _registered.append(register_module_forward_hook(_after, with_kwargs=True, always_call=True))


def _before(module: nn.Module, args: tuple) -> tuple | None:
    if not has_symbols(args):
        return None
    stack = ExitStack()
    stack.enter_context(evaluation_mode(module))
    stack.enter_context(torch.no_grad())
    _open_calls.append((module, stack))
    device = str(next((p.device for p in module.parameters()), "cpu"))

    def stand_in(leaf: Any) -> Any:
        if not is_symbol(leaf):
            return leaf
        probe = probe_tensor(leaf, 0, device)
        setattr(probe, _MARK, leaf)
        return probe

    return trees.transform(stand_in, args)


def _after(module: nn.Module, args: tuple, kwargs: dict[str, Any], output: Any = None) -> Any:
    if not _open_calls or _open_calls[-1][0] is not module:
        return None
    originals = trees.transform(_original, (args, kwargs))
    if not has_symbols(originals):
        return None
    _open_calls.pop()[1].close()
    if output is None:  # the module raised; torch raises again after its hooks
        return None
    return record(module, *originals)


def _original(leaf: Any) -> Any:
    return getattr(leaf, _MARK, leaf) if isinstance(leaf, Tensor) else leaf

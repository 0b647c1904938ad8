"""Shapes by running the operation, never by a second rule written by hand.

The operation runs twice with other sizes for the unknown axes; the axes of the result that moved
are unknown too. Small operations run on real zeros, large ones on meta tensors where they can:
torch's meta kernels are Python, and the first of them imports its compiler, which takes a second
(docs/decisions/0009-shapes-on-real-tensors.md).
"""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import trees
from lamina.core.errors import LaminaError, ShapeError
from lamina.core.probing import probing
from lamina.core.variables import is_unallocated

Shape = tuple[int | None, ...]

_BATCH_SIZES = (2, 3)
_OTHER_SIZES = (96, 128)
_LARGEST_PROBE = 2**22
_QUICK_VALUES = 2**23  # what a quick run may read
_QUICK_PRODUCTS = 2**28  # multiply-adds that it may take, roughly; about 2 ms
_TORCH_ERRORS = (RuntimeError, ValueError, TypeError, IndexError)


class Spec:
    """Shape and dtype of one result; unknown axes are `None`."""

    def __init__(self, shape: Shape, dtype: torch.dtype) -> None:
        self.shape, self.dtype = shape, dtype


def probe_tensor(spec: Any, attempt: int, device: str) -> Tensor:
    """A tensor of zeros with the shape of `spec`, unknown axes filled in."""
    shape = [
        size if size is not None else (_OTHER_SIZES[attempt] if axis else _BATCH_SIZES[attempt])
        for axis, size in enumerate(spec.shape)
    ]
    return torch.zeros(shape, dtype=spec.dtype, device=device)


def infer(operation: Callable[..., Any], name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The nesting of `Spec`s that `operation` returns for arguments with symbols among them.

    Raises:
        ShapeError: The operation cannot take such arguments.
    """
    if _is_quick(operation, args, kwargs):
        first, second = (_run_for_real(operation, name, args, kwargs, n) for n in (0, 1))
    else:
        first, second = _run_large(operation, name, args, kwargs)
    results = list(zip(trees.leaves(first), trees.leaves(second), strict=True))
    return trees.refill(first, [_merge(one, other) for one, other in results])


def _run_large(
    operation: Callable[..., Any], name: str, args: tuple, kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    try:
        first, second = (run_on_meta(operation, args, kwargs, attempt) for attempt in (0, 1))
    except LaminaError:
        raise
    except (*_TORCH_ERRORS, NotImplementedError):
        _refuse_large_probes(name, args, kwargs)
        first, second = (_run_for_real(operation, name, args, kwargs, n) for n in (0, 1))
    return first, second


def _is_quick(operation: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> bool:
    """Whether a run on real zeros costs next to nothing, and all weights are in real memory.

    A convolution multiplies all its weights at each place, a product at each row: the weights
    times the places of the largest input are an upper bound for both.
    """
    leaves = trees.leaves((args, kwargs))
    shapes = [
        tuple(size or _OTHER_SIZES[-1] for size in leaf.shape[1:])
        for leaf in leaves
        if is_unknown(leaf)
    ]
    state = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    if isinstance(operation, nn.Module):
        state += [*operation.parameters(), *operation.buffers()]
    if is_unallocated() or any(tensor.device.type != "cpu" for tensor in state if tensor.ndim):
        return False
    num_weights = sum(tensor.numel() for tensor in state)
    values = sum(math.prod(shape) for shape in shapes) * _BATCH_SIZES[-1]
    places = max((math.prod(shape[:-1]) for shape in shapes), default=1) * _BATCH_SIZES[-1]
    return values + num_weights <= _QUICK_VALUES and num_weights * places <= _QUICK_PRODUCTS


def _merge(one: Any, other: Any) -> Any:
    if not isinstance(one, Tensor):
        return one
    sizes = zip(one.shape, other.shape, strict=True)
    return Spec(tuple(a if a == b else None for a, b in sizes), one.dtype)


def run_on_meta(operation: Callable[..., Any], args: tuple, kwargs: dict, attempt: int) -> Any:
    """What the operation returns for tensors without data; nothing of its own changes.

    Args:
        operation: A function or a module.
        args: Its arguments, with symbols among them.
        kwargs: Those by name.
        attempt: 0 or 1; which sizes the unknown axes have.
    """
    args, kwargs = (_filled(tree, attempt, "meta") for tree in (args, kwargs))
    with torch.no_grad():
        if not isinstance(operation, nn.Module):
            return operation(*args, **kwargs)
        state = {**dict(operation.named_parameters()), **dict(operation.named_buffers())}
        meta = {key: value.detach().to("meta") for key, value in state.items()}
        with evaluation_mode(operation):
            return torch.func.functional_call(operation, meta, args, kwargs)


def _run_for_real(
    operation: Callable[..., Any], name: str, args: tuple, kwargs: dict, attempt: int
) -> Any:
    device = "cpu"
    if isinstance(operation, nn.Module):
        device = next((str(p.device) for p in operation.parameters()), "cpu")
    filled_args, filled_kwargs = (_filled(tree, attempt, device) for tree in (args, kwargs))
    try:
        with torch.no_grad(), evaluation_mode(operation), probing(), _unmoved_draws(device):
            if not isinstance(operation, nn.Module):
                return operation(*filled_args, **filled_kwargs)
            state = {key: copy.deepcopy(value) for key, value in operation.named_buffers()}
            return torch.func.functional_call(operation, state, filled_args, filled_kwargs)
    except LaminaError:
        raise
    except _TORCH_ERRORS as error:
        shapes = [tuple(leaf.shape) for leaf in trees.leaves((args, kwargs)) if is_unknown(leaf)]
        reason = str(error).strip().splitlines()[0]
        raise ShapeError(
            f"{name} cannot take an input of shape {', '.join(map(str, shapes))}: {reason[:100]}",
            expected=f"an input that {type(operation).__name__} can compute with.",
            fix="check the shapes of the layers before it with summary().",
        ) from error


def _refuse_large_probes(name: str, args: tuple, kwargs: dict[str, Any]) -> None:
    """While a file is loaded, shapes are not found by running on large real tensors."""
    if not is_unallocated():
        return
    for leaf in filter(is_unknown, trees.leaves((args, kwargs))):
        if math.prod(size or _OTHER_SIZES[-1] for size in leaf.shape) > _LARGEST_PROBE:
            raise ShapeError(
                f"{name} would need a large tensor of shape {leaf.shape} to find its shape.",
                expected=f"at most {_LARGEST_PROBE:,} values where an operation needs real ones.",
                fix="build the model in Python and use load_weights().",
            )


def is_unknown(leaf: Any) -> bool:
    """Whether a leaf stands for a tensor that does not exist yet."""
    return getattr(leaf, "is_lamina_symbol", False)


def _filled(tree: Any, attempt: int, device: str) -> Any:
    def fill(leaf: Any) -> Any:
        if is_unknown(leaf):
            return probe_tensor(leaf, attempt, device)
        if isinstance(leaf, Tensor) and leaf.ndim > 0:
            return leaf.detach().to(device)
        return leaf

    return trees.transform(fill, tree)


@contextmanager
def _unmoved_draws(device: str) -> Iterator[None]:
    """Leaves torch's own random stream where it was."""
    before = torch.get_rng_state()
    try:
        with torch.random.fork_rng(enabled=device != "cpu"):
            yield
    finally:
        torch.set_rng_state(before)


@contextmanager
def evaluation_mode(operation: Any) -> Iterator[None]:
    """Switches a module and its parts to evaluation for a block."""
    modules = list(operation.modules()) if isinstance(operation, nn.Module) else []
    modes = [module.training for module in modules]
    for module in modules:
        module.training = False
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode

"""Follows one batch through a model and its loss, and notes where numbers stop being finite.

Every operation is noted with the layer it belongs to, forwards and backwards, so that the first
one that turned finite numbers into others can be named.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lamina.core import trees
from lamina.preflight import kinds

LOSS = "the loss"


@dataclass
class Passage:
    """What left one layer: the largest absolute value, and the largest gradient that came back."""

    layer: str
    largest: float
    is_finite: bool
    gradient: float | None = None
    has_finite_gradient: bool = True


@dataclass
class Operation:
    """One operation: what went in, whether what came out was finite."""

    name: str
    layer: str
    inputs: list[int]
    low: float
    high: float
    takes_finite: bool
    is_finite: bool
    largest: float
    dtype: torch.dtype
    rows: list[int] | None = None
    has_finite_gradient: bool = True
    gradient_rows: list[int] | None = None


@dataclass
class Trace:
    """What one batch went through.

    Args:
        operations: All of them in order.
        passages: The layers in order, then the loss.
        loss: The loss.
        weights: Names of weights whose gradient was not finite.
    """

    operations: list[Operation] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    loss: float = float("nan")
    weights: list[str] = field(default_factory=list)

    @property
    def first_output(self) -> Operation | None:
        """The first operation that made something not finite out of finite numbers."""
        bad = [one for one in self.operations if not one.is_finite]
        return next((one for one in bad if one.takes_finite), bad[0] if bad else None)

    @property
    def first_gradient(self) -> tuple[Operation, list[int] | None] | None:
        """The operation whose backward pass made the first gradient that is not finite."""
        for place in reversed(range(len(self.operations))):
            one = self.operations[place]
            if not one.has_finite_gradient:
                users = [later for later in self.operations[place + 1 :] if place in later.inputs]
                return (users[0] if users else one), one.gradient_rows
        return None


class _Watcher(TorchFunctionMode):
    """Notes every torch function that is called while it is on."""

    def __init__(self, trace: Trace, count: int) -> None:
        super().__init__()
        self.trace, self.count = trace, count
        self.places: list[str] = []
        self.place = ""  # what runs outside of any layer
        self.is_quiet = False  # while it computes for itself
        self.known: dict[int, int] = {}
        self.alive: list[Tensor] = []  # keeps the identity of tensors from being reused

    def __torch_function__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.is_quiet:
            return result
        made = [leaf for leaf in trees.leaves(result) if isinstance(leaf, Tensor)]
        if made and any(leaf.is_floating_point() for leaf in made):
            given = [
                leaf
                for leaf in trees.leaves([list(args), dict(kwargs or {})])
                if isinstance(leaf, Tensor)
            ]
            self.note(kinds.word_of(func), given, made)
        return result

    def note(self, name: str, given: list[Tensor], made: list[Tensor]) -> None:
        """Writes down an operation that gave floating-point numbers."""
        made = [leaf for leaf in made if leaf.is_floating_point() and leaf.numel()]
        floats = [leaf.detach() for leaf in given if leaf.is_floating_point() and leaf.numel()]
        if not made:
            return
        place = len(self.trace.operations)
        is_finite = all(bool(leaf.isfinite().all()) for leaf in made)
        operation = Operation(
            name=name,
            layer=self.places[-1] if self.places else self.place,
            inputs=[self.known[id(leaf)] for leaf in given if id(leaf) in self.known],
            low=min((float(leaf.min()) for leaf in floats), default=0.0),
            high=max((float(leaf.max()) for leaf in floats), default=0.0),
            takes_finite=all(bool(leaf.isfinite().all()) for leaf in floats),
            is_finite=is_finite,
            largest=largest_of(made[0]),
            dtype=made[0].dtype,
            rows=None if is_finite else bad_rows(made[0], self.count),
        )
        self.trace.operations.append(operation)
        self.alive.extend(made)
        for leaf in made:
            self.known[id(leaf)] = place
            if leaf.requires_grad:
                leaf.register_hook(_gradient_note(operation, self.count))


def _gradient_note(operation: Operation, count: int) -> Callable[[Tensor], None]:
    def note(gradient: Tensor) -> None:
        if not bool(gradient.isfinite().all()):
            operation.has_finite_gradient = False
            operation.gradient_rows = bad_rows(gradient, count)

    return note


def largest_of(values: Tensor) -> float:
    """The largest absolute value, of those that are finite where there are others."""
    values = values.detach().abs()
    finite = values[values.isfinite()]
    return float(finite.max()) if finite.numel() else float("nan")


def bad_rows(values: Tensor, count: int) -> list[int] | None:
    """Places in the batch where something is not finite; `None` where rows cannot be told."""
    if values.ndim == 0 or values.shape[0] != count:
        return None
    bad = ~values.detach().isfinite().reshape(count, -1).all(1)
    return bad.nonzero().squeeze(1).tolist()


@contextmanager
def _layers_noted(module: nn.Module, trace: Trace, watcher: _Watcher) -> Iterator[None]:
    """Tells the watcher in which layer it is, and notes what leaves each layer."""
    hooks = []
    for path, inner in module.named_modules():
        if inner is module:
            continue
        name = getattr(inner, "name", None) or path
        is_leaf = kinds.kind_of_module(inner) != "opaque" or not any(inner.children())
        enter, leave = _hooks(name, trace, watcher, is_leaf=is_leaf)
        hooks.append(inner.register_forward_pre_hook(enter))
        hooks.append(inner.register_forward_hook(leave, always_call=True))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _hooks(name: str, trace: Trace, watcher: _Watcher, *, is_leaf: bool) -> tuple[Any, Any]:
    def enter(module: nn.Module, args: tuple) -> None:
        watcher.places.append(name)

    def leave(module: nn.Module, args: tuple, output: Any) -> None:
        watcher.is_quiet = True
        made = [leaf for leaf in trees.leaves(output) if isinstance(leaf, Tensor)]
        if any(id(leaf) not in watcher.known for leaf in made):
            given = [leaf for leaf in trees.leaves(list(args)) if isinstance(leaf, Tensor)]
            watcher.note(type(module).__name__.lower(), given, made)
        watcher.places.pop()
        if is_leaf and made and made[0].is_floating_point() and made[0].numel():
            trace.passages.append(_passage(name, made[0]))
        watcher.is_quiet = False

    return enter, leave


def _passage(name: str, values: Tensor) -> Passage:
    passage = Passage(name, largest_of(values), bool(values.isfinite().all()))
    if values.requires_grad:

        def note(gradient: Tensor) -> None:
            passage.gradient = largest_of(gradient)
            passage.has_finite_gradient = bool(gradient.isfinite().all())

        values.register_hook(note)
    return passage


def follow(
    module: nn.Module,
    forward: Callable[[], Any],
    total: Callable[[Any], Tensor],
    count: int,
) -> Trace:
    """Runs a batch forwards and backwards and notes what happens on the way.

    Args:
        module: The model, in the mode in which it is trained.
        forward: Calls it on the batch.
        total: Makes the loss of what it returned.
        count: Rows in the batch.
    """
    trace = Trace()
    watcher = _Watcher(trace, count)
    weights = {n: p for n, p in module.named_parameters() if p.requires_grad}
    with torch.enable_grad():
        with _layers_noted(module, trace, watcher), watcher:
            outputs = forward()
            watcher.place = LOSS
            loss = total(outputs)
        trace.loss = float(loss.detach())
        trace.passages.append(Passage(LOSS, largest_of(loss), bool(loss.isfinite())))
        if loss.requires_grad:
            found = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
            trace.weights = [
                name
                for name, gradient in zip(weights, found, strict=True)
                if gradient is not None and not bool(gradient.isfinite().all())
            ]
    return trace

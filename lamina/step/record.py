"""Writes down the kernel calls of one run of a function, and compares two recordings.

The run is an ordinary one: it computes what it always computes. What it leaves to others: making
the list shorter (passes) and running it again (replay).
"""

import sys
import traceback
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import private_torch, trees
from lamina.core.errors import CaptureError
from lamina.step.recording import Call, Layout, Recording, Ref

_SMALL = 4096  # elements up to which a tensor made anew in every step is compared by value
_READS = {"aten._local_scalar_dense.default", "aten.item.default", "aten.equal.default"}


class _Recorder(private_torch.RecordingMode):
    """Numbers tensors by the memory they lie in and keeps every call."""

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        super().__init__()
        self.recording = Recording()
        self._tensors: list[weakref.ref[Tensor]] = []
        self._reserved: list[Any] = []
        self._by_object: dict[int, Ref] = {}
        self._by_layout: dict[tuple[int, Layout], Ref] = {}
        self._owner: dict[int, Ref] = {}
        for tensor in inputs:
            self.recording.inputs.append(self._number(tensor))

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        self.recording.refusal = self.recording.refusal or _refusal(operation)
        read_args = trees.transform(self._referenced, args)
        read_kwargs = trees.transform(self._referenced, kwargs)
        result = operation(*args, **kwargs)
        results = [
            self._number(leaf) if isinstance(leaf, Tensor) else None
            for leaf in trees.leaves(result)
        ]
        self.recording.calls.append(Call(operation, read_args, read_kwargs, results))
        return result

    def _referenced(self, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        known = self._find(leaf)
        if known is not None:
            return known
        storage = private_torch.storage_key(leaf)
        if storage in self._owner:
            return self._view_of(self._owner[storage], leaf)
        ref = self._number(leaf)
        self.recording.constants[ref] = leaf.detach().as_subclass(Tensor)
        return ref

    def _find(self, tensor: Tensor) -> Ref | None:
        """The number of this tensor, or of one that lies in memory exactly as it does."""
        known = self._by_object.get(id(tensor))
        if known is not None and self._tensors[known.number]() is tensor:
            return known
        return self._by_layout.get((private_torch.storage_key(tensor), Layout.of(tensor)))

    def _view_of(self, owner: Ref, tensor: Tensor) -> Ref:
        """A view that autograd made without a call, written down as one."""
        if owner in self.recording.constants:
            ref = self._number(tensor)
            self.recording.constants[ref] = tensor.detach().as_subclass(Tensor)
            return ref
        ref = self._number(tensor)
        layout = Layout.of(tensor)
        start = self.recording.layouts[owner].offset
        args = (owner, list(layout.shape), list(layout.stride), layout.offset - start)
        self.recording.calls.append(Call(torch.ops.aten.as_strided.default, args, {}, [ref]))
        return ref

    def _number(self, tensor: Tensor) -> Ref:
        known = self._find(tensor)
        if known is not None:
            return known
        ref = Ref(len(self._tensors))
        storage = private_torch.storage_key(tensor)
        self._tensors.append(weakref.ref(tensor))  # the step frees what it needs no more
        self._by_object[id(tensor)] = ref
        if storage not in self._owner:
            self._owner[storage] = ref
            self._reserved.append(private_torch.reserved_storage_key(tensor))
        layout = Layout.of(tensor)
        self._by_layout[storage, layout] = ref
        self.recording.layouts[ref] = layout
        self.recording.base[ref] = self._owner[storage]
        return ref

    def output(self, leaf: Any) -> Any:
        """The reference for a tensor that the function returned."""
        return self._referenced(leaf) if isinstance(leaf, Tensor) else leaf


def _refusal(operation: Any) -> CaptureError | None:
    """Why a step with this operation cannot be replayed, or `None`."""
    if str(operation) in _READS:
        return CaptureError(
            f"{_user_line()} reads a tensor's value in Python.",
            expected="a step without reads back to the host (.item(), float(), if, for).",
            fix="replace the branch by torch.where, or move the read into a callback.",
        )
    if torch.Tag.dynamic_output_shape in operation.tags:
        return CaptureError(
            f"{_user_line()} makes a tensor whose size depends on values ({operation}).",
            expected="shapes that follow from the shapes of the inputs.",
            fix="keep all rows and weight them with 0 or 1 instead of selecting some.",
        )
    return None


def _user_line() -> str:
    """The line of the user's program that led here, as 'file.py:12 (x.item())'."""
    for frame in reversed(traceback.extract_stack(sys._getframe(1))):
        path = frame.filename.replace("\\", "/")
        if "/torch/" not in path and "/lamina/step/" not in path and "/lamina/core/" not in path:
            return f"{path.rsplit('/', 1)[-1]}:{frame.lineno} ({(frame.line or '')[:60]})"
    return "the step"


def record(function: Callable[..., Any], inputs: Sequence[Tensor]) -> tuple[Any, Recording]:
    """Runs `function(*inputs)` once, for real, and writes down what it did.

    Args:
        function: Computes with torch; may change tensors in place.
        inputs: Tensors that will be others at the next run.

    Returns:
        What the function returned, and the recording.
    A function that cannot be replayed runs to its end all the same; the recording's `refusal` says
    why.
    """
    recorder = _Recorder(inputs)
    with recorder:
        result = function(*inputs)
    recorder.recording.outputs = trees.transform(recorder.output, result)
    return result, recorder.recording


def difference(first: Recording, second: Recording) -> CaptureError | None:
    """Why a second recording of the same function is not the same list of calls, or `None`."""
    if len(first.calls) != len(second.calls):
        return _changed(f"it made {len(first.calls)} kernel calls, then {len(second.calls)}")
    same: dict[Ref, Ref] = dict(zip(first.inputs, second.inputs, strict=True))
    for one, other in zip(first.calls, second.calls, strict=True):
        if one.operation is not other.operation:
            return _changed(f"it called {one.name}, then {other.name} in its place")
        ours = trees.leaves((one.args, one.kwargs))
        theirs = trees.leaves((other.args, other.kwargs))
        if len(ours) != len(theirs):
            return _changed(f"{one.name} was called with other arguments")
        for a, b in zip(ours, theirs, strict=True):
            reason = _unequal(a, b, first, second, same)
            if reason:
                return _changed(f"{one.name} {reason}")
        same.update(
            (a, b)
            for a, b in zip(one.results, other.results, strict=True)
            if a is not None and b is not None
        )
    return None


def _unequal(a: Any, b: Any, first: Recording, second: Recording, same: dict[Ref, Ref]) -> str:
    if isinstance(a, Ref) and isinstance(b, Ref):
        if a in same:
            return "" if same[a] == b else "was called on another tensor"
        if a not in first.constants or b not in second.constants:
            return "was called on another tensor"
        same[a] = b
        return _unequal_constants(first.constants[a], second.constants[b])
    if isinstance(a, torch.Generator) or isinstance(b, torch.Generator):
        return "" if a is b else "drew from another random generator"
    if type(a) is type(b) and (a == b or (a != a and b != b)):
        return ""
    return f"was given {a!r}, then {b!r}"


def _unequal_constants(one: Tensor, other: Tensor) -> str:
    same_memory = private_torch.storage_key(one) == private_torch.storage_key(other)
    if same_memory and Layout.of(one) == Layout.of(other):
        return ""
    if one.shape == other.shape and one.dtype == other.dtype and one.numel() <= _SMALL:
        if torch.equal(one, other):
            return ""
        return "was called on a tensor made anew with other values"
    return "was called on a large tensor made anew in each step"


def _changed(what: str) -> CaptureError:
    return CaptureError(
        f"the step is not the same every time: {what}.",
        expected="the same kernel calls with the same numbers in every step.",
        fix="keep numbers that change in tensors, and branches out of call().",
    )

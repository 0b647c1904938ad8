"""Takes the drawing of random numbers out of a recording, to be done before the rest.

The compiler has random streams of its own; drawn outside by torch's kernels, in the order in which
they were recorded, the numbers are those that every other tier draws.
"""

import torch

from lamina.core.errors import CaptureError
from lamina.step.recording import Call, Recording, Ref

# They look at the shape of their first argument only.
_SHAPE_ONLY = {
    "aten.empty_like.default",
    "aten.new_empty.default",
    "aten.rand_like.default",
    "aten.randn_like.default",
    "aten.zeros_like.default",
    "aten.ones_like.default",
    "aten.full_like.default",
}


def split_draws(recording: Recording) -> tuple[Recording, Recording]:
    """Splits a recording into the draws and the rest.

    Returns:
        The draws, with the inputs of the whole recording, returning a list of tensors; and the
        rest, whose inputs are those of the whole followed by these tensors.

    Raises:
        CaptureError: What is drawn depends on values that the step computes.
    """
    whole = _shapes_only(recording)
    early = _early(whole)
    first = [call for index, call in enumerate(whole.calls) if index in early]
    rest = [call for index, call in enumerate(whole.calls) if index not in early]
    _refuse_conflicts(whole, early)
    drawn = {ref for call in first for ref in call.results if ref is not None}
    drawn -= {*whole.constants, *whole.inputs}
    read = [ref for call in rest for ref in call.reads()] + whole.output_refs()
    crossing = list(dict.fromkeys(ref for ref in read if ref in drawn))
    before, after = whole.copy(first), whole.copy(rest)
    before.outputs = list(crossing)
    after.inputs = [*whole.inputs, *crossing]
    return before, after


def _shapes_only(recording: Recording) -> Recording:
    """The same with blank tensors where a call looks at nothing but a shape."""
    result = recording.copy(list(recording.calls))
    for index, call in enumerate(recording.calls):
        if call.name not in _SHAPE_ONLY or call.args[0] in recording.constants:
            continue
        layout = recording.layouts[call.args[0]]
        blank = Ref(1 + max(ref.number for ref in result.layouts))
        result.constants[blank] = torch.empty_strided(
            layout.shape, layout.stride, dtype=layout.dtype, device=layout.device
        )
        result.layouts[blank] = layout._replace(offset=0)
        result.base[blank] = blank
        args = (blank, *call.args[1:])
        result.calls[index] = Call(call.operation, args, call.kwargs, call.results)
    return result


def _early(recording: Recording) -> set[int]:
    """Places of the calls that draw, and of those whose results they read."""
    wanted: set[Ref] = set()
    early: set[int] = set()
    lasting = {recording.base[ref] for ref in (*recording.constants, *recording.inputs)}
    for index in reversed(range(len(recording.calls))):
        call = recording.calls[index]
        touched = _written(recording, call)
        if call.is_random or touched & wanted:
            early.add(index)
            bases = {recording.base[ref] for ref in call.reads()} | touched
            wanted |= bases - lasting
    return early


def _written(recording: Recording, call: Call) -> set[Ref]:
    """Owners of the memory that a call makes or changes."""
    new = {ref for ref in call.results if ref is not None}
    return {recording.base[ref] for ref in new | set(call.changed())}


def _refuse_conflicts(recording: Recording, early: set[int]) -> None:
    """Says no where a draw would see other values when it came before the rest."""
    shared: dict[Ref, bool] = {}  # memory touched by the rest so far, and whether it was changed
    for index, call in enumerate(recording.calls):
        written = {recording.base[ref] for ref in call.changed()}
        touched = {recording.base[ref] for ref in call.reads()} | written
        if index not in early:
            for owner in touched:
                shared[owner] = shared.get(owner, False) or owner in written
            continue
        if any(shared[owner] or owner in written for owner in touched if owner in shared):
            drawing = next(later for later in recording.calls[index:] if later.is_random)
            raise CaptureError(
                f"a random draw ({drawing.name}) depends on values that the step computes.",
                expected="draws whose shape and settings are known before the step.",
                fix="draw with fixed settings and scale the result afterwards.",
            )

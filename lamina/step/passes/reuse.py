"""Lets elementwise kernels write over an argument that nobody needs afterwards.

The result is then still in the cache, and no new memory is touched: on the activations of a
convolution that is worth more than the arithmetic (benchmarks/is_the_captured_step_faster.py, C).
"""

from typing import Any

from lamina.step.kernels import has_out_form, is_elementwise
from lamina.step.recording import Call, Recording, Ref


def reuse_arguments(recording: Recording) -> Recording:
    """Makes results of elementwise calls share the memory of an argument that dies there."""
    result = recording.copy(recording.calls)
    owned = {
        ref
        for call in recording.calls
        for ref in call.results
        if ref is not None and recording.base[ref] == ref and ref not in recording.constants
    }
    members: dict[Ref, set[Ref]] = {}
    for ref, base in result.base.items():
        members.setdefault(base, set()).add(ref)
    last = _last_touches(result)
    leaving = {recording.base[ref] for ref in recording.output_refs()}
    for index, call in enumerate(recording.calls):
        argument = _victim(call, index, result, owned, last, leaving)
        if argument is None:
            continue
        new: Any = call.results[0]  # a Ref: such calls return a tensor
        owner = result.base[argument]
        for ref in members.pop(new, set()):
            result.base[ref] = owner
            members[owner].add(ref)
        last[owner] = max(last[owner], last.get(new, index))
        if new in leaving:
            leaving.add(owner)
    return result


def _last_touches(recording: Recording) -> dict[Ref, int]:
    last: dict[Ref, int] = {}
    for index, call in enumerate(recording.calls):
        for ref in call.reads():
            last[recording.base[ref]] = index
    return last


def _victim(
    call: Call,
    index: int,
    recording: Recording,
    owned: set[Ref],
    last: dict[Ref, int],
    leaving: set[Ref],
) -> Ref | None:
    """An argument of the result's layout whose memory is free after this call."""
    if not is_elementwise(call) or not has_out_form(call) or call.results[0] not in owned:
        return None
    wanted = recording.layouts[call.results[0]]
    arguments = list(call.reads())
    for ref in arguments:
        owner = recording.base[ref]
        layout = recording.layouts[ref]
        is_free = owner in owned and last[owner] == index and owner not in leaving
        is_alone = sum(recording.base[other] == owner for other in arguments) == 1
        same = (layout.shape, layout.stride, layout.dtype) == (
            wanted.shape,
            wanted.stride,
            wanted.dtype,
        )
        whole = recording.layouts[owner].numel == layout.numel
        if is_free and is_alone and same and whole and layout.is_dense:
            return ref
    return None

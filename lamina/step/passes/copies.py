"""Lets a kernel write straight into the memory its result is copied to next.

Gradients are copied into one flat buffer by the step; after this pass the kernels of the backward
pass write them there themselves.
"""

from lamina.step.kernels import has_out_form
from lamina.step.recording import Call, Layout, Recording, Ref

_COPY = "aten.copy_.default"


def write_in_place(recording: Recording) -> Recording:
    """Drops copies into lasting memory whose source can be computed there."""
    producer = {
        ref: index
        for index, call in enumerate(recording.calls)
        for ref in call.results
        if ref is not None and recording.base[ref] == ref
    }
    dropped: set[int] = set()
    result = recording.copy(recording.calls)
    for index, call in enumerate(recording.calls):
        if call.name != _COPY or not _can_move(call, index, recording, producer):
            continue
        target, source = call.args[:2]
        _move(result, result.base[source], target)
        dropped.add(index)
    result.calls = [call for index, call in enumerate(recording.calls) if index not in dropped]
    return result


def _can_move(call: Call, index: int, recording: Recording, producer: dict[Ref, int]) -> bool:
    target, source = call.args[:2]
    if target not in recording.constants or not isinstance(source, Ref):
        return False
    owner = recording.base[source]
    if owner not in producer or owner in recording.output_refs():
        return False
    start = producer[owner]
    to, of, whole = (recording.layouts[ref] for ref in (target, source, owner))
    fits = (
        to.shape == of.shape
        and to.dtype == of.dtype
        and to.device == of.device
        and whole.numel == to.numel
        and all(map(_is_plain, (to, of, whole)))
    )
    if not fits or not has_out_form(recording.calls[start]):
        return False
    return _is_undisturbed(recording, start, index, owner, recording.base[target], target)


def _is_plain(layout: Layout) -> bool:
    """Whether the elements lie in row-major order without gaps."""
    expected = 1
    for stride, size in zip(reversed(layout.stride), reversed(layout.shape), strict=True):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def _is_undisturbed(
    recording: Recording, start: int, end: int, owner: Ref, memory: Ref, target: Ref
) -> bool:
    """Whether nobody touches the target between, nor changes the source, nor reads it after."""
    overlapping = {
        ref
        for ref, base in recording.base.items()
        if base == memory and _overlaps(recording, ref, target)
    }
    for call in recording.calls[start + 1 : end]:
        if overlapping & set(call.reads()):
            return False
        if any(recording.base[ref] == owner for ref in call.changed()):
            return False
    if overlapping & set(recording.calls[start].reads()):
        return False
    later = recording.calls[end + 1 :]
    return not any(recording.base[ref] == owner for call in later for ref in call.reads())


def _overlaps(recording: Recording, one: Ref, other: Ref) -> bool:
    first, second = recording.layouts[one], recording.layouts[other]
    return _end(first) > second.offset and _end(second) > first.offset


def _end(layout: Layout) -> int:
    spans = zip(layout.shape, layout.stride, strict=True)
    return layout.offset + 1 + sum((size - 1) * stride for size, stride in spans)


def _move(recording: Recording, owner: Ref, target: Ref) -> None:
    """Makes `owner` and its views constants that lie in the target's memory."""
    memory = recording.constants[target]
    start = memory.storage_offset()
    for ref, base in list(recording.base.items()):
        if base == owner:
            layout = recording.layouts[ref]
            recording.constants[ref] = memory.as_strided(
                layout.shape, layout.stride, start + layout.offset
            )
            recording.base[ref] = recording.base[target]

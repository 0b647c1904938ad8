"""Computes once what is the same in every step: ones to start the backward pass, ranges, masks."""

from typing import Any

import torch
from torch import Tensor

from lamina.step.recording import Call, Recording, Ref

# They look at the shape of their argument only.
_SHAPE_ONLY = {
    "aten.ones_like.default",
    "aten.zeros_like.default",
    "aten.full_like.default",
    "aten.new_zeros.default",
    "aten.new_ones.default",
    "aten.new_full.default",
}
_MOST_BYTES = 1 << 24  # larger results are made anew rather than kept


def fold_constants(recording: Recording) -> Recording:
    """Runs calls that depend on nothing but numbers now, and keeps their results as constants."""
    changed = recording.changed()
    folded: dict[Ref, Tensor] = {}
    kept: list[Call] = []
    for call in recording.calls:
        if _is_foldable(call, recording, folded, changed):
            for ref, value in zip(call.results, _run(call, recording, folded), strict=True):
                if ref is not None:
                    folded[ref] = value
        else:
            kept.append(call)
    result = recording.copy(kept)
    result.constants.update(folded)
    return result


def _is_foldable(
    call: Call, recording: Recording, folded: dict[Ref, Tensor], changed: set[Ref]
) -> bool:
    if call.is_random or call.changed() or "empty" in call.name:
        return False
    results = [ref for ref in call.results if ref is not None]
    if len(results) < len(call.results):
        return False
    if any(recording.base[ref] in changed for ref in results):
        return False
    if sum(recording.layouts[ref].num_bytes for ref in results) > _MOST_BYTES:
        return False
    return call.name in _SHAPE_ONLY or all(ref in folded for ref in call.reads())


def _run(call: Call, recording: Recording, folded: dict[Ref, Tensor]) -> list[Any]:
    def value(ref: Ref) -> Tensor:
        if ref in folded:
            return folded[ref]
        layout = recording.layouts[ref]
        return torch.empty_strided(
            layout.shape, layout.stride, dtype=layout.dtype, device=layout.device
        )

    args, kwargs = call.with_refs(value)
    with torch.no_grad():
        result = call.operation(*args, **kwargs)
    return list(result) if isinstance(result, (tuple, list)) else [result]

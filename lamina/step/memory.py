"""Plans the memory of intermediate results: one arena, shared by what never lives at once."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lamina.step.kernels import has_out_form
from lamina.step.recording import Recording, Ref

_ALIGNMENT = 64  # bytes; what torch's own allocator gives, so that kernels behave alike


@dataclass(frozen=True)
class _Life:
    """When a result is first written and last touched, as positions in the list of calls."""

    owner: Ref
    start: int
    end: int
    num_bytes: int


def place_results(recording: Recording) -> dict[Ref, Tensor]:
    """Fixed memory for every result that its kernel can write into, and for all views of it.

    Results that leave the step, and those of kernels that insist on new memory, get none.
    """
    lives = _lives(recording)
    placed: dict[Ref, Tensor] = dict(recording.constants)
    by_device: dict[torch.device, list[_Life]] = {}
    for life in lives:
        by_device.setdefault(recording.layouts[life.owner].device, []).append(life)
    for device, group in by_device.items():
        offsets, size = _pack(group)
        arena = torch.empty(size + _ALIGNMENT, dtype=torch.uint8, device=device)
        shift = -arena.data_ptr() % _ALIGNMENT
        for life in group:
            start = shift + offsets[life.owner]
            layout = recording.layouts[life.owner]
            block = arena[start : start + life.num_bytes].view(layout.dtype)
            placed[life.owner] = block.as_strided(layout.shape, layout.stride)
    _place_views(recording, placed)
    return placed


def _lives(recording: Recording) -> list[_Life]:
    leaving = {recording.base[ref] for ref in recording.output_refs()}
    last: dict[Ref, int] = {}
    for index, call in enumerate(recording.calls):
        for ref in call.reads():
            last[recording.base[ref]] = index
    found = []
    for index, call in enumerate(recording.calls):
        if not has_out_form(call):
            continue
        owner: Any = call.results[0]  # a Ref: such calls return a tensor
        layout = recording.layouts[owner]
        is_own = recording.base[owner] == owner and owner not in recording.constants
        if is_own and owner not in leaving and layout.is_dense and layout.offset == 0:
            found.append(_Life(owner, index, last.get(owner, index), max(layout.num_bytes, 1)))
    return found


def _pack(lives: list[_Life]) -> tuple[dict[Ref, int], int]:
    """Offsets by first fit, the largest first, and the bytes needed in all."""
    offsets: dict[Ref, int] = {}
    placed: list[tuple[int, int, _Life]] = []
    for life in sorted(lives, key=lambda life: (-life.num_bytes, life.start)):
        size = -(-life.num_bytes // _ALIGNMENT) * _ALIGNMENT
        neighbours = sorted(
            (begin, end)
            for begin, end, other in placed
            if other.start <= life.end and life.start <= other.end
        )
        offset = 0
        for begin, end in neighbours:
            if begin - offset >= size:
                break
            offset = max(offset, end)
        offsets[life.owner] = offset
        placed.append((offset, offset + size, life))
    return offsets, max((end for _, end, _ in placed), default=0)


def _place_views(recording: Recording, placed: dict[Ref, Tensor]) -> None:
    for call in recording.calls:
        for ref in call.results:
            if ref is None or ref in placed:
                continue
            owner = recording.base[ref]
            if owner in placed and owner != ref:
                placed[ref] = _view(placed[owner], recording, owner, ref)


def _view(memory: Tensor, recording: Recording, owner: Ref, ref: Ref) -> Tensor:
    layout, start = recording.layouts[ref], recording.layouts[owner].offset
    offset = memory.storage_offset() + layout.offset - start
    if layout.dtype != memory.dtype:
        return memory.view(layout.dtype).as_strided(layout.shape, layout.stride)
    return memory.as_strided(layout.shape, layout.stride, offset)

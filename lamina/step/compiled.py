"""Tier `compiled`: a recording handed to torch's compiler, Inductor, as one graph.

Kernels are fused and run as one call of C++ (Triton on a GPU). Sums are taken in another order
than in the other tiers: equal to about 1e-5 a step, not to the bit. Random numbers are the same.
"""

from typing import Any

import torch
from torch import Tensor

from lamina.core import private_torch, trees
from lamina.core.errors import CaptureError
from lamina.step.passes import drop_dead_calls, fold_constants
from lamina.step.passes.draws import split_draws
from lamina.step.recording import Layout, Recording, Ref
from lamina.step.replay import Replay
from lamina.step.small_products import CPP_TEXT


class Compiled:
    """Runs a recording again on other inputs of the same shapes and dtypes, compiled.

    Args:
        recording: What to run, best that of a step made with `fused`.

    Raises:
        CaptureError: The compiler gave up, or draws cannot be separated from the rest.

    Attributes:
        num_calls: Calls made at each run: the compiled one, and those that draw.
    """

    def __init__(self, recording: Recording) -> None:
        cleaned = drop_dead_calls(fold_constants(recording))
        draws, rest = split_draws(cleaned)
        self._draws = Replay(draws, plan_memory=False) if draws.calls else None
        self.num_calls = 1 + (self._draws.num_calls if self._draws else 0)
        self._places = _Places(rest)
        self._outputs = rest.outputs
        self._strides = [rest.layouts[ref].stride for ref in rest.inputs]
        self._lasting = self._places.tensors
        self._run = self._compile(rest)

    def __call__(self, *inputs: Tensor) -> Any:
        """Runs the step; returns what the recorded function returned."""
        with torch.inference_mode():
            drawn = self._draws.run(*inputs) if self._draws else ()
            given = [
                tensor if tensor.stride() == stride else _restrided(tensor, stride)
                for tensor, stride in zip((*inputs, *drawn), self._strides, strict=True)
            ]
            results = self._run([*given, *self._lasting])
        remaining = iter(results)
        return trees.transform(
            lambda leaf: next(remaining) if isinstance(leaf, Ref) else leaf, self._outputs
        )

    def _compile(self, rest: Recording) -> Any:
        layouts = [rest.layouts[ref] for ref in rest.inputs]
        examples = [*map(_blank, layouts), *self._lasting]
        devices = {example.device.type for example in examples if example.ndim}
        interpreted = _Interpreter(rest, self._places)
        try:
            graph, fakes = private_torch.functional_graph(interpreted, examples)
            text = CPP_TEXT if devices <= {"cpu"} else None
            return private_torch.compile_graph(graph, fakes, text)
        except RuntimeError as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise CaptureError(
                f"torch's compiler gave up on the step: {reason[0][:120]}",
                expected="operations that Inductor knows.",
                fix='compile(jit="auto"), which runs the same step without the compiler.',
            ) from error


class _Places:
    """Lasting memory as separate tensors that do not overlap, as the compiler takes it.

    Constants whose memory overlaps, of which some is changed, become views of one tensor.
    """

    def __init__(self, recording: Recording) -> None:
        self.tensors: list[Tensor] = []
        self.views: dict[Ref, tuple[int, Layout | None]] = {}
        changed = recording.changed()
        for group in _overlapping(recording):
            refs = [ref for ref, _ in group]
            is_plain = len(refs) == 1 or not {recording.base[ref] for ref in refs} & changed
            if is_plain:
                for ref in refs:
                    self.views[ref] = (len(self.tensors), None)
                    self.tensors.append(recording.constants[ref])
            else:
                self._join(group, recording)

    def _join(self, group: list[tuple[Ref, Layout]], recording: Recording) -> None:
        start = min(layout.offset for _, layout in group)
        end = max(_end(layout) for _, layout in group)
        tensor = recording.constants[group[0][0]]
        if any(layout.dtype != tensor.dtype for _, layout in group):
            raise CaptureError(
                "the step changes memory that it also reads as another dtype.",
                expected="one dtype for each tensor that the step changes.",
                fix="copy the tensor instead of calling .view(dtype).",
            )
        for ref, layout in group:
            self.views[ref] = (len(self.tensors), layout._replace(offset=layout.offset - start))
        self.tensors.append(tensor.as_strided((end - start,), (1,), start))


class _Interpreter:
    """Runs the calls of a recording one by one, for the compiler to watch."""

    def __init__(self, recording: Recording, places: _Places) -> None:
        self._recording, self._places = recording, places

    def __call__(self, *given: Tensor) -> list[Tensor]:
        recording = self._recording
        count = len(recording.inputs)
        known = dict(zip(recording.inputs, given[:count], strict=True))
        for ref, (number, layout) in self._places.views.items():
            tensor = given[count + number]
            if layout is not None:
                tensor = tensor.as_strided(layout.shape, layout.stride, layout.offset)
            known[ref] = tensor
        for call in recording.calls:
            args, kwargs = call.with_refs(known.__getitem__)
            results = trees.leaves(call.operation(*args, **kwargs))
            for made, result in zip(call.results, results, strict=True):
                if made is not None:
                    known.setdefault(made, result)
        return [known[ref] for ref in recording.output_refs()]


def _overlapping(recording: Recording) -> list[list[tuple[Ref, Layout]]]:
    """The constants that the calls use, those that share memory together."""
    used = {ref for call in recording.calls for ref in call.reads()} | {*recording.output_refs()}
    by_storage: dict[int, list[tuple[Ref, Layout]]] = {}
    for ref, tensor in recording.constants.items():
        if ref in used:
            storage = private_torch.storage_key(tensor)
            by_storage.setdefault(storage, []).append((ref, Layout.of(tensor)))
    groups: list[list[tuple[Ref, Layout]]] = []
    for members in by_storage.values():
        end = -1
        for ref, layout in sorted(members, key=lambda member: member[1].offset):
            if layout.offset >= end:
                groups.append([])
            groups[-1].append((ref, layout))
            end = max(end, _end(layout))
    return groups


def _end(layout: Layout) -> int:
    """The first element of the memory behind a tensor."""
    if layout.numel == 0:
        return layout.offset
    spans = zip(layout.shape, layout.stride, strict=True)
    return layout.offset + 1 + sum((size - 1) * stride for size, stride in spans)


def _blank(layout: Layout) -> Tensor:
    return torch.empty_strided(
        layout.shape, layout.stride, dtype=layout.dtype, device=layout.device
    )


def _restrided(tensor: Tensor, stride: tuple[int, ...]) -> Tensor:
    """The same values in the order in memory that the code was compiled for."""
    place = torch.empty_strided(tensor.shape, stride, dtype=tensor.dtype, device=tensor.device)
    return place.copy_(tensor)

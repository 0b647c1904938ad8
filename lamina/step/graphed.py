"""Tier `graphed`: the captured step as one CUDA graph, launched with a single call.

Inputs are copied into fixed buffers; whatever the step changes lies where it always lay. Not run
on a GPU by the default tests; those marked `gpu` do it.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core import private_torch
from lamina.core.errors import CaptureError
from lamina.step.recording import Call, Recording, Ref
from lamina.step.replay import Replay


class Graphed:
    """Runs a recording again, as a CUDA graph.

    What a run returns is overwritten by the next one, and by other graphs of the same `pool`.

    Args:
        recording: What to run; all of it on one GPU.
        pool: Memory shared with graphs that never run at the same time, from
            `torch.cuda.graph_pool_handle`.

    Raises:
        CaptureError: The recording does something that a graph cannot hold.

    Attributes:
        num_calls: Calls made at each run: the launch.
    """

    num_calls = 1

    def __init__(self, recording: Recording, pool: Any = None) -> None:
        refusal = graph_refusal(recording)
        if refusal is not None:
            raise refusal
        self._replay = Replay(recording)
        self._inputs = static_inputs(recording)
        self._device = recording.layouts[recording.inputs[0]].device
        self._graph = torch.cuda.CUDAGraph()
        self._stream = torch.cuda.Stream(self._device)  # libraries keep a workspace a stream
        generators = generators_of(recording)
        for generator in generators:
            private_torch.register_generator(self._graph, generator)
        try:
            self._warm_up(changed_tensors(recording), generators)
            self._outputs = self._capture(pool)
        except RuntimeError as error:
            raise _not_captured(str(error)) from error

    def __call__(self, *inputs: Tensor) -> Any:
        """Copies the inputs into place and launches the graph."""
        with torch.inference_mode():
            private_torch.copy_all(self._inputs, list(inputs))
            self._graph.replay()
        return self._outputs

    def _warm_up(self, changed: list[Tensor], generators: list[torch.Generator]) -> None:
        """Runs once beside the main stream, so that libraries get their memory; then undoes it."""
        before = [tensor.clone() for tensor in changed]
        draws = [generator.get_state() for generator in generators]
        main = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(main)
        with torch.cuda.stream(self._stream), torch.inference_mode():
            self._replay.run(*self._inputs)
            private_torch.copy_all(changed, before)
        main.wait_stream(self._stream)
        for generator, state in zip(generators, draws, strict=True):
            generator.set_state(state)

    def _capture(self, pool: Any) -> Any:
        """Other threads, such as those that load data, may go on using the GPU meanwhile."""
        with (
            torch.inference_mode(),
            torch.cuda.graph(
                self._graph, pool=pool, stream=self._stream, capture_error_mode="thread_local"
            ),
        ):
            return self._replay.run(*self._inputs)


def static_inputs(recording: Recording) -> list[Tensor]:
    """Fixed buffers, one an input, filled with 0, laid out as the recorded inputs were."""
    layouts = [recording.layouts[ref] for ref in recording.inputs]
    return [
        torch.empty_strided(one.shape, one.stride, dtype=one.dtype, device=one.device).zero_()
        for one in layouts
    ]


def changed_tensors(recording: Recording) -> list[Tensor]:
    """The lasting tensors in whose memory some call writes."""
    owners = recording.changed()
    return [t for ref, t in recording.constants.items() if recording.base[ref] in owners]


def generators_of(recording: Recording) -> list[torch.Generator]:
    """The random generators that the calls draw from, each once."""
    found = {id(leaf): leaf for call in recording.calls for leaf in call.generators()}
    return list(found.values())


def graph_refusal(recording: Recording) -> CaptureError | None:
    """Why a CUDA graph cannot hold this recording, or `None`."""
    if not recording.inputs or recording.layouts[recording.inputs[0]].device.type != "cuda":
        return CaptureError(
            "a CUDA graph cannot run a step whose inputs lie on the CPU.",
            expected="a model and batches on an NVIDIA or AMD GPU.",
            fix="compile(jit=True), which runs the captured step call by call.",
        )
    device = recording.layouts[recording.inputs[0]].device
    for call in recording.calls:
        reason = _reason(call, recording, device)
        if reason:
            return _not_captured(f"{call.name} {reason}")
    return None


def _reason(call: Call, recording: Recording, device: torch.device) -> str:
    changed = set(call.changed())
    new = {ref for ref in call.results if ref is not None}
    for ref in (*changed, *new):
        if recording.layouts[ref].device != device:
            return f"writes to {recording.layouts[ref].device}, not to {device}"
    for ref in _elsewhere(call, recording, device):
        if recording.layouts[ref].shape or not _is_fixed(ref, recording):
            return f"reads a tensor on {recording.layouts[ref].device}"
    return ""


def _elsewhere(call: Call, recording: Recording, device: torch.device) -> Iterator[Ref]:
    return (ref for ref in call.reads() if recording.layouts[ref].device != device)


def _is_fixed(ref: Ref, recording: Recording) -> bool:
    """Whether a number on the CPU is the same in every step, so that the graph may keep it."""
    return ref in recording.constants and recording.base[ref] not in recording.changed()


def _not_captured(reason: str) -> CaptureError:
    line = (reason.strip().splitlines() or ["no reason given"])[0]
    return CaptureError(
        f"the step cannot become a CUDA graph: {line[:140]}.",
        expected="kernels on one GPU only, without waiting for the host.",
        fix="keep every tensor of the model on the GPU; the step is captured without a graph.",
    )

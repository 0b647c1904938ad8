"""Runs one function again and again, by the fastest tier that is equal to it.

The first two runs are recorded; if both made the same kernel calls, later ones replay them. What
cannot be replayed runs eagerly, and `refusal` says why.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import randomness
from lamina.core.errors import CaptureError
from lamina.step.record import difference, record
from lamina.step.recording import Recording
from lamina.step.replay import Replay

Function = Callable[..., Any]


class Runner:
    """Runs functions of tensors, each under a key that stands for the layout of its inputs.

    Args:
        tier: "captured", or "eager" to never record.
        plan_memory: Whether replays write into fixed memory; `False` makes them fit for threads.
        recordings: Runs to record before a replay is trusted. Two for a training step; one is
            enough for a pure function of its inputs.

    Attributes:
        refusal: Why some key runs eagerly, or `None`.
        num_captures: Replays made so far.
    """

    def __init__(
        self, tier: str = "captured", *, plan_memory: bool = True, recordings: int = 2
    ) -> None:
        self.tier = tier
        self.refusal: CaptureError | None = None
        self.num_captures = 0
        self._plan_memory = plan_memory
        self._needed = recordings
        self._replays: dict[Hashable, Replay] = {}
        self._recorded: dict[Hashable, Recording] = {}
        self._eager: set[Hashable] = set()
        self._uses_randomness: dict[Hashable, bool] = {}

    def __call__(
        self, key: Hashable, function: Function, inputs: Sequence[Tensor], seed: int | None = None
    ) -> Any:
        """Runs `function(*inputs)`, whose randomness starts at `seed`."""
        replay = self._replays.get(key)
        if replay is not None:
            if seed is not None and self._uses_randomness[key]:
                reseed(inputs, seed)
            return replay(*inputs)
        if seed is not None:
            reseed(inputs, seed)
        if self.tier == "eager" or key in self._eager:
            return function(*inputs)
        return self._record(key, function, inputs)

    @property
    def name(self) -> str:
        """The tier that runs: the one asked for, or "eager" where it was refused."""
        return "eager" if self.refusal is not None else self.tier

    @property
    def replays(self) -> dict[Hashable, Replay]:
        """The captured functions, by key."""
        return self._replays

    def _record(self, key: Hashable, function: Function, inputs: Sequence[Tensor]) -> Any:
        result, recording = record(function, inputs)
        refusal = recording.refusal
        earlier = self._recorded.pop(key, None)
        if refusal is None and earlier is not None:
            refusal = difference(earlier, recording)
        if refusal is not None:
            self.refusal = self.refusal or refusal
            self._eager.add(key)
        elif earlier is None and self._needed > 1:
            self._recorded[key] = recording
        else:
            self._uses_randomness[key] = any(call.is_random for call in recording.calls)
            self._replays[key] = Replay(recording, plan_memory=self._plan_memory)
            self.num_captures += 1
        return result


def reseed(inputs: Sequence[Tensor], seed: int) -> None:
    """Starts the stream that layers draw from, on the device of these tensors."""
    device = inputs[0].device if inputs else torch.device("cpu")
    randomness.step_generator(device).manual_seed(seed)


def layout_key(inputs: Sequence[Tensor]) -> Hashable:
    """A key that is equal for inputs of equal shapes and dtypes."""
    return tuple((tensor.shape, tensor.dtype) for tensor in inputs)

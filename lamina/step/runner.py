"""Runs one function again and again, by the fastest tier that is equal to it.

The first two runs are recorded; if both made the same kernel calls, later ones replay them. What
cannot be replayed runs eagerly, and `refusal` says why.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lamina.core import randomness
from lamina.core.errors import CaptureError
from lamina.step import choose
from lamina.step.graphed import generators_of
from lamina.step.record import difference, record
from lamina.step.recording import Recording
from lamina.step.replay import Replay

Function = Callable[..., Any]


class Runner:
    """Runs functions of tensors, each under a key that stands for the layout of its inputs.

    Args:
        tier: One that the device can run, see `step.choose`; "eager" never records.
        plan_memory: Whether replays write into fixed memory; `False` makes them fit for threads.
        recordings: Runs to record before a replay is trusted. Two for a training step; one is
            enough for a pure function of its inputs.
        patience: Replays of a key before tier "compiled" compiles it.

    Attributes:
        refusal: Why some key does not run by the tier asked for, or `None`.
        num_captures: Replays made so far, by any tier.
    """

    def __init__(
        self,
        tier: str = "captured",
        *,
        plan_memory: bool = True,
        recordings: int = 2,
        patience: int = choose.RUNS_BEFORE_COMPILING,
    ) -> None:
        self.tier = tier
        self.refusal: CaptureError | None = None
        self.num_captures = 0
        self._plan_memory = plan_memory
        self._needed = recordings
        self._patience = patience if tier == "compiled" else 0
        self._pool = choose.new_pool(tier)
        self._replays: dict[Hashable, Any] = {}
        self._recorded: dict[Hashable, Recording] = {}
        self._eager: set[Hashable] = set()
        self._streams: dict[Hashable, torch.Generator | None] = {}

    def __call__(
        self, key: Hashable, function: Function, inputs: Sequence[Tensor], seed: int | None = None
    ) -> Any:
        """Runs `function(*inputs)`, whose randomness starts at `seed`."""
        replay = self._replays.get(key)
        if replay is not None:
            stream = self._streams[key]
            if stream is not None and seed is not None:
                stream.manual_seed(seed)
            return replay(*inputs)
        if seed is not None:
            reseed(inputs, seed)
        if self.tier == "eager" or key in self._eager:
            return function(*inputs)
        return self._record(key, function, inputs)

    @property
    def name(self) -> str:
        """The slowest tier that runs: the one asked for, or what took its place."""
        if self._eager or self.tier == "eager":
            return "eager"
        return self.tier if self.refusal is None else "captured"

    @property
    def replays(self) -> dict[Hashable, Any]:
        """The captured functions, by key; each has `num_calls`, the calls it makes in a run."""
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
            self._streams[key] = _drawn_from(recording, step_stream(inputs))
            self._capture(key, recording)
        return result

    def _capture(self, key: Hashable, recording: Recording) -> None:
        self.num_captures += 1
        if self._patience:
            done = partial(self._make, key, recording)
            self._replays[key] = _Waiting(recording, self._patience, done)
        else:
            self._make(key, recording)

    def _make(self, key: Hashable, recording: Recording) -> None:
        made, refusal = choose.make(
            self.tier, recording, plan_memory=self._plan_memory, pool=self._pool
        )
        self._replays[key] = made
        self.refusal = self.refusal or refusal


def _drawn_from(recording: Recording, stream: torch.Generator) -> torch.Generator | None:
    """The stream if the calls draw from it, `None` if starting it would be work for nothing.

    torch hands calls another Python object for the same generator, so seeds are compared.
    """
    seed = stream.initial_seed()
    draws = any(one.initial_seed() == seed for one in generators_of(recording))
    return stream if draws else None


class _Waiting:
    """Replays a recording until it has run so often that compiling it pays.

    Args:
        recording: What to run.
        patience: Runs until then.
        done: Called after that many; puts another in this one's place.
    """

    def __init__(self, recording: Recording, patience: int, done: Callable[[], None]) -> None:
        self._replay = Replay(recording)
        self.num_calls = self._replay.num_calls
        self._left, self._done = patience, done

    def __call__(self, *inputs: Tensor) -> Any:
        result = self._replay(*inputs)
        self._left -= 1
        if self._left == 0:
            self._done()
        return result


def reseed(inputs: Sequence[Tensor], seed: int) -> None:
    """Starts the stream that layers draw from, on the device of these tensors."""
    step_stream(inputs).manual_seed(seed)


def step_stream(inputs: Sequence[Tensor]) -> torch.Generator:
    """The stream that layers draw from, on the device of these tensors."""
    device = inputs[0].device if inputs else torch.device("cpu")
    return randomness.step_generator(device)


def layout_key(inputs: Sequence[Tensor]) -> Hashable:
    """A key that is equal for inputs of equal shapes and dtypes."""
    return tuple((tensor.shape, tensor.dtype) for tensor in inputs)

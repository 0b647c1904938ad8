"""Which tier runs: what a plan wishes for, what the device can do, and why not if not.

A refusal is a value: it comes back beside the tier that runs instead, and stands in the history.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from lamina.core import private_torch
from lamina.core.errors import CaptureError
from lamina.step.compiled import Compiled
from lamina.step.graphed import Graphed
from lamina.step.recording import Recording
from lamina.step.replay import Replay

TIERS = ("eager", "captured", "graphed", "compiled")

RUNS_BEFORE_COMPILING = 64
"""Replays of a step before it is compiled: short runs and the rare short batch never pay for it."""


class Choice(NamedTuple):
    """The tier that runs, and why the one wished for does not."""

    tier: str
    refusal: CaptureError | None = None


def choose(wish: str, device: torch.device) -> Choice:
    """The tier for training steps on this device.

    Args:
        wish: One of `TIERS`; "captured" is the default and becomes "graphed" on a GPU.
        device: Where the model lies.
    """
    if wish == "compiled":
        refusal = _compiler_missing(device)
        return Choice(_default(device), refusal) if refusal else Choice("compiled")
    if wish == "graphed" and device.type != "cuda":
        return Choice("captured", _no_gpu(device))
    return Choice(_default(device) if wish == "captured" else wish)


def choose_reading(wish: str, device: torch.device) -> Choice:
    """The tier for evaluation, which is not compiled: it would cost more than it saves."""
    return choose("captured" if wish == "compiled" else wish, device)


def make(
    tier: str, recording: Recording, *, plan_memory: bool = True, pool: Any = None
) -> tuple[Callable[..., Any], CaptureError | None]:
    """What runs a recording, by this tier where it can and as straight-line code where not."""
    try:
        if tier == "compiled":
            return Compiled(recording), None
        if tier == "graphed":
            return Graphed(recording, pool), None
    except CaptureError as refusal:
        return Replay(recording, plan_memory=plan_memory), refusal
    return Replay(recording, plan_memory=plan_memory), None


def new_pool(tier: str) -> Any:
    """Memory that the graphs of one runner share: no two of them run at once."""
    return torch.cuda.graph_pool_handle() if tier == "graphed" else None


def _default(device: torch.device) -> str:
    return "graphed" if device.type == "cuda" else "captured"


def _compiler_missing(device: torch.device) -> CaptureError | None:
    if device.type == "cpu" and private_torch.cpp_compiler() is None:
        return CaptureError(
            "the step cannot be compiled: this machine has no C++ compiler.",
            expected="g++ or clang++ on the path, or its name in the variable CXX.",
            fix='install g++, or compile(jit="auto"), which needs no compiler.',
        )
    if device.type == "cuda" and not private_torch.has_triton():
        return CaptureError(
            "the step cannot be compiled: triton is missing or does not know this GPU.",
            expected="the package triton, which comes with torch for Linux, and a GPU it serves.",
            fix='pip install triton, or compile(jit="auto"), which needs no compiler.',
        )
    if device.type not in ("cpu", "cuda"):
        return CaptureError(
            f"the step cannot be compiled for device {str(device)!r}.",
            expected="a model on the CPU or on an NVIDIA or AMD GPU.",
            fix='compile(jit="auto").',
        )
    return None


def _no_gpu(device: torch.device) -> CaptureError:
    return CaptureError(
        f"the step cannot become a CUDA graph on device {str(device)!r}.",
        expected="a model on an NVIDIA or AMD GPU.",
        fix='compile(jit="auto"), which takes the best tier of each device.',
    )

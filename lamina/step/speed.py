"""Where the time of a run went, in words: launch-bound, input-bound or compute-bound."""

import time
from functools import cache

import torch

from lamina.step.runner import Runner

_TOO_FEW = 100  # steps; the first ones are recorded, which takes most of so short a run
_INPUT_BOUND = 0.3
_LAUNCH_BOUND = 0.4


@cache
def seconds_per_call() -> float:
    """What one call of a kernel costs that has nothing to compute: the price of launching."""
    one = torch.zeros(1)
    result = torch.zeros(1)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(5):
            started = time.perf_counter()
            for _ in range(100):
                torch.neg(one, out=result)
            best = min(best, (time.perf_counter() - started) / 100)
    return best


def shares(runner: Runner, steps: int, seconds: float, data_seconds: float) -> tuple[float, float]:
    """Shares of the time spent waiting for data and between kernels, each from 0 to 1.

    The second is the number of kernel calls of a captured step times the price of one call; it
    is 0 where nothing was captured, because an eager step was not counted.
    """
    if not steps or seconds <= 0:
        return 0.0, 0.0
    data = min(1.0, data_seconds / seconds)
    calls = max((replay.num_calls for replay in runner.replays.values()), default=0)
    return data, min(1.0 - data, calls * seconds_per_call() * steps / seconds)


def verdict(tier: str, steps: int, data_share: float, launch_share: float) -> str:
    """What limits the speed, and what would help."""
    if steps < _TOO_FEW:
        return f"{steps} steps are too few to say what limits it"
    if data_share > _INPUT_BOUND:
        return (
            f"input-bound: {data_share:.0%} of the time waits for data; "
            "arrays in memory, or a source with more workers, would help"
        )
    if tier == "eager":
        return "eager: most of the time of small models passes between the kernels"
    if launch_share > _LAUNCH_BOUND:
        return (
            f"launch-bound: {launch_share:.0%} of the time passes between kernels; "
            "a larger batch_size would help"
        )
    return "compute-bound: the time is spent inside the kernels"

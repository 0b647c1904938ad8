"""Times every line of Lamina's captured step while `fit` trains one of the jobs.

    python -m benchmarks.peers.lamina_profile A

Two epochs are timed as they are, then one with a clock around each kernel call. Prints one line of
JSON: seconds of a step as it is, and seconds and count of each kernel in a step.
"""

import json
import sys
import time
from collections import Counter
from typing import Any

import torch

import lamina
from benchmarks.parts import data
from benchmarks.parts.jobs import JOBS, Job
from benchmarks.parts.watch import Watch
from benchmarks.peers import keras_program
from lamina.step.replay import Replay
from lamina.step.runner import Runner
from lamina.train.session import Session

CLOCK = "clock_"
SPENT = "spent_"


def with_clocks(replay: Replay) -> tuple[Any, list[str], list[float]]:
    """The step's code with a clock around each line.

    Returns:
        The function, the kernel of each line, and the seconds of each line, which runs add to.
    """
    head, *lines = replay.source.splitlines()
    kernels: list[str] = []
    body: list[str] = []
    for line in lines:
        text = line.strip()
        if text.startswith(("return", "del ")):
            body.append(line)
            continue
        place = len(kernels)
        called = text.partition("(")[0].rpartition("=")[2].strip()
        kernels.append(called.rstrip("0123456789").strip("_").removesuffix("_default"))
        body += [f"    t_ = {CLOCK}()", line, f"    {SPENT}[{place}] += {CLOCK}() - t_"]
    spent = [0.0] * len(kernels)
    names = dict(replay.run.__globals__) | {CLOCK: time.perf_counter, SPENT: spent}
    exec(compile("\n".join([head, *body]), "<timed step>", "exec"), names)
    return names["replay"], kernels, spent


def price_of_a_clock() -> float:
    """Seconds that an empty pair of clocks measures."""
    spent = [0.0]
    clock = time.perf_counter
    for _ in range(100_000):
        begun = clock()
        spent[0] += clock() - begun
    return spent[0] / 100_000


def profile(job: Job) -> dict[str, Any]:
    """Trains the job for four epochs and returns where the time of a step went."""
    runners: list[Runner] = []
    make = Session.training_runner

    def remembered(session: Session) -> Runner:
        runners.append(make(session))
        return runners[-1]

    Session.training_runner = remembered  # type: ignore[method-assign]  # it leads to the step
    timed: list[Any] = []

    class Watching(Watch):
        """Puts the clocks in before the last epoch."""

        def lap(self, loss: float) -> bool:
            goes_on = super().lap(loss)
            if len(self.laps) == self.epochs:
                replay = next(iter(runners[-1].replays.values()))  # of the full batch
                replay.run, *counted = with_clocks(replay)
                timed.append((replay, *counted))
            return goes_on

    x, y = data.read(job)
    watch = Watching(3, 1e9)
    history = keras_program.train(lamina, job, x, y, data.first_weights(job), watch)
    steps, full = -(-job.rows // job.batch), job.rows // job.batch
    (replay, kernels, spent) = timed[0]
    clock = price_of_a_clock()
    found: Counter[str] = Counter()
    for kernel, seconds in zip(kernels, spent, strict=True):
        found[kernel] += max(0.0, seconds / full - clock)
    return {
        "tier": history.tier,
        "threads": history.speed.threads,
        "seconds_a_step": min(watch.laps[1:3]) / steps,
        "calls_a_step": replay.num_calls,
        "seconds_per_empty_call": _empty_call(),
        "kernels": [
            {"kernel": kernel, "calls": kernels.count(kernel), "seconds": seconds}
            for kernel, seconds in found.most_common()
        ],
    }


def _empty_call() -> float:
    one, result = torch.zeros(1), torch.zeros(1)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(20):
            begun = time.perf_counter()
            for _ in range(1000):
                torch.neg(one, out=result)
            best = min(best, (time.perf_counter() - begun) / 1000)
    return best


if __name__ == "__main__":
    print(json.dumps(profile(JOBS[sys.argv[1]])))

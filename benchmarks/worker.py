"""Runs one task in the environment of its peer and appends the answer to a file.

    python -m benchmarks.worker TASK.json ANSWERS.jsonl

Only what the task needs is imported, for the time to the first epoch counts it.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.parts import data, memory
from benchmarks.parts.peers import PEERS
from benchmarks.parts.task import Task
from benchmarks.parts.watch import Watch

ROWS_AT_ONCE = 10_000


def train(task: Task, peer: Any) -> dict[str, Any]:
    """Seconds and losses of some epochs; what the peer says of itself."""
    job = task.whole_job()
    x, y = data.read(job)
    watch = Watch(task.epochs, task.seconds)
    notes = peer.train(job, x, y, data.first_weights(job), watch, **task.options)
    return _epochs(watch) | {"notes": notes or {}}


def first_epoch(task: Task, peer: Any) -> dict[str, Any]:
    """The moment at which the first epoch ended, on the clock of the machine."""
    job = task.whole_job()
    x, y = data.read(job)
    watch = Watch(0, task.seconds)
    peer.train(job, x, y, data.first_weights(job), watch, **task.options)
    return {"ended": watch.ended_first, "losses": watch.losses}


def train_bytes(task: Task, peer: Any) -> dict[str, Any]:
    """Peak memory of training on data that stays bytes, cast inside the step."""
    job = task.whole_job()
    x, y = data.read(job, as_bytes=True)
    before = memory.peak_bytes()
    watch = Watch(task.epochs, task.seconds)
    peer.train(job, x, y, data.first_weights(job), watch, as_bytes=True, **task.options)
    return {"before_bytes": before, "peak_bytes": memory.peak_bytes()} | _epochs(watch)


def predict(task: Task, peer: Any) -> dict[str, Any]:
    """Seconds of a call with one row, and of one call with many rows."""
    job = task.whole_job()
    x, _ = data.read(job)
    many = x[:ROWS_AT_ONCE]
    call = peer.predictor(job, data.first_weights(job), **task.options)
    one = _calls(lambda i: call(x[i % len(x)][None]), task.calls, task.seconds)
    all_at_once = _calls(lambda i: call(many), min(task.calls, 7), task.seconds)
    return {"one_row": one, "many_rows": all_at_once, "rows": len(many)}


def _calls(call: Any, count: int, seconds: float) -> dict[str, Any]:
    for i in range(min(5, count)):
        call(i)
    laps: list[float] = []
    started = time.perf_counter()
    while len(laps) < count and (not laps or time.perf_counter() - started < seconds):
        begin = time.perf_counter()
        call(len(laps))
        laps.append(time.perf_counter() - begin)
    laps.sort()
    return {"median": laps[len(laps) // 2], "calls": len(laps)}


def _epochs(watch: Watch) -> dict[str, Any]:
    return {"first": watch.laps[0], "laps": watch.laps[1:], "losses": watch.losses}


KINDS = {
    "train": train,
    "first-epoch": first_epoch,
    "memory": train_bytes,
    "predict": predict,
}


def main() -> None:
    """Reads the task, runs it, and writes one line."""
    task = Task(**json.loads(Path(sys.argv[1]).read_text()))
    peer = import_module(f"benchmarks.peers.{PEERS[task.peer].module}")
    answer = KINDS[task.kind](task, peer)
    answer["versions"] = peer.versions()
    with Path(sys.argv[2]).open("a") as lines:
        lines.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()

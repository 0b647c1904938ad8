"""Runs workers one at a time, each in the environment of its peer."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts import data
from benchmarks.parts.peers import ONE_THREAD, PEERS, Variant
from benchmarks.parts.places import ROOT, require_environment
from benchmarks.parts.task import Task

LONGEST = 900.0  # seconds that a worker may take
SHOWN = 400  # characters of a failure


class WorkerError(Exception):
    """A process without which a question has no answer failed; holds the end of its complaint."""


@dataclass(frozen=True)
class Answer:
    """What came of a worker: figures, or why there are none.

    Attributes:
        figures: What it wrote, and "started", the moment of its start on the clock of the
            machine; empty after a failure.
        failure: The end of its error output, or `None`.
        seconds: Wall time of the whole process.
    """

    figures: dict[str, Any]
    failure: str | None
    seconds: float


def run(
    task: Task, variant: Variant | None = None, *, variables: dict[str, str] | None = None
) -> Answer:
    """Runs one task to its end in a process of its own.

    Args:
        task: What to do.
        variant: How the peer is set; as it comes when `None`.
        variables: More environment variables.
    """
    peer = PEERS[task.peer]
    variant = variant or peer.variants[0]
    more = peer.variables | variant.environment | (variables or {})
    content = task.as_dict() | {"options": peer.options | variant.options | task.options}
    with tempfile.TemporaryDirectory() as folder:
        question, lines = Path(folder) / "task.json", Path(folder) / "answers.jsonl"
        question.write_text(json.dumps(content))
        command = ["-m", "benchmarks.worker", str(question), str(lines)]
        started, begin = time.time(), time.perf_counter()
        failure = call(peer.home, command, more)
        seconds = time.perf_counter() - begin
        figures = json.loads(lines.read_text().splitlines()[-1]) if lines.exists() else {}
    if figures:
        figures["started"] = started
    elif failure is None:
        failure = "ended without an answer"
    return Answer(figures, failure, seconds)


def call(environment: str, arguments: list[str], variables: dict[str, str]) -> str | None:
    """Runs the interpreter of an environment at the root; returns the end of its complaint."""
    command = [str(require_environment(environment)), *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=clean_variables() | variables, capture_output=True, text=True,
            timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"took more than {LONGEST:.0f} seconds"
    if done.returncode == 0:
        return None
    return complaint(done.stderr) or f"ended with code {done.returncode}"


def complaint(text: str) -> str:
    """The end of an error output, without the folders of this machine."""
    for folder in (str(ROOT), sys.base_prefix):
        text = text.replace(folder, ".")
    return text.strip()[-SHOWN:]


def output_of(environment: str, arguments: list[str], variables: dict[str, str]) -> str:
    """What the interpreter of an environment prints.

    Raises:
        WorkerError: It failed.
    """
    done = subprocess.run(
        [str(require_environment(environment)), *arguments],
        cwd=ROOT, env=clean_variables() | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise WorkerError(complaint(done.stderr) or f"code {done.returncode}")
    return done.stdout


def clean_variables() -> dict[str, str]:
    """The caller's environment variables without those that set threads."""
    own = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    return own | {"PYTHONPATH": str(ROOT)}


def prepare_data() -> None:
    """Makes the data of the jobs, where it is not there yet."""
    if not data.is_prepared():
        failure = call("torch", ["-m", "benchmarks.parts.data"], {})
        if failure is not None:
            raise SystemExit(f"the data could not be prepared: {failure}")

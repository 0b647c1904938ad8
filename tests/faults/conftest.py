"""A warm interpreter that trains in a child of its own for every request."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("program.py")
ROOT = PROGRAM.parents[2]


class Trainer:
    """Asks the warm interpreter for trainings, one at a time."""

    def __init__(self):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def start(self, **request):
        """Begins a training and returns the number of its process."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._told("child")

    def wait(self):
        """Exit code of the training; minus the signal where one killed it."""
        return self._told("code")

    def kill(self, child, number=signal.SIGKILL):
        """Sends a signal to a training that may have ended in the meantime."""
        with suppress(ProcessLookupError):
            os.kill(child, number)

    def _told(self, expected):
        """The number after a word; another word would be an answer to an earlier request."""
        word, number = self.process.stdout.readline().split()
        if word != expected:
            raise RuntimeError(f"the trainer said {word!r}, not {expected!r}")
        return int(number)

    def train(self, **request):
        """Trains to the end, or until it dies, and returns the exit code."""
        self.start(**request)
        return self.wait()

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def trainer(_heard_interrupts):
    made = Trainer()
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _heard_interrupts():
    """A suite started in the background inherits an ignored SIGINT, and an ignored one stays so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

"""A warm interpreter that trains in a child of its own for every request."""

import json
import os
import subprocess
import sys
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
        return int(self.process.stdout.readline())

    def wait(self):
        """Exit code of the training; minus the signal where one killed it."""
        return int(self.process.stdout.readline())

    def train(self, **request):
        """Trains to the end, or until it dies, and returns the exit code."""
        self.start(**request)
        return self.wait()

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def trainer():
    made = Trainer()
    yield made
    made.close()

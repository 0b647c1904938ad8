"""SIGKILL at random instants loses no checkpoint whose save had returned, and changes no bit."""

import os
import random
import signal
import time

import pytest

from lamina.train import checkpoint
from tests.faults.program import EPOCHS, run

KILLED = -signal.SIGKILL
PAUSE = 0.004  # seconds a batch, so that a run lasts about 0.2 s
SECONDS = 0.3


def newest(folder):
    """Number of the newest checkpoint that can be seen from outside; -1 where there is none."""
    return max(numbers(folder), default=-1)


def numbers(folder):
    """Numbers of the checkpoints in a folder that may not be there yet."""
    names = os.listdir(folder) if folder.exists() else []
    return [int(name[5:-5]) for name in names if name.endswith(".ckpt")]


def kill_until_done(trainer, folder, seed, every, most):
    """Kills a run at random instants until it ends by itself.

    Returns the numbers of kills and of checkpoints lost by them, and the hash of the outcome.
    """
    clock, kills, lost = random.Random(seed), 0, 0
    request = {"folder": str(folder / "run"), "result": str(folder / "result"), "every": every}
    while True:
        child = trainer.start(**request, pause=PAUSE)
        if kills < most:
            time.sleep(clock.uniform(0, SECONDS))
            before = newest(folder / "run")
            trainer.kill(child)
        if trainer.wait() != KILLED:
            return kills, lost, (folder / "result").read_text()
        kills += 1
        lost += newest_readable(folder / "run") < before


def newest_readable(folder):
    """Number of the newest checkpoint that is whole."""
    for number in sorted(numbers(folder), reverse=True):
        checkpoint.read(folder / f"step-{number}.ckpt")
        return number
    return -1


@pytest.mark.parametrize("seed", range(5))
def test_four_kills_of_a_run_lose_nothing(trainer, tmp_path, seed):
    _, lost, found = kill_until_done(trainer, tmp_path, seed, every=1 + seed % 3, most=4)

    assert lost == 0
    assert found == run()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_five_kills_of_a_run_lose_nothing(trainer, tmp_path, seed):
    every = (1, 2, 3, "epoch", "0.02s")[seed % 5]

    _, lost, found = kill_until_done(trainer, tmp_path, seed, every, most=5)

    assert lost == 0
    assert found == run()


def test_child_that_died_leaves_the_folder_free(trainer, tmp_path):
    result = tmp_path / "result"
    request = {"folder": str(tmp_path / "run"), "result": str(result), "every": 1}
    trainer.train(**request, die_at=3)

    assert trainer.train(**request) == 0
    assert newest(tmp_path / "run") <= EPOCHS * 5

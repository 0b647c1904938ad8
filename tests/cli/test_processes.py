"""What only a process of its own can show: signals, closed pipes, unexpected errors."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
LONG = ("train", "digits", "--model", "linear", "--epochs", "100000", "--out", "run")


def start(folder, *arguments, **pipes):
    return subprocess.Popen(
        [sys.executable, "-m", "lamina", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        text=True,
        stderr=subprocess.PIPE,
        **pipes,
    )


def wait_for(path, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="SIGINT"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_a_run_in_order(tmp_path, number, code):
    process = start(tmp_path, *LONG, stdout=subprocess.PIPE)
    wait_for(tmp_path / "run" / "history.jsonl")

    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (code, "")
    assert out.splitlines()[-1] == (
        "interrupted; what was done so far is in run, and the same command goes on with it"
    )
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"


def test_a_reader_that_leaves_does_not_stop_a_run(tmp_path):
    reading, writing = os.pipe()
    process = start(tmp_path, *LONG[:4], "--epochs", "2", "--out", "run", stdout=writing)
    os.close(writing)
    os.close(reading)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"


def test_an_unexpected_error_is_one_line_and_a_hint(tmp_path):
    program = (
        "import lamina.cli.commands.datasets as module\n"
        "module._row = lambda description: 1 / 0\n"
        "from lamina.cli.main import run\n"
        "run(['datasets'])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr == (
        "lamina: unexpected ZeroDivisionError: division by zero\n"
        "  run it again with --debug to see where, and please report it.\n"
    )

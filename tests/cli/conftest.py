import signal
import sys
from typing import NamedTuple

import pytest

from lamina.cli.main import run


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def lamina(capsys, monkeypatch, tmp_path):
    """Runs the command line in an empty folder and returns how it ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back after the test
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*arguments):
        with pytest.raises(SystemExit) as end:
            run(list(arguments))
        return Ended(end.value.code, *capsys.readouterr())

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)

"""A training whose output is its result alone: a line, or a JSON document for programs."""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from lamina.files import limits, read_json
from lamina.train.printing import say
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings

_RESULTS = ("test ", "mean ", "warning ", "report ", "run folder ")


def run_as_json(settings: Settings) -> None:
    """Trains in silence, then prints what the run folder says as one JSON document."""
    with redirect_stdout(sys.stderr):
        path = carry_out(settings, say=_nothing, verbose=0)
    say(json.dumps({"run": str(path), **facts_of(path)}, ensure_ascii=False, indent=2))


def quietly(settings: Settings) -> None:
    """Trains in silence, then prints the result."""
    lines: list[str] = []
    carry_out(settings, say=lines.append, verbose=0)
    is_told = False
    for line in lines:
        is_told = line.startswith(_RESULTS) or (is_told and line.startswith(" "))
        if is_told:
            say(line)


def facts_of(path: Path) -> Any:
    """What a run folder says of its run, or of its runs with several seeds."""
    name = "seeds.json" if (path / "seeds.json").is_file() else "run.json"
    return read_json(path / name, max_string_bytes=limits.MIB)


def _nothing(line: str) -> None:
    """Keeps a line to itself."""

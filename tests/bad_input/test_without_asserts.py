"""No check is an assert, so that python -O checks as much; imports need no home."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "lamina").rglob("*.py"))
PROGRAM = """
import numpy as np
from tests.bad_input import programs as p
calls = [
    lambda: p.fit(p.classifier(), p.x(features=5), p.y()),
    lambda: p.fit(p.classifier(), p.x(), p.changed(p.y(), 4, 7)),
    lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size=0),
    lambda: p.fit(p.with_ids(), p.ids(50), p.y()),
    lambda: p.layers.Dense(0),
]
for call in calls:
    try:
        call()
    except p.LaminaError as error:
        print(error.problem)
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_of_the_library_asserts(file):
    tree = ast.parse(file.read_text())
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []


def run(program, **environment):
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_checks_stay_on_where_asserts_are_off():
    done = run(PROGRAM, PYTHONOPTIMIZE="2")
    assert done.stdout.splitlines() == [
        "x has 5 features per sample, the model expects 8.",
        "y has the label 7 at row 4; the model has 3 outputs.",
        "fit(batch_size=0) is not possible.",
        "x has the id 50 at row 5, column 1; layer 'words' knows 40 ids.",
        "Dense(units=0) is not possible.",
    ]


@pytest.mark.parametrize("home", ["/proc/none", ""])
def test_the_import_needs_no_home(home):
    assert run("import lamina; print(lamina.layers.Dense(1).units)", HOME=home).stdout == "1\n"

"""The README's program is the example's, and the example runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
EXAMPLE = ROOT / "examples" / "fashion_mnist.py"


def test_the_program_is_the_example():
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)

    assert EXAMPLE.read_text().endswith(f'"""\n\n{program}')
    assert len(program.splitlines()) < 20


@pytest.mark.parametrize("target", re.findall(r"\]\(([\w./-]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.slow
def test_the_example_runs():
    ended = subprocess.run(
        [sys.executable, EXAMPLE], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    accuracy = float(re.search(r"evaluate .* accuracy ([\d.]+)", ended.stdout).group(1))
    assert accuracy > 0.84
    assert ended.stderr == ""

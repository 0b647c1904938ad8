"""Hostile data files end in a LoadError that says why, touch nothing else and break nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import data_cases, table_cases
from tests.hostile.samples import SAMPLES

CASES = {**data_cases.CASES, **table_cases.CASES}
CHILD = Path(__file__).parent / "watched_reader.py"
ROOT = Path(__file__).parents[2]
ADDRESS_SPACE = 3 * 2**30
"""What the child may map, torch's libraries included: a file that asks for more fails there."""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What happened to each case, all of them read by one child."""
    folder = tmp_path_factory.mktemp("data")
    plan = []
    for number, (name, (form, data, _)) in enumerate(CASES.items()):
        path = folder / f"{number}{SAMPLES[form].ending}"
        path.write_bytes(data)
        plan.append([name, form, str(path)])
    for number, (form, sample) in enumerate(SAMPLES.items()):
        path = folder / f"good{number}{sample.ending}"
        path.write_bytes(sample.data)
        plan.append([f"good {form}", form, str(path)])
    (folder / "plan.json").write_text(json.dumps(plan))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, CHILD, folder / "plan.json", folder / "results.json"]
    subprocess.run(
        [*command, str(ADDRESS_SPACE)], check=True, timeout=300, env=environment, cwd=folder
    )
    found = json.loads((folder / "results.json").read_text())
    found["files"] = sorted(path.name for path in folder.iterdir() if path.suffix == "")
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_data_file_is_refused(results, name):
    found, expected = results[name], CASES[name][2]

    assert found["error"] == "LoadError", found["message"]
    assert expected in found["message"].partition("\n  fix: ")[0]
    assert found["message"].count("\n") == 2
    assert found["message"].replace("\n", "").isprintable()
    assert found["seen"] == []
    assert found["seconds"] < 5.0
    assert found["grown_mebibytes"] < 100.0


@pytest.mark.parametrize("form", SAMPLES)
def test_a_good_file_loads_after_all_of_them(results, form):
    found = results[f"good {form}"]

    assert (found["error"], found["seen"]) == ("NoneType", [])


def test_there_are_enough_cases():
    assert len(CASES) >= 100

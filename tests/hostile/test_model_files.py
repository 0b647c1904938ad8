"""Hostile model files end in a LoadError that says why, touch nothing else and break nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.hostile import model_cases

CHILD = Path(__file__).parent / "watched_child.py"
ROOT = Path(__file__).parents[2]


def _saved():
    """The bytes of a good .lamina file and of its weights alone."""
    model = model_cases.good_model()
    with TemporaryDirectory() as folder:
        model.save(f"{folder}/good.lamina")
        model.save_weights(f"{folder}/good.safetensors")
        return [Path(folder, f"good{end}").read_bytes() for end in (".lamina", ".safetensors")]


GOOD_MODEL, GOOD_WEIGHTS = _saved()
MODEL_CASES = {
    **model_cases.structure_cases(GOOD_MODEL),
    **model_cases.document_cases(GOOD_MODEL),
    **model_cases.text_cases(GOOD_MODEL),
    **model_cases.weight_member_cases(GOOD_MODEL),
    **model_cases.optimizer_cases(GOOD_MODEL),
}
WEIGHT_CASES = model_cases.tensor_cases(GOOD_WEIGHTS)


def _run(folder, ending, good, cases):
    """Loads every case in one child process and returns what happened, by name."""
    (folder / "model.lamina").write_bytes(GOOD_MODEL)
    (folder / f"good{ending}").write_bytes(good)
    paths = {name: str(folder / f"{i}{ending}") for i, name in enumerate(cases)}
    for name, path in paths.items():
        Path(path).write_bytes(cases[name][0])
    plan = {
        "model": str(folder / "model.lamina"),
        "good": str(folder / f"good{ending}"),
        "warm": list(paths.values()),
        "paths": paths,
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, CHILD, folder / "plan.json", folder / "results.json"]
    subprocess.run(command, check=True, timeout=300, env=environment)
    return json.loads((folder / "results.json").read_text())


@pytest.fixture(scope="module")
def model_results(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("models"), ".lamina", GOOD_MODEL, MODEL_CASES)


@pytest.fixture(scope="module")
def weight_results(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("weights"), ".safetensors", GOOD_WEIGHTS, WEIGHT_CASES)


def _check(found, message):
    assert found["error"] == "LoadError", found["message"]
    assert message in found["message"].partition("\n  fix: ")[0]
    assert found["message"].count("\n") == 2
    assert found["seen"] == []
    assert found["seconds"] < 5.0
    assert found["grown_mebibytes"] < 100.0
    assert not found["weights_changed"]


@pytest.mark.parametrize("name", MODEL_CASES)
def test_a_hostile_model_file_is_refused(model_results, name):
    _check(model_results[name], MODEL_CASES[name][1])


@pytest.mark.parametrize("name", WEIGHT_CASES)
def test_a_hostile_weights_file_is_refused(weight_results, name):
    _check(weight_results[name], WEIGHT_CASES[name][1])


def test_good_files_load_after_all_of_them(model_results, weight_results):
    ends = [results["good afterwards"] for results in (model_results, weight_results)]

    assert [(end["error"], end["seen"]) for end in ends] == [("NoneType", []), ("NoneType", [])]

"""Hostile model files end in a LoadError that says why, touch nothing else and break nothing."""

import json
import subprocess
import sys
from pathlib import Path

import model_cases
import pytest

HERE = Path(__file__).parent
GOOD_MODEL = model_cases.good_model()


def _bytes(name, folder):
    path = folder / name
    save = GOOD_MODEL.save if name.endswith(".lamina") else GOOD_MODEL.save_weights
    save(path)
    return path.read_bytes()


def _model_files(folder):
    good = _bytes("good.lamina", folder)
    makers = (
        model_cases.structure_cases,
        model_cases.document_cases,
        model_cases.text_cases,
        model_cases.weight_member_cases,
        model_cases.optimizer_cases,
    )
    return {name: case for make in makers for name, case in make(good).items()}


def _weight_files(folder):
    return model_cases.tensor_cases(_bytes("good.safetensors", folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def _run(folder, ending, cases):
    """Loads every case in one child process and returns what happened, by name."""
    paths = {}
    for number, (name, (data, _)) in enumerate(cases.items()):
        paths[name] = str(folder / f"{number}{ending}")
        Path(paths[name]).write_bytes(data)
    good = str(folder / f"good{ending}")
    plan = {
        "model": str(folder / "good.lamina"),
        "good": good,
        "warm": list(paths.values()),
        "paths": paths,
    }
    (folder / f"plan{ending}.json").write_text(json.dumps(plan))
    command = [sys.executable, HERE / "watched_child.py"]
    results = folder / f"results{ending}.json"
    subprocess.run([*command, folder / f"plan{ending}.json", results], check=True, timeout=300)
    return json.loads(results.read_text())

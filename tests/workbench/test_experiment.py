"""Whole runs: what they leave, how they are repeated, resumed and spread over seeds."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lamina.core import randomness
from lamina.core.errors import ArgumentError
from lamina.data.dataset import Schema
from lamina.data.loading import read
from lamina.models.saving import load_model
from lamina.workbench import plan_file, settings
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings

ROOT = Path(__file__).parents[2]
QUICK = {"model": "linear", "epochs": 2, "batch_size": 128, "report": False}
ACCURACY = [
    ("digits", {}, "accuracy", 0.98),
    ("breast_cancer", {}, "accuracy", 0.96),
    ("wine", {}, "accuracy", 0.97),
    ("diabetes", {}, "r2_score", 0.42),
    ("fashion-mnist", {"model": "mlp"}, "accuracy", 0.885),
    ("fashion-mnist", {"model": "cnn"}, "accuracy", 0.925),
]


@pytest.fixture(autouse=True)
def same_seed_after():
    yield
    randomness.set_seed(0)


def silent(line):
    pass


def run(source, out, **asked):
    return carry_out(Settings(source, out=out, **asked), say=silent, verbose=0)


def facts_of(path):
    return json.loads((path / "run.json").read_text())


def weights_hash(path):
    model = load_model(path / "model.lamina")
    digest = hashlib.sha256()
    for tensor in [*model.parameters(), *model.buffers()]:
        digest.update(tensor.detach().numpy().tobytes())
    return digest.hexdigest()


@pytest.fixture
def people(tmp_path):
    """A small table with gaps, words, a truth, a date, free text and a constant."""
    random = np.random.default_rng(0)
    lines = ["age,city,smoker,since,remark,planet,price"]
    for row in range(160):
        age = random.integers(18, 80)
        city = random.choice(["Rome", "Oslo", "Bonn"])
        remark = " ".join(random.choice(["red", "green", "blue", "old", "new"], 6))
        price = 2 * age + 30 * (city == "Rome")
        shown = "" if row % 9 == 0 else age
        smoker = random.choice(["yes", "no"])
        since = f"2021-{row % 12 + 1:02}-11"
        lines.append(f"{shown},{city},{smoker},{since},{remark} {row},Earth,{price}")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_plan_repeats_a_run_to_the_same_weights(tmp_path):
    first = run("digits", tmp_path / "a", epochs=1, batch_size=256, seed=5, report=False)
    asked = settings.make(
        {**plan_file.read(first / "plan.toml"), "out": tmp_path / "b", "report": False}
    )

    second = carry_out(asked, say=silent, verbose=0)

    assert weights_hash(first) == weights_hash(second)
    assert facts_of(first)["results"] == facts_of(second)["results"]
    assert (first / "plan.toml").read_text().splitlines()[1:] == (
        (second / "plan.toml").read_text().splitlines()[1:]
    )


def test_a_table_is_read_as_it_is_also_from_the_file_alone(people, tmp_path):
    path = run(str(people), tmp_path / "run", target="price", epochs=5, report=False)
    program = (
        "import sys\n"
        "from lamina.data.loading import read\n"
        "from lamina.data.dataset import Schema\n"
        "from lamina.models.saving import load_model\n"
        "model = load_model(sys.argv[1])\n"
        "part = read(sys.argv[2], Schema.from_dict(model.schema), labelled=False)\n"
        "print(model.predict(part.x, verbose=0).reshape(-1).tolist())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path / "model.lamina", people],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip

    model = load_model(path / "model.lamina")
    part = read(people, Schema.from_dict(model.schema), labelled=False)
    here = model.predict(part.x, verbose=0).reshape(-1)
    assert json.loads(done.stdout) == pytest.approx(here.tolist(), rel=1e-5)
    assert np.isfinite(here).all()


def test_the_model_knows_what_it_was_trained_on(tmp_path):
    model = load_model(run("iris", tmp_path / "run", **QUICK) / "model.lamina")

    assert model.class_names == ["setosa", "versicolor", "virginica"]
    assert len(model.column_names) == 4
    assert model.training_record["settings"]["model"] == "linear"
    assert Schema.from_dict(model.schema).form == "table"


def test_findings_are_in_the_record(tmp_path):
    x = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32)
    x[:, 2] = 7
    np.savez(tmp_path / "flat.npz", x=x, y=np.arange(90) % 3)
    findings = facts_of(run(str(tmp_path / "flat.npz"), tmp_path / "run", **QUICK))["findings"]

    assert "constant-feature" in [finding["code"] for finding in findings]
    assert {"code", "severity", "problem", "expected", "fix", "evidence"} <= set(findings[0])


def test_the_result_has_an_interval(tmp_path):
    test = facts_of(run("iris", tmp_path / "run", **QUICK))["results"]["test"]

    low, high = test["intervals"]["accuracy"]
    assert 0 <= low <= test["accuracy"] <= high <= 1


def test_a_finished_run_is_left_as_it_is(tmp_path):
    path = run("iris", tmp_path / "run", **QUICK)
    before = {file.name: file.stat().st_mtime_ns for file in path.iterdir()}
    lines = []

    carry_out(Settings("iris", out=path, **QUICK), say=lines.append, verbose=0)

    assert lines[0] == f"{path} holds this run already; it has finished"
    assert {file.name: file.stat().st_mtime_ns for file in path.iterdir()} == before


def test_another_plan_in_the_folder_is_listed(tmp_path):
    path = run("iris", tmp_path / "run", **QUICK)

    with pytest.raises(ArgumentError, match="was begun with other settings: ") as caught:
        run("iris", path, **{**QUICK, "epochs": 3, "seed": 4})

    assert caught.value.expected == "the same run. epochs was 2, now 3; seed was 1, now 4."
    assert caught.value.fix.endswith(f"--out {path}-2.")


def test_other_data_in_the_folder_are_an_error(people, tmp_path):
    path = run(str(people), tmp_path / "run", target="price", **QUICK)
    people.write_text(people.read_text().replace("Rome", "Bern"))

    with pytest.raises(ArgumentError, match=r"other settings: data\.\n"):
        run(str(people), path, target="price", **QUICK)


PROGRAM = "from lamina.cli.main import run; run()"
LONG = ("train", "digits", "--epochs", "6", "--batch-size", "64", "--no-report", "--out")


def start(folder, name):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    call = [sys.executable, "-c", PROGRAM, *LONG, name]
    return subprocess.Popen(call, env=environment, cwd=folder, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    assert start(folder, "whole").wait(timeout=120) == 0
    return folder / "whole"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="SIGINT", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM", marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, -9, id="SIGKILL"),
    ],
)
def test_a_stopped_run_ends_on_the_same_bits(tmp_path, whole, number, code):
    process = start(tmp_path, "stopped")
    history = tmp_path / "stopped" / "history.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (history.exists() and history.stat().st_size):
        time.sleep(0.02)
    process.send_signal(number)
    ended = process.wait(timeout=60)

    assert ended == code
    assert start(tmp_path, "stopped").wait(timeout=120) == 0
    assert history.read_text() == (whole / "history.jsonl").read_text()
    assert weights_hash(tmp_path / "stopped") == weights_hash(whole)


T_OF_THREE = 4.302652729  # 97.5 % point of Student's distribution, two degrees of freedom


def test_several_seeds_are_compared(tmp_path):
    path = run("iris", tmp_path / "runs", seeds=3, **QUICK)

    told = json.loads((path / "seeds.json").read_text())
    each = [facts_of(path / f"seed-{n}")["results"]["test"]["accuracy"] for n in (1, 2, 3)]
    assert told["status"] == "finished"
    assert [entry["test"]["accuracy"] for entry in told["runs"]] == each
    assert told["test"]["accuracy"] == {
        "mean": pytest.approx(np.mean(each)),
        "low": pytest.approx(np.mean(each) - T_OF_THREE * np.std(each, ddof=1) / 3**0.5),
        "high": pytest.approx(np.mean(each) + T_OF_THREE * np.std(each, ddof=1) / 3**0.5),
        "std": pytest.approx(np.std(each, ddof=1)),
        "min": min(each),
        "max": max(each),
    }


def test_an_own_model_is_trained(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import lamina\n"
        "def build(schema):\n"
        "    return lamina.Sequential([\n"
        "        lamina.layers.Input(schema.input_shape), lamina.layers.Flatten(),\n"
        "        lamina.layers.Rescaling(1 / 16),\n"
        "        lamina.layers.Dense(schema.num_classes, activation='softmax'),\n"
        "    ])\n"
    )
    name = f"{tmp_path / 'mine.py'}:build"

    path = run("digits", tmp_path / "run", **{**QUICK, "model": name})

    code = hashlib.sha256((tmp_path / "mine.py").read_bytes()).hexdigest()
    assert facts_of(path)["model"] == {"name": name, "parameters": 650, "code": code}


@pytest.mark.slow
@pytest.mark.parametrize(("source", "asked", "name", "least"), ACCURACY)
def test_default_choices_reach_their_accuracy(source, asked, name, least, tmp_path):
    path = run(source, tmp_path / "run", report=False, **asked)

    assert facts_of(path)["results"]["test"][name] >= least

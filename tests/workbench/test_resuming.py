"""Stopped runs: found again without --out, told apart from live ones, listed with what to type."""

import json

import pytest

from lamina.core import randomness
from lamina.files.locks import FolderLock, is_held
from lamina.workbench import listing, plan_file, resuming, settings
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings

QUICK = {"model": "linear", "epochs": 2, "batch_size": 128, "report": False}


@pytest.fixture(autouse=True)
def same_seed_after():
    yield
    randomness.set_seed(0)


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """A folder in which a run was killed, as its record shows it."""
    monkeypatch.chdir(tmp_path)
    path = run(QUICK)
    facts = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps({**facts, "status": "running"}))
    return path


def run(asked, told=None):
    say = (lambda line: None) if told is None else told.append
    return carry_out(Settings("iris", **asked), say=say, verbose=0)


def status_of(path):
    return json.loads((path / "run.json").read_text())["status"]


def test_the_same_command_goes_on_with_a_stopped_run(killed):
    told = []

    assert run(QUICK, told) == killed
    assert status_of(killed) == "finished"
    assert told[:2] == [
        f"{killed} holds this run, unfinished; --out NEW would begin another one",
        f"goes on with the run in {killed}",
    ]


def test_a_finished_run_is_made_again_in_a_new_folder(killed):
    run(QUICK)

    assert run(QUICK).name == "iris-linear-2"


def test_another_command_begins_a_new_run(killed):
    assert run({**QUICK, "epochs": 3}).name == "iris-linear-2"


def test_a_run_that_somebody_is_at_is_left_alone(killed):
    hold = resuming.held(killed)
    found = run(QUICK)
    hold.release()

    assert found.name == "iris-linear-2"
    assert status_of(killed) == "running"


def test_a_run_of_other_versions_is_left_alone(killed):
    facts = json.loads((killed / "run.json").read_text())
    (killed / "run.json").write_text(json.dumps({**facts, "versions": {"lamina": "0.0"}}))

    assert run(QUICK).name == "iris-linear-2"


def test_several_seeds_go_on_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = run({**QUICK, "seeds": 2})
    (path / "seeds.json").unlink()

    assert run({**QUICK, "seeds": 2}) == path
    assert run({**QUICK, "seeds": 2}).name == "iris-linear-seeds-2"


def test_a_killed_run_is_listed_as_stopped_with_the_command_to_go_on(killed):
    (entry,) = listing.runs_in("runs")

    assert entry.status == "stopped"
    assert entry.go_on == f"lamina train --config {killed}/plan.toml --out {killed}"
    assert listing.lines([entry])[-2:] == ["to go on:", f"  {entry.go_on}"]


def test_a_live_run_is_listed_as_running(killed):
    hold = resuming.held(killed)
    (entry,) = listing.runs_in("runs")
    hold.release()

    assert (entry.status, entry.go_on) == ("running", "")


def test_the_listed_command_goes_on(killed):
    asked = settings.gather(plan_file.read(killed / "plan.toml"), {"out": killed})
    carry_out(asked, say=lambda line: None, verbose=0)

    assert status_of(killed) == "finished"


def test_a_folder_is_held_until_it_is_released(tmp_path):
    lock = FolderLock(tmp_path)
    before = is_held(tmp_path)
    lock.release()

    assert (before, is_held(tmp_path), is_held(tmp_path / "none")) == (True, False, False)

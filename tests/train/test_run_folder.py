import json

import pytest

from lamina.core.errors import StorageError
from lamina.files import atomic
from lamina.train import run_folder
from lamina.train.run_folder import HistoryLog


def test_folders_are_numbered_from_one(tmp_path):
    made = [run_folder.create_next(tmp_path / "runs", "iris-mlp").path.name for _ in range(3)]

    assert made == ["iris-mlp-1", "iris-mlp-2", "iris-mlp-3"]


def test_an_empty_folder_is_taken(tmp_path):
    assert run_folder.create(tmp_path).path == tmp_path


def test_run_json_is_whole_after_each_note(tmp_path):
    folder = run_folder.create(tmp_path / "run")

    folder.note(a=1)
    folder.note(b=(2, float("nan")), out=tmp_path)

    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (facts["a"], facts["b"], facts["out"]) == (1, [2, None], str(tmp_path))
    assert facts["status"] == "running"


def test_the_end_is_noted_with_its_time(tmp_path):
    folder = run_folder.create(tmp_path / "run")

    folder.end("failed", problem="none")

    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (facts["status"], facts["problem"]) == ("failed", "none")
    assert facts["started"] <= facts["ended"]


def test_history_lines_are_there_while_the_run_goes_on(tmp_path):
    log = HistoryLog(tmp_path / "history.jsonl")

    log.on_epoch_end(0, {"loss": 0.5})
    first = log.path.read_text()
    log.on_epoch_end(1, {"loss": float("inf")})

    assert first == '{"epoch": 1, "loss": 0.5}\n'
    assert log.path.read_text() == first + '{"epoch": 2, "loss": null}\n'


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.effects, "write", full)

    with pytest.raises(StorageError, match=r"cannot be written: No space left on device\."):
        HistoryLog(tmp_path / "history.jsonl").on_epoch_end(0, {"loss": 0.5})

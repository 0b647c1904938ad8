"""Full text of the errors of run folders."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from lamina.core.errors import ArgumentError, StorageError
from lamina.train import run_folder
from lamina.train.run_folder import HistoryLog


def text_of(problem, expected, fix):
    whole = f"{problem}\n  expected: {expected}\n  fix: {fix}"
    return f"^{re.escape(whole)}$"


def test_a_used_folder(tmp_path):
    (tmp_path / "notes").write_text("")
    message = text_of(
        f"'{tmp_path}' holds something already, so no run is written there.",
        "a new or empty folder for each run.",
        "choose another folder, or remove that one first.",
    )

    with pytest.raises(ArgumentError, match=message):
        run_folder.create(tmp_path)


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "runs").write_text("")
    path = tmp_path / "runs" / "iris-1"
    message = text_of(
        f"folder '{path}' cannot be made: Not a directory.",
        "a place where this user may make folders.",
        "choose another folder for the run.",
    )

    with pytest.raises(StorageError, match=message):
        run_folder.create_next(tmp_path / "runs", "iris")


def test_a_folder_that_is_missing():
    with tempfile.TemporaryDirectory() as short:  # messages cut long paths
        folder = Path(short) / "gone"
        message = text_of(
            f"folder '{folder}' does not exist, so '{folder / 'history.jsonl'}' is not written.",
            "the path of a file in an existing folder.",
            f"create the folder first: os.makedirs('{folder}').",
        )

        with pytest.raises(StorageError, match=message):
            HistoryLog(folder / "history.jsonl").on_epoch_end(0, {"loss": 1.0})


def test_a_folder_that_is_gone(tmp_path):
    path = tmp_path / "run" / "history.jsonl"
    path.parent.mkdir()
    log = HistoryLog(path)
    log.on_epoch_end(0, {"loss": 1.0})
    shutil.rmtree(path.parent)
    message = text_of(
        f"'{path}' cannot be written: No such file or directory.",
        "a folder with free space that this user may change.",
        "free space, or choose another folder for the run.",
    )

    with pytest.raises(StorageError, match=message):
        log.on_epoch_end(1, {"loss": 1.0})

"""A source and a machine looked at before training: show, check, doctor."""

import pytest
import torch
from PIL import Image

from lamina.core.errors import ArgumentError
from lamina.workbench import aligned, checking, doctor, showing, speed
from lamina.workbench.settings import Settings


def silent(line):
    """Keeps a line to itself."""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "houses.csv"
    rows = [f"{n},{n % 5},{100 + 3 * n}" for n in range(40)]
    path.write_text("\n".join(["size,rooms,price", *rows]) + "\n")
    return path


def test_classes_are_counted_over_all_parts():
    found = showing.show(Settings("iris"), say=silent)

    assert found.balance() == [("setosa", 50), ("versicolor", 50), ("virginica", 50)]
    assert found.to_dict()["parts"] == {"training": 120, "test": 30}


def test_a_table_shows_columns_rows_and_numbers(table):
    lines = showing.show(Settings(str(table), target="price"), say=silent).lines()

    assert lines[0] == "houses: regression, one number of price"
    assert any(line.startswith("numbers   from 100 to 217, median 158.5") for line in lines)
    assert any(line.startswith("first rows  price") for line in lines)


def test_pictures_are_drawn_on_a_sheet(tmp_path):
    out = tmp_path / "digits.png"

    showing.show(Settings("digits"), out=out, say=silent)

    with Image.open(out) as sheet:
        assert sheet.size == (12 * 106 + 10, 5 * 122 + 10)


def test_a_page_of_examples_needs_no_other_file(tmp_path, table):
    out = tmp_path / "houses.html"

    showing.show(Settings(str(table), target="price"), out=out, say=silent)

    assert "Examples of the training part" in out.read_text()
    assert "src=" not in out.read_text()


def test_a_table_is_not_drawn(tmp_path):
    with pytest.raises(ArgumentError, match="'Iris' has no pictures to draw"):
        showing.show(Settings("iris"), out=tmp_path / "iris.png", say=silent)


def test_a_sound_plan_has_no_errors():
    found = checking.look(Settings("iris", model="linear"), deep=True, say=silent)

    assert found.errors == []
    assert found.notes[-1].startswith("Looked at 108 training and 12 validation examples")


def test_a_machine_is_described_without_measuring():
    found = doctor.examine(has_speed_test=False)

    assert found.speed is None
    assert found.versions["torch"] == str(torch.__version__)
    assert found.devices[-1].startswith("cpu (")
    assert set(found.to_dict()["extras"]) == {"tables", "onnx", "track"}


def test_speed_is_told_in_words():
    found = speed.measure(torch.device("cpu"), seconds=0.01)

    assert found.matrix > 0
    assert found.lines()[-1].startswith("verdict   ")


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [
        (100, "slow: `lamina train fashion-mnist --model cnn` would take about 1.5 hours; "),
        (300, "fair: `lamina train fashion-mnist --model cnn` would take about 30 minutes; "),
        (3_000, "good: `lamina train fashion-mnist --model cnn` would take about 3 minutes"),
        (54_000, "fast: `lamina train fashion-mnist --model cnn` would take about 10 seconds"),
    ],
)
def test_the_verdict_is_the_time_that_a_training_takes(rate, verdict):
    assert speed.Speed("cpu", rate, 1e11, 1e5, 1e9, 1.0).verdict.startswith(verdict)


def test_wide_letters_take_two_places():
    assert aligned.table([("名", "a"), ("x", "b")]) == ["名  a", "x   b"]


def test_cells_do_not_act_on_the_terminal():
    assert aligned.table([("a\x1b[2Jb", "c")]) == ["a\ufffd[2Jb  c"]

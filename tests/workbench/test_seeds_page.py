"""The page of several seeds: one table, all curves, the mean with its interval."""

import json
import re

import pytest

from lamina.core.errors import ArgumentError, LoadError
from lamina.workbench import reporting, seeds_page
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings


def silent(line):
    """Keeps a line to itself."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    asked = Settings(
        "iris", model="linear", epochs=3, seeds=3, out=tmp_path_factory.mktemp("runs") / "iris"
    )
    return carry_out(asked, say=silent, verbose=0)


@pytest.fixture
def damaged(folder):
    """The record of the seeds, put back after the test."""
    file = folder / "seeds.json"
    text = file.read_text()
    yield file
    file.write_text(text)


def test_training_leaves_a_page_with_every_seed_and_their_mean(folder):
    page = (folder / "report.html").read_text()
    mean = json.loads((folder / "seeds.json").read_text())["test"]["accuracy"]["mean"]

    assert re.findall(r'<th scope="row">(\d)</th>', page) == ["1", "2", "3"]
    assert f"{100 * mean:.2f}" in page
    assert re.findall(r'data-chart="([\w-]+)"', page) == [
        "scores",
        "curves-val_accuracy",
        "curves-val_loss",
        "curves-accuracy",
        "curves-loss",
    ]
    assert page.count('class="line seed"') == 4 * 3
    assert page.count('class="line one"') == 4
    assert 'href="seed-2/report.html"' in page


def test_the_report_of_the_folder_is_that_page_again(folder):
    before = (folder / "report.html").read_text()

    assert reporting.write(folder) == (folder / "report.html").resolve()
    assert (folder / "report.html").read_text() == before


def test_unfinished_seeds_are_said(damaged):
    facts = json.loads(damaged.read_text())
    damaged.write_text(json.dumps({**facts, "status": "running", "runs": facts["runs"][:1]}))

    page = seeds_page.write(damaged.parent).read_text()

    assert "Not all seeds have been trained yet" in page
    assert "in the mean of 1 seed." in page


@pytest.mark.parametrize("name", ["../iris", "", "a/b", ".."])
def test_only_folders_inside_are_opened(damaged, name):
    facts = json.loads(damaged.read_text())
    facts["runs"][0]["folder"] = name
    damaged.write_text(json.dumps(facts))

    with pytest.raises(LoadError, match="the name of a folder"):
        seeds_page.write(damaged.parent)


def test_a_folder_without_any_seed_is_said(damaged):
    facts = json.loads(damaged.read_text())
    damaged.write_text(json.dumps({**facts, "runs": []}))

    with pytest.raises(ArgumentError, match="holds no finished run"):
        seeds_page.write(damaged.parent)

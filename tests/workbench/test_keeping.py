"""Models of the user's own, kept and read back: no file is run that the user does not name."""

import sys

import numpy as np
import pytest

from lamina.core.errors import ArgumentError
from lamina.workbench import evaluation, exporting, prediction, reporting, summarizing
from lamina.workbench.experiment import carry_out
from lamina.workbench.finished import read_facts
from lamina.workbench.settings import Settings

OWN = """
import sys
import torch
import lamina as keras

sys.own_model_ran = getattr(sys, "own_model_ran", 0) + 1


class Half(keras.layers.Layer):
    def call(self, x):
        return x / 2


class Whole(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat = keras.layers.Flatten()
        self.out = keras.layers.Dense(10, activation="softmax")

    def call(self, x):
        return self.out(self.flat(x))


def stack(*layers):
    start, flat = keras.layers.Input((8, 8, 1)), keras.layers.Flatten()
    return keras.Sequential([start, flat, *layers, keras.layers.Dense(10, activation="softmax")])


def custom(schema):
    return stack(Half())


def hidden(schema):
    class Local(keras.layers.Layer):
        def call(self, x):
            return x / 2

    return stack(Local())


def function():
    return stack(keras.layers.Lambda(lambda x: x / 2))


def foreign():
    return stack(torch.nn.Linear(64, 8))


def subclass():
    return Whole()
"""
MAKERS = ["custom", "hidden", "function", "foreign", "subclass"]


def silent(line):
    """Keeps a line to itself."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("own")
    (root / "mine.py").write_text(OWN)
    for name in MAKERS:
        model = f"{root / 'mine.py'}:{name}"
        asked = Settings("digits", model=model, epochs=1, out=root / name)
        carry_out(asked, say=silent, verbose=0)
    return root


@pytest.mark.parametrize("name", MAKERS)
def test_a_model_that_needs_code_answers_as_it_did(runs, name):
    run, own = runs / name, f"{runs / 'mine.py'}:{name}"

    found = evaluation.evaluate(run, "digits", model=own, say=silent)

    known = read_facts(run)["results"]["test"]["accuracy"]
    assert found.metrics["accuracy"].value == pytest.approx(known)


@pytest.mark.parametrize("name", MAKERS)
def test_its_weights_are_those_of_the_training(runs, name):
    own = f"{runs / 'mine.py'}:{name}"
    stored = np.load(runs / name / "evidence.npz")["predicted"]

    answers = prediction.predict(runs / name, "digits", model=own, say=silent).predicted

    assert np.allclose(answers, stored, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "command"),
    [
        (lambda run: evaluation.evaluate(run, "digits", say=silent), "evaluate {run} digits"),
        (lambda run: prediction.predict(run, ["digits"], say=silent), "predict {run} digits"),
        (summarizing.describe, "summary {run}"),
        (reporting.write, "report {run}"),
        (lambda run: exporting.export(run, run / "m.pt2"), "export {run} --to {run}/m.pt2"),
    ],
    ids=["evaluate", "predict", "summary", "report", "export"],
)
def test_without_the_code_the_whole_command_is_told_and_nothing_runs(runs, call, command):
    run, own = runs / "custom", f"{runs / 'mine.py'}:custom"
    before = sys.own_model_ran

    with pytest.raises(ArgumentError, match="needs code of your own") as caught:
        call(run)

    assert caught.value.fix == f"lamina {command.format(run=run)} --model {own}"
    assert sys.own_model_ran == before


def test_a_file_of_a_model_alone_says_so_too(runs):
    with pytest.raises(ArgumentError, match="needs code of your own") as caught:
        summarizing.describe(runs / "custom" / "model.lamina")

    assert caught.value.fix.endswith("custom/model.lamina --model FILE.py:FUNCTION")


def test_classes_of_a_named_file_read_the_file_of_a_model(runs):
    found = summarizing.describe(
        runs / "custom" / "model.lamina", model=str(runs / "mine.py")
    ).lines()

    assert found[-1].startswith("test      accuracy")


def test_a_preset_is_no_code_of_the_user(runs):
    with pytest.raises(ArgumentError, match=r"^--model 'cnn' names no file of yours"):
        summarizing.describe(runs / "custom", model="cnn")


@pytest.mark.parametrize("name", ["custom", "subclass"])
def test_the_page_and_the_program_are_made_with_it(runs, name):
    own = f"{runs / 'mine.py'}:{name}"

    assert "multiply-adds" in reporting.write(runs / name, model=own).read_text()
    assert exporting.export(runs / name, runs / f"{name}.pt2", model=own).difference < 1e-5

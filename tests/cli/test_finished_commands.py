"""The commands for finished runs and sources: output, JSON, exit codes, completion."""

import json
import os
import subprocess
import sys

import pytest

from lamina.cli import completion
from lamina.cli.main import COMMANDS

HEAVY = "import sys, lamina.cli.main as m\nassert 'torch' not in sys.modules, 'torch'"


@pytest.fixture
def run(lamina):
    lamina("train", "iris", "--model", "linear", "--epochs", "1", "--out", "first", "--no-report")
    return lamina


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_opening_line(lamina, command):
    ended = lamina(command, "--help")

    assert ended.code == 0
    assert ended.out.startswith(f"Usage: lamina {command}")


def test_the_list_of_commands_fits_a_terminal(lamina):
    assert max(map(len, lamina("--help").out.splitlines())) <= 80


def test_help_does_not_import_torch():
    done = subprocess.run(
        [sys.executable, "-c", HEAVY], check=False, capture_output=True, env=dict(os.environ)
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "first", "iris"),
        ("predict", "first", "iris", "--all"),
        ("runs",),
        ("show", "iris"),
        ("summary", "first"),
        ("export", "first", "--to", "w.safetensors"),
        ("check", "iris", "--model", "linear"),
        ("report", "first"),
        ("doctor", "--quick"),
    ],
    ids=lambda words: words[0],
)
def test_json_is_one_document_and_nothing_else(run, arguments, capsys):
    ended = run(*arguments, "--json")

    assert ended.code == 0
    assert json.loads(ended.out)


def test_predictions_are_written_and_not_replaced(run):
    assert run("predict", "first", "iris", "--out", "answers.csv").out.startswith(
        "wrote 30 answers to answers.csv\naccuracy "
    )
    assert run("predict", "first", "iris", "--out", "answers.csv").code == 5
    assert run("predict", "first", "iris", "--out", "answers.csv", "--overwrite").code == 0


def test_two_runs_are_compared(run):
    run("train", "iris", "--model", "mlp", "--epochs", "1", "--out", "second", "--no-report")

    ended = run("compare", "first", "second", "--out", "compare.html")

    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "wrote compare.html"
    assert json.loads(run("compare", "first", "second", "--json").out)["pairs"]


def test_an_error_finding_is_code_3(lamina, tmp_path):
    (tmp_path / "own.py").write_text(
        "import lamina as keras\n\n\ndef build(schema):\n"
        "    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])\n"
        "    model.compile(loss='sparse_categorical_crossentropy')\n"
        "    return model\n"
    )

    assert lamina("check", "iris", "--model", "own.py:build").code == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("evaluate", "nowhere", "iris"), 5),
        (("compare", "nowhere"), 2),
        (("runs", "nowhere"), 5),
        (("show", "nowhere.csv"), 5),
        (("show", "iris", "--out", "x.bmp"), 2),
        (("export", "nowhere", "--to", "x.pt2"), 5),
    ],
    ids=str,
)
def test_a_mistake_is_told_in_three_parts(lamina, arguments, code):
    ended = lamina(*arguments)

    assert ended.code == code
    lines = ended.err.splitlines()
    assert [lines[0][:8], lines[-2][:12], lines[-1][:7]] == ["lamina: ", "  expected: ", "  fix: "]


def test_completion_knows_runs_and_sources(run):
    assert completion.runs("") == ["first/"]
    assert completion.sources("wi") == ["wine"]

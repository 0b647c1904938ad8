"""The commands for finished runs and sources: output, JSON, exit codes, completion."""

import json
import os
import subprocess
import sys

import pytest

from lamina.cli import completion, exit_codes
from lamina.cli.main import COMMANDS
from lamina.core.errors import CaptureError
from lamina.data import catalog
from lamina.workbench.choosing import RECIPES

HEAVY = """
import sys
from lamina.cli.main import COMMANDS, command_of
for name in COMMANDS:
    command_of(name).get_help(__import__("typer").Context(command_of(name)))
print(sorted({"torch", "numpy", "sklearn", "rich"} & set(sys.modules)))
"""


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


def test_help_of_no_command_imports_what_is_slow():
    done = subprocess.run(
        [sys.executable, "-c", HEAVY], check=False, capture_output=True, env=dict(os.environ)
    )

    assert (done.returncode, done.stdout) == (0, b"[]\n"), done.stderr


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
        ("datasets",),
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


def test_completion_knows_the_whole_catalogue_and_all_presets():
    assert list(completion.DATASETS) == [name.replace("_", "-") for name in catalog.names()]
    assert tuple(RECIPES) == completion.PRESETS


def test_completion_reads_functions_without_running_them(lamina, tmp_path):
    (tmp_path / "mine.py").write_text("1 / 0\ndef build(schema):\n    pass\n")
    (tmp_path / "no.py").write_text("def (")

    assert completion.models("m") == ["mlp", "mine.py:build"]
    assert completion.own_models("mine.py:b") == ["mine.py:build"]
    assert completion.own_models("no") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", '\ufeffsize,"sale price"\n1,2\n'),
        ("t.tsv", "size\tsale price\n1\t2\n"),
        ("t.jsonl", '{"size": 1, "sale price": 2}\n'),
    ],
)
def test_completion_offers_the_columns_of_the_source(lamina, tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    line = f"lamina train {name} --target s"
    done = subprocess.run(
        [sys.executable, "-m", "lamina"],
        env={
            **os.environ,
            "_LAMINA_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": "4",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == ["size", "sale price"]


def test_an_export_that_cannot_be_recorded_has_a_code_of_its_own():
    error = CaptureError("no.", expected="yes.", fix="weights.")

    assert exit_codes.code_of(error) == 7

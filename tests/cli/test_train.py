"""lamina train: the run folder it leaves, what it prints, what it refuses."""

import json
from pathlib import Path

import pytest

from lamina.core import randomness

QUICK = ("--model", "linear", "--epochs", "2", "--batch-size", "128")


@pytest.fixture(autouse=True)
def same_seed_after():
    yield
    randomness.set_seed(0)


def read_run(folder):
    return json.loads(Path(folder, "run.json").read_text())


def read_history(folder):
    return [json.loads(line) for line in Path(folder, "history.jsonl").read_text().splitlines()]


def test_a_run_leaves_three_files(lamina):
    ended = lamina("train", "digits", *QUICK)

    assert ended.code == 0
    names = sorted(path.name for path in Path("runs/digits-linear-1").iterdir())
    assert names == ["history.jsonl", "model.lamina", "run.json"]


def test_the_last_lines_are_accuracy_and_folder(lamina):
    ended = lamina("train", "digits", *QUICK)

    accuracy = read_run("runs/digits-linear-1")["results"]["test"]["accuracy"]
    assert ended.out.splitlines()[-2:] == [
        f"test accuracy  {accuracy:.4f}",
        "run folder     runs/digits-linear-1",
    ]


def test_a_regression_ends_with_r2_and_mae(lamina):
    ended = lamina("train", "diabetes", *QUICK)

    results = read_run("runs/diabetes-linear-1")["results"]["test"]
    assert ended.out.splitlines()[-3:] == [
        f"test R2        {results['r2_score']:.4f}",
        f"test MAE       {results['mae']:.4g}",
        "run folder     runs/diabetes-linear-1",
    ]


def test_history_has_one_line_an_epoch(lamina):
    lamina("train", "digits", *QUICK)

    rows = read_history("runs/digits-linear-1")
    assert [row["epoch"] for row in rows] == [1, 2]
    assert set(rows[0]) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}


def test_run_json_says_what_the_run_was(lamina):
    lamina("train", "digits", *QUICK, "--seed", "7", "--learning-rate", "0.01")

    run = read_run("runs/digits-linear-1")
    assert run["format"] == "lamina run 1"
    assert run["status"] == "finished"
    assert run["settings"] == {
        "dataset": "digits",
        "model": "linear",
        "epochs": 2,
        "batch_size": 128,
        "learning_rate": 0.01,
        "seed": 7,
        "out": "runs/digits-linear-1",
    }
    assert run["command"] == (
        "lamina train digits --model linear --seed 7 --epochs 2 --batch-size 128 "
        "--learning-rate 0.01 --out runs/digits-linear-1-again"
    )
    counts = [run["data"][f"num_{part}"] for part in ("train", "validation", "test")]
    assert counts == [1293, 144, 360]
    assert len(run["data"]["fingerprint"]) == 64
    assert set(run["versions"]) == {"lamina", "python", "torch", "numpy"}
    assert set(run["machine"]) == {"device", "threads", "cores", "platform"}
    assert set(run["results"]) == {"validation", "test"}


def test_the_command_in_run_json_repeats_the_results(lamina):
    lamina("train", "digits", "--model", "mlp", "--epochs", "2", "--seed", "5")
    command = read_run("runs/digits-mlp-1")["command"]

    ended = lamina(*command.split()[1:])

    assert ended.code == 0
    again = read_run("runs/digits-mlp-1-again")
    assert again["results"] == read_run("runs/digits-mlp-1")["results"]


def test_each_run_gets_a_folder_of_its_own(lamina):
    lamina("train", "digits", *QUICK)
    lamina("train", "digits", *QUICK)

    assert sorted(path.name for path in Path("runs").iterdir()) == [
        "digits-linear-1",
        "digits-linear-2",
    ]


def test_out_chooses_the_folder(lamina):
    ended = lamina("train", "iris", *QUICK, "--out", "mine/first")

    assert ended.out.splitlines()[-1] == "run folder     mine/first"
    assert read_run("mine/first")["status"] == "finished"


def test_a_folder_that_holds_something_is_left_alone(lamina):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("keep")

    ended = lamina("train", "iris", *QUICK, "--out", "mine")

    assert ended.code == 2
    assert ended.err == (
        "lamina: 'mine' holds something already, so no run is written there.\n"
        "  expected: a new or empty folder for each run.\n"
        "  fix: choose another folder, or remove that one first.\n"
    )
    assert [path.name for path in Path("mine").iterdir()] == ["notes.txt"]


def test_an_unknown_data_set_names_the_nearest(lamina):
    ended = lamina("train", "digit")

    assert ended.code == 2
    assert ended.err == (
        "lamina: 'digit' is not a data set.\n"
        "  expected: one of breast_cancer, california_housing, cifar10, cifar100, diabetes, "
        "digits, fashion_mnist, iris, mnist, wine.\n"
        '  fix: did you mean "digits"?\n'
    )


def test_an_unknown_model_names_the_nearest(lamina):
    ended = lamina("train", "digits", "--model", "cmn")

    assert ended.code == 2
    assert ended.err == (
        "lamina: 'cmn' is not a model.\n"
        "  expected: one of cnn, linear, mlp.\n"
        '  fix: did you mean "cnn"?\n'
    )


def test_a_table_is_refused_by_the_cnn(lamina):
    ended = lamina("train", "iris", "--model", "cnn")

    assert ended.code == 2
    assert ended.err == (
        "lamina: model 'cnn' does not suit iris: its examples have the shape (4,).\n"
        "  expected: pictures of shape (height, width) or (height, width, channels).\n"
        "  fix: use the model 'mlp'.\n"
    )
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--epochs", "0"),
        ("--epochs", "many"),
        ("--batch-size", "-3"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "nan"),
        ("--seed", "-1"),
        ("--depth", "3"),
        ("a-second-data-set",),
    ],
    ids=" ".join,
)
def test_impossible_arguments_are_wrong_usage(lamina, arguments):
    ended = lamina("train", "digits", *arguments)

    assert ended.code == 2
    assert ended.err
    assert "Traceback" not in ended.err
    assert not Path("runs").exists()


def test_a_place_that_cannot_be_written_is_a_disk_error(lamina):
    Path("file").write_text("")

    ended = lamina("train", "iris", *QUICK, "--out", "file/run")

    assert ended.code in (2, 5)
    assert "Traceback" not in ended.err


def test_a_diverged_run_says_so(lamina):
    ended = lamina("train", "diabetes", *QUICK, "--learning-rate", "1e30")

    assert ended.code == 6
    assert ended.err == (
        "lamina: the loss became nan in epoch 1.\n"
        "  expected: a finite number in every epoch.\n"
        "  fix: lower the learning rate, for example --learning-rate 1e+29.\n"
    )
    assert read_run("runs/diabetes-linear-1")["status"] == "diverged"
    assert read_history("runs/diabetes-linear-1")[-1]["loss"] is None

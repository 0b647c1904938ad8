"""lamina train: the run folder it leaves, what it prints, what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from lamina.core import randomness

QUICK = ("--model", "linear", "--epochs", "2", "--batch-size", "128", "--no-report")
TABLE = ("--target", "price", *QUICK)


@pytest.fixture(autouse=True)
def same_seed_after():
    yield
    randomness.set_seed(0)


def read_run(folder):
    return json.loads(Path(folder, "run.json").read_text())


def read_history(folder):
    return [json.loads(line) for line in Path(folder, "history.jsonl").read_text().splitlines()]


def write_table():
    random = np.random.default_rng(0)
    rows = [
        f"{random.integers(20, 90)},{random.integers(1, 9) if row % 7 else ''},"
        f"{random.choice(['Rome', 'Oslo'])},{2.5 * row + random.normal():.3f}"
        for row in range(1, 101)
    ]
    Path("flats.csv").write_text("size,rooms,city,price\n" + "\n".join(rows) + "\n")


def test_a_run_leaves_plain_files(lamina):
    ended = lamina("train", "digits", *QUICK[:-1])

    assert ended.code == 0
    names = sorted(path.name for path in Path("runs/digits-linear-1").iterdir())
    assert names == [
        "checkpoints", "evidence.json", "evidence.npz", "history.jsonl", "model.lamina",
        "plan.toml", "report.html", "run.json",
    ]  # fmt: skip
    assert ended.out.splitlines()[-2:] == [
        "report         runs/digits-linear-1/report.html",
        "run folder     runs/digits-linear-1",
    ]


def test_a_run_begins_with_its_data_and_model(lamina):
    lines = lamina("train", "digits", *QUICK).out.splitlines()

    assert lines[:5] == [
        "data       Digits: pictures of 8x8x1, 10 classes",
        "           1,293 for training, 144 for validation, 360 for the test",
        "classes    0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "model      linear, 650 parameters, 2 epochs of batches of 128",
        "           learning rate 0.003, seed 1",
    ]


def test_the_columns_of_a_table_are_shown(lamina):
    write_table()

    lines = lamina("train", "flats.csv", *TABLE).out.splitlines()

    start = next(place for place, line in enumerate(lines) if "column  kind" in line)
    assert [line.split()[:2] for line in lines[start : start + 4]] == [
        ["column", "kind"],
        ["size", "number"],
        ["rooms", "number"],
        ["city", "category"],
    ]
    gaps = [line.split()[2] for line in lines[start : start + 4]]
    assert (gaps[0], gaps[1], gaps[3]) == ("missing", "0", "0")
    assert 0 < int(gaps[2]) <= 14
    assert lines[0] == "data       flats: rows of 3 columns, one number of 'price'"


def test_the_kind_of_a_column_can_be_set(lamina):
    write_table()

    lamina("train", "flats.csv", *TABLE, "--set", "columns.rooms=category", "--out", "run")

    kinds = {column["name"]: column["kind"] for column in read_run("run")["data"]["columns"]}
    assert kinds == {"size": "number", "rooms": "category", "city": "category"}


def test_the_last_lines_are_accuracy_and_folder(lamina):
    ended = lamina("train", "digits", *QUICK)

    test = read_run("runs/digits-linear-1")["results"]["test"]
    low, high = test["intervals"]["accuracy"]
    assert ended.out.splitlines()[-2:] == [
        f"test accuracy  {test['accuracy']:.4f}  (95 % interval {low:.4f} to {high:.4f})",
        "run folder     runs/digits-linear-1",
    ]


def test_a_regression_ends_with_r2_and_mae(lamina):
    ended = lamina("train", "diabetes", *QUICK)

    test = read_run("runs/diabetes-linear-1")["results"]["test"]
    last = ended.out.splitlines()[-6:]
    assert last[0] == "weights        of the last epoch, 2"
    assert last[1].startswith(f"test R2        {test['r2_score']:.4f}  (95 % interval ")
    assert last[2].startswith(f"test MAE       {test['mae']:.4g}  (95 % interval ")
    assert last[3].startswith("warning        nothing was learned: always answering 1")


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
    asked = {"source": "digits", "model": "linear", "epochs": 2, "batch_size": 128, "seed": 7}
    assert asked.items() <= run["settings"].items()
    assert run["command"] == (
        "lamina train digits --model linear --set dropout=0.0 --set augment=none "
        "--set precision=float32 --epochs 2 --batch-size 128 --learning-rate 0.01 "
        "--set warmup=0.0 --set weight_decay=0.0 --seed 7 --out runs/digits-linear-1-again"
    )
    counts = [run["data"][f"num_{part}"] for part in ("train", "validation", "test")]
    assert counts == [1293, 144, 360]
    assert len(run["data"]["fingerprint"]) == 64
    assert set(run["versions"]) == {"lamina", "python", "torch", "numpy"}
    assert set(run["machine"]) == {"device", "threads", "cores", "platform"}
    assert set(run["results"]) == {"validation", "test", "constant"}
    assert run["weights"] == {"epoch": 2, "epochs": 2, "is_best": False}


def test_the_command_in_run_json_repeats_the_results(lamina):
    lamina("train", "digits", "--model", "mlp", "--epochs", "2", "--seed", "5", "--no-report")
    command = read_run("runs/digits-mlp-1")["command"]

    ended = lamina(*command.split()[1:], "--no-report")

    assert ended.code == 0
    again = read_run("runs/digits-mlp-1-again")
    assert again["results"] == read_run("runs/digits-mlp-1")["results"]


def test_a_plan_is_taken_and_options_win(lamina):
    Path("mine.toml").write_text('source = "iris"\nmodel = "linear"\nepochs = 7\nseed = 3\n')

    lamina("train", "--config", "mine.toml", "--epochs", "2", "--no-report", "--out", "run")

    told = read_run("run")["settings"]
    assert (told["source"], told["epochs"], told["seed"]) == ("iris", 2, 3)


def test_json_is_all_that_is_printed(lamina):
    ended = lamina("train", "iris", *QUICK, "--json")

    told = json.loads(ended.out)
    assert told["run"] == "runs/iris-linear-1"
    assert told["results"] == read_run("runs/iris-linear-1")["results"]


def test_quiet_prints_the_result_alone(lamina):
    lines = lamina("train", "digits", *QUICK, "--quiet").out.splitlines()

    assert [line[:14] for line in lines] == ["test accuracy ", "run folder    "]


def test_several_seeds_end_with_their_spread(lamina):
    lines = lamina("train", "iris", *QUICK, "--seeds", "2").out.splitlines()

    assert lines[0] == "seed 1: 1 of 2"
    assert lines[-2].startswith("mean test accuracy  0.")
    assert lines[-1] == "run folder     runs/iris-linear-seeds-1"
    assert Path("runs/iris-linear-seeds-1/seed-2/model.lamina").exists()


def test_findings_lead_to_files_and_commands_rather_than_python(lamina):
    told = lamina("train", "digits", "--model", "mlp", "--epochs", "2").out

    assert "\nWhat the training showed: runs/digits-mlp-1/report.html\n" in told
    assert "history.findings" not in told
    assert "check(x, y)" not in told


def test_each_run_gets_a_folder_of_its_own(lamina):
    lamina("train", "digits", *QUICK)
    lamina("train", "digits", *QUICK)

    assert sorted(path.name for path in Path("runs").iterdir()) == [
        "digits-linear-1",
        "digits-linear-2",
    ]


def test_the_same_command_again_returns_the_result(lamina):
    first = lamina("train", "iris", *QUICK, "--out", "mine/first")
    again = lamina("train", "iris", *QUICK, "--out", "mine/first")

    assert again.code == 0
    assert again.out.splitlines()[0] == "mine/first holds this run already; it has finished"
    assert again.out.splitlines()[-2:] == first.out.splitlines()[-2:]


def test_another_run_in_the_folder_is_refused(lamina):
    lamina("train", "iris", *QUICK, "--out", "run")

    ended = lamina("train", "iris", *QUICK, "--out", "run", "--learning-rate", "0.1")

    assert ended.code == 2
    assert ended.err == (
        "lamina: the run in 'run' was begun with other settings: learning_rate.\n"
        "  expected: the same run. learning_rate was 0.003, now 0.1.\n"
        "  fix: take these back, or choose another folder: --out run-2.\n"
    )


def test_a_run_without_a_source_is_wrong_usage(lamina):
    ended = lamina("train")

    assert ended.code == 2
    assert ended.err == (
        "lamina: no source was named to train on.\n"
        "  expected: a data set of `lamina datasets`, a folder, an archive or a table.\n"
        "  fix: write for example lamina train digits.\n"
    )


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


def test_an_unknown_model_names_the_nearest(lamina):
    ended = lamina("train", "digits", "--model", "cmn")

    assert ended.code == 2
    assert ended.err == (
        "lamina: 'cmn' is not a model.\n"
        "  expected: one of cnn, linear, mlp, resnet.\n"
        '  fix: did you mean "cnn"?\n'
    )


def test_a_table_is_refused_by_the_cnn(lamina):
    ended = lamina("train", "iris", "--model", "cnn")

    assert ended.code == 2
    assert ended.err == (
        "lamina: model 'cnn' does not suit iris: its examples are rows of a table.\n"
        "  expected: pictures of shape (height, width) or (height, width, channels).\n"
        "  fix: --model mlp.\n"
    )
    assert not Path("runs").exists()


def test_a_fault_in_a_plan_is_an_unreadable_file(lamina):
    Path("mine.toml").write_text('source = "iris"\nepoch = 7\n')

    ended = lamina("train", "--config", "mine.toml")

    assert ended.code == 4
    assert ended.err.splitlines()[0] == ("lamina: 'mine.toml': line 2: 'epoch' is not a setting.")
    assert ended.err.splitlines()[-1] == '  fix: did you mean "epochs"?'


@pytest.mark.parametrize(
    "arguments",
    [
        ("--epochs", "0"),
        ("--epochs", "many"),
        ("--batch-size", "-3"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "nan"),
        ("--seed", "-1"),
        ("--seeds", "0"),
        ("--set", "depth=3"),
        ("--set", "dropout"),
        ("--check", "loud"),
        ("--ignore", "nothing"),
        ("--every", "soon"),
        ("--jit", "fast"),
        ("--device", "tpu"),
        ("--task", "ranking"),
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
        "lamina: epoch 1, step 2: the result of mse_loss in the loss was not finite. Likely cause: "
        "a learning rate of 1e+30; the weights grew 2.374e+30 times.\n"
        "  expected: finite numbers in every step. Training was stopped, and the weights are those "
        "from just before this step.\n"
        "  fix: lower the learning rate: --learning-rate 1e+29.\n"
    )
    assert read_run("runs/diabetes-linear-1")["status"] == "diverged"
    assert read_history("runs/diabetes-linear-1")[-1]["loss"] is None


def test_data_that_cannot_be_learned_from_are_an_error_with_its_record(lamina):
    np.savez("bad.npz", x=np.full((40, 3), np.nan, np.float32), y=np.arange(40) % 2)

    ended = lamina("train", "bad.npz", *QUICK, "--out", "run")

    assert ended.code == 3
    assert "Traceback" not in ended.err


def test_settings_are_listed_with_the_values_for_a_source(lamina):
    write_table()

    ended = lamina("train", "flats.csv", "--target", "price", "--settings", "--json")

    rows = {row["name"]: row for row in json.loads(ended.out)}
    assert rows["learning_rate"]["type"] == "--learning-rate"
    assert (rows["model"]["default"], rows["model"]["used"]) == ("auto", "mlp")
    assert not Path("runs").exists()


def test_settings_are_listed_without_a_source(lamina):
    ended = lamina("train", "--settings")

    assert ended.code == 0
    assert ended.out.splitlines()[0].split() == ["type", "default", "meaning"]


def test_a_column_can_be_dropped(lamina):
    write_table()

    lamina("train", "flats.csv", *TABLE, "--drop", "rooms", "--out", "run")

    kinds = {column["name"]: column["kind"] for column in read_run("run")["data"]["columns"]}
    assert kinds == {"size": "number", "rooms": "ignored", "city": "category"}


def test_best_weights_are_said_to_be_those_kept(lamina):
    lines = lamina("train", "digits", *QUICK, "--set", "patience=1").out.splitlines()

    assert "weights        of epoch 2 of 2, the best by validation loss" in lines


def test_whole_numbers_that_may_be_counts_are_told(lamina):
    rows = "\n".join(f"{row * 1.7 % 9:.3f},{row % 12}" for row in range(120))
    Path("visits.csv").write_text(f"size,visits\n{rows}\n")

    told = " ".join(lamina("train", "visits.csv", "--target", "visits", *QUICK).out.split())

    assert "if these whole numbers are amounts or counts, pass --task regression." in told


def test_a_file_of_keras_is_refused_with_a_way_on(lamina):
    Path("old.keras").touch()

    ended = lamina("summary", "old.keras")

    assert ended.code == 4
    assert ended.err == (
        "lamina: 'old.keras': it is a file of Keras, which is not read here.\n"
        "  expected: a file that ends in '.lamina'.\n"
        "  fix: build the same model in Lamina and hand the weights over, whose order and layout "
        "are Keras's: model.set_weights(keras_model.get_weights()).\n"
    )

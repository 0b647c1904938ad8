"""Rows unlike those of the training: answered, joined by their ids, and told of."""

import csv
import json

import numpy as np
import polars
import pytest

import lamina
from lamina.core import randomness
from lamina.core.errors import DataError
from lamina.workbench import evaluation, prediction, settings_list, telling
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings, from_words

HEADER = ["shop_id", "size", "city", "since", "price"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of shops and a run on it."""
    path = tmp_path_factory.mktemp("shops")
    random = np.random.default_rng(0)
    rows = [
        [f"S{row:03}", int(random.integers(10, 90)), ("rome", "oslo")[row % 2],
         f"2021-{row % 12 + 1:02}-11", float(random.integers(100, 400))]
        for row in range(80)
    ]  # fmt: skip
    write(path / "shops.csv", [HEADER, *rows])
    asked = Settings(
        str(path / "shops.csv"), target="price", model="linear", epochs=1, report=False,
        out=path / "run",
    )  # fmt: skip
    carry_out(asked, say=lambda line: None, verbose=0)
    yield path
    randomness.set_seed(0)


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def answers(folder, rows, **options):
    path = folder / "new.csv"
    write(path, rows)
    return prediction.predict(folder / "run", str(path), say=lambda line: None, **options)


def test_answers_carry_row_ids_and_the_name_of_the_target(folder):
    found = answers(folder, [HEADER[:4], ["A1", 20, "rome", "2021-05-11"]], keep=["city"])

    assert list(found.columns()) == ["row", "shop_id", "city", "predicted_price"]
    assert found.columns()["row"] == [1]
    assert found.columns()["shop_id"] == ["A1"]
    assert found.notes == ()


def test_columns_that_are_not_read_may_lack_and_others_be_there(folder):
    found = answers(folder, [["since", "x", "city", "size"], ["2021-05-11", 1, "oslo", 30]])

    assert list(found.columns()) == ["row", "predicted_price"]


def test_a_column_to_keep_has_to_be_there(folder):
    with pytest.raises(DataError, match="has no column 'cty'"):
        answers(folder, [HEADER[:4], ["A1", 20, "rome", "2021-05-11"]], keep=["cty"])


def test_unfamiliar_rows_are_answered_and_told(folder):
    rows = [
        HEADER[:4],
        ["A1", 20, "paris", "2021-05-11"],
        ["A2", 9000, "rome", "2035-05-11"],
        ["A3", "", "oslo", "2021-05-11"],
    ]
    found = answers(folder, rows)

    assert len(found.predicted) == 3
    assert found.to_dict(None)["notes"] == list(found.notes)
    assert found.notes[-1] == (
        "column 'city': row 1 with values that the model does not know: 'paris'"
    )
    assert found.notes[0].startswith("column 'size': row 2 far outside the training's range, ")
    assert found.notes[0].endswith(": 9000")
    assert found.notes[1] == (
        "column 'size': row 3 without a value, which no row had in training; filled in with the "
        "mean"
    )
    assert found.notes[2] == (
        "column 'since': row 2 far outside the training's range, 2021-01-11 to 2021-12-11: "
        "2035-05-11"
    )


def test_a_copy_of_the_table_of_the_training_is_known_again(folder):
    (folder / "copy.csv").write_bytes((folder / "shops.csv").read_bytes())

    found = evaluation.evaluate(folder / "run", str(folder / "copy.csv"), say=lambda line: None)

    assert found.notes[0].startswith("the model was trained on this source; its own test part has")


# -- data frames -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(folder):
    return lamina.models.load_model(folder / "run" / "model.lamina")


def test_frames_and_dicts_of_columns_are_predicted_by_name(folder, model):
    pandas = pytest.importorskip("pandas")
    path = str(folder / "shops.csv")
    expected = prediction.predict(folder / "run", path, say=lambda line: None).predicted
    frame = pandas.read_csv(path)
    given = [
        frame,
        frame[frame.columns[::-1]].assign(extra=1),
        polars.read_csv(path),
        {name: frame[name].tolist() for name in HEADER},
    ]

    found = [model.predict(one, verbose=0)[:, 0] for one in given]

    np.testing.assert_allclose(found, [expected] * 4, rtol=1e-6)


def test_a_column_that_a_frame_lacks_is_named(model):
    with pytest.raises(DataError, match="has no column") as caught:
        model.predict({"size": [1.0], "city": ["rome"]})

    assert str(caught.value) == (
        "'x' has no column 'since'.\n"
        "  expected: the columns that the model was trained on.\n"
        "  fix: add the column; the file has 'size', 'city'."
    )


def test_columns_of_different_lengths_are_refused(model):
    with pytest.raises(DataError, match="x has columns of different lengths"):
        model.predict({"size": [1.0, 2.0], "city": ["rome"], "since": ["2021-01-01"]})


def test_a_single_row_may_be_given_as_values(model):
    row = {"size": 30, "city": "rome", "since": "2021-03-11"}

    assert model.predict(row, verbose=0).shape == (1, 1)


# -- what is said of a run -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (
            {"test": {"accuracy": 0.5}, "constant": {"answer": "no", "accuracy": 0.6}},
            "nothing was learned: always answering 'no' reaches an accuracy of 0.6000",
        ),
        (
            {
                "test": {"accuracy": 0.62, "intervals": {"accuracy": [0.55, 0.7]}},
                "constant": {"answer": "no", "accuracy": 0.6},
            },
            "not clearly better than always answering 'no', which reaches an accuracy of 0.6000",
        ),
        (
            {"test": {"r2_score": -0.2}, "constant": {"answer": 42.0, "mae": 3.5}},
            "nothing was learned: always answering 42 reaches a mean error of 3.5",
        ),
        ({"test": {"r2_score": 0.4}, "constant": {"answer": 42.0, "mae": 3.5}}, ""),
        ({"test": {"accuracy": 0.4}}, ""),
    ],
)
def test_a_run_that_learned_nothing_is_told(results, words):
    assert telling.learned_nothing(results) == words


def test_columns_are_dropped_by_name():
    assert from_words(["columns.a=number"], drop=["b c"]) == {
        "columns": {"a": "number", "b c": "ignored"}
    }


def test_every_setting_has_a_meaning_and_the_value_that_a_source_gets(folder):
    asked = Settings(str(folder / "shops.csv"), target="price")
    rows = settings_list.rows(settings_list.decided(asked, lambda line: None))
    by_name = {row["name"]: row for row in rows}

    assert by_name["model"]["used"] == "mlp"
    assert by_name["model"]["default"] == "auto"
    assert by_name["epochs"]["type"] == "--epochs"
    assert by_name["dropout"]["type"] == "--set dropout="
    assert all(row["meaning"] for row in rows)
    assert max(map(len, settings_list.lines(rows, 80))) <= 80
    assert json.dumps(rows)

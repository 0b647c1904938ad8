"""What one does with a finished run: evaluate, predict, compare, list, export, describe."""

import csv
import json

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError, DataError, StorageError
from lamina.data import catalog
from lamina.report import evidence
from lamina.workbench import (
    comparison,
    comparison_lines,
    comparison_page,
    evaluation,
    exporting,
    finished,
    listing,
    prediction,
    prediction_files,
    summarizing,
)
from lamina.workbench.experiment import carry_out
from lamina.workbench.settings import Settings


def silent(line):
    """Keeps a line to itself."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs on iris, and one on a table with words that look like formulas."""
    root = tmp_path_factory.mktemp("runs")
    table = root / "shops.csv"
    cities, answers = ("rome", "oslo", "lima"), ("=yes", "-no")
    rows = [
        f"{place * 37 % 101 / 4},{cities[place % 3]},{answers[place * 7 // 5 % 2]}"
        for place in range(60)
    ]
    table.write_text("\n".join(["size,city,open", *rows]) + "\n")
    for name, source, model, target in (
        ("mlp", "iris", "mlp", None),
        ("linear", "iris", "linear", None),
        ("shops", str(table), "linear", "open"),
    ):
        asked = Settings(
            source, model=model, target=target, epochs=2, out=root / name, report=False
        )
        carry_out(asked, say=silent, verbose=0)
    return root


def test_evaluation_gives_the_accuracy_of_the_run_on_its_own_test_part(runs):
    found = evaluation.evaluate(runs / "mlp", "iris", say=silent)

    seen = evidence.load(runs / "mlp")
    assert found.num_examples == 30
    assert found.metrics["accuracy"].value == pytest.approx((seen.answers == seen.y).mean())
    assert list(found.classes) == ["setosa", "versicolor", "virginica"]


def test_evaluation_is_written_as_json(runs, tmp_path):
    out = tmp_path / "scores.json"

    found = evaluation.evaluate(runs / "mlp", "iris", out=out, say=silent)

    assert json.loads(out.read_text()) == found.to_dict()


def test_rows_of_the_training_are_said_to_flatter(runs):
    found = evaluation.evaluate(runs / "shops", str(runs / "shops.csv"), say=silent)

    assert found.num_examples == 60
    assert found.notes == (
        "the model was trained on this source; its own test part has 12 of these 60 examples, "
        "and the others flatter it",
    )


def test_another_source_is_refused(runs):
    with pytest.raises(DataError, match="has examples of the form"):
        evaluation.evaluate(runs / "mlp", "wine", say=silent)


def test_predictions_are_those_of_the_model(runs):
    found = prediction.predict(runs / "mlp", "iris", say=silent)

    x, _ = catalog.load("iris").test
    model = finished.open_trained(runs / "mlp").model
    expected = model.predict(np.asarray(x, np.float32), verbose=0)
    np.testing.assert_allclose(found.predicted, expected, atol=1e-6)
    assert found.columns()["id"][:2] == ["test row 1", "test row 2"]


def test_the_file_of_a_model_is_as_good_as_its_run(runs):
    of_run = prediction.predict(runs / "mlp", "iris", say=silent)
    of_file = prediction.predict(runs / "mlp" / "model.lamina", "iris", say=silent)

    np.testing.assert_array_equal(of_run.predicted, of_file.predicted)


def test_rows_without_labels_are_predicted(runs, tmp_path):
    unseen = tmp_path / "new.csv"
    unseen.write_text("city,size\nrome,3\nparis,\n")

    found = prediction.predict(runs / "shops", str(unseen), say=silent)

    assert found.score is None
    assert found.columns()["row"] == [1, 2]


def test_labels_that_are_no_classes_are_passed_over_and_said(runs, tmp_path):
    unseen = tmp_path / "new.csv"
    unseen.write_text("city,size,open\nrome,3,maybe\n")
    told = []

    found = prediction.predict(runs / "shops", str(unseen), say=told.append)

    assert found.y is None
    assert told[-1].startswith("labels are passed over: ")


def test_csv_keeps_formulas_from_spreadsheets(runs, tmp_path):
    out = tmp_path / "answers.csv"

    prediction.predict(
        runs / "shops", str(runs / "shops.csv"), out=out, every_class=True, say=silent
    )

    with out.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "row", "predicted_open", "probability", "probability of -no", "probability of =yes",
    ]  # fmt: skip
    assert {row[1] for row in rows[1:]} <= {"'=yes", "'-no"}
    assert len(rows) == 61


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("+a", "'+a"), ("\tx", "'\tx"), ("-3.5", "-3.5"), (2, 2)],
)
def test_a_cell_is_text_or_a_number(cell, written):
    assert prediction_files.as_text(cell) == written


def test_json_lines_hold_texts_as_they_are(runs, tmp_path):
    out = tmp_path / "answers.jsonl"

    prediction.predict(runs / "shops", str(runs / "shops.csv"), out=out, say=silent)

    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["predicted_open"] for row in rows} <= {"=yes", "-no"}
    assert set(rows[0]) == {"row", "predicted_open", "probability"}


def test_parquet_is_written(runs, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "answers.parquet"

    prediction.predict(runs / "mlp", "iris", out=out, say=silent)

    assert parquet.read_table(out).column_names == ["id", "predicted_target", "probability"]


def test_a_file_that_exists_is_not_replaced(runs, tmp_path):
    out = tmp_path / "answers.csv"
    out.write_text("mine")

    with pytest.raises(StorageError, match="exists already") as caught:
        prediction.predict(runs / "mlp", "iris", out=out, say=silent)

    assert str(caught.value) == (
        f"file {str(out)!r} exists already.\n"
        "  expected: a name that is not taken.\n"
        "  fix: choose another name, or add --overwrite."
    )
    assert out.read_text() == "mine"


def test_an_unknown_ending_is_refused_before_anything_is_read():
    with pytest.raises(ArgumentError, match="does not end in what is written here"):
        prediction_files.checked(finished.Path("x.xls"), overwrite=False)


def test_runs_are_compared_on_the_same_rows(runs):
    found = comparison.compare([runs / "mlp", runs / "linear"])

    assert found.notes == []
    assert len(found.pairs) == 1
    scores = [run.score.value for run in found.runs]
    assert scores == sorted(scores, reverse=True)
    only = found.pairs[0].found
    assert (only.only_first - only.only_second) / 30 == pytest.approx(scores[0] - scores[1])


def test_runs_on_other_data_get_no_paired_test(runs):
    found = comparison.compare([runs / "mlp", runs / "shops"])

    assert found.pairs == []
    assert found.notes[0].endswith("their scores cannot be compared")


def test_one_run_is_nothing_to_compare(runs):
    with pytest.raises(ArgumentError, match="1 run to compare"):
        comparison.compare([runs / "mlp"])


def test_p_values_of_several_tests_are_corrected():
    assert comparison.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_the_page_of_a_comparison_is_one_file_with_all_curves(runs):
    page = comparison_page.render(comparison.compare([runs / "mlp", runs / "linear"]))

    assert page.count("data-chart=") >= 4
    assert 'class="line run1"' in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_comparison_as_text_names_every_run(runs):
    lines = comparison_lines.lines(comparison.compare([runs / "mlp", runs / "linear"]))

    assert {lines[1].split()[0], lines[2].split()[0]} == {"mlp", "linear"}
    assert all(len(line) <= 80 for line in lines[:3])


def test_runs_are_listed_the_newest_first(runs):
    entries = listing.runs_in(runs)

    assert {entry.path for entry in entries} == {
        str(runs / name) for name in ("mlp", "linear", "shops")
    }
    assert [e.started for e in entries] == sorted((e.started for e in entries), reverse=True)
    assert entries[0].status == "finished"


def test_a_damaged_run_is_listed_as_unreadable(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")

    assert [entry.status for entry in listing.runs_in(tmp_path)] == ["unreadable"]


def test_an_exported_program_answers_as_the_model_does(runs, tmp_path):
    found = exporting.export(runs / "mlp", tmp_path / "iris.pt2")

    x = np.random.default_rng(1).random((7, 4), np.float32)
    program = torch.export.load(tmp_path / "iris.pt2").module()
    expected = finished.open_trained(runs / "mlp").model.predict(x, verbose=0)
    np.testing.assert_allclose(program(torch.from_numpy(x)).detach(), expected, atol=1e-6)
    assert found.difference <= 1e-6


def test_weights_are_exported_by_name(runs, tmp_path):
    found = exporting.export(runs / "mlp", tmp_path, form="safetensors")

    assert found.path == tmp_path / "mlp.safetensors"
    assert found.difference is None


def test_a_format_must_be_known(runs, tmp_path):
    with pytest.raises(ArgumentError, match="does not say which format is wanted"):
        exporting.export(runs / "mlp", tmp_path / "model.bin")


def test_a_summary_knows_layers_and_training(runs):
    found = summarizing.describe(runs / "linear")

    assert found.to_dict()["schema"]["class_names"] == ["setosa", "versicolor", "virginica"]
    assert [layer["type"] for layer in found.to_dict()["layers"]][-1] == "Dense"
    assert "classes   setosa, versicolor, virginica" in found.lines()


def test_a_folder_without_a_model_names_a_run_inside(runs):
    with pytest.raises(ArgumentError, match="holds no model") as caught:
        finished.open_trained(runs)

    assert caught.value.fix == f"name one of the runs in it, for example {str(runs / 'linear')!r}."

"""Evidence is what the model and the data say, and survives the disk."""

import dataclasses
import json
import re

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import LoadError, ShapeError
from lamina.data.dataset import Part, Schema
from lamina.report import answers, evidence, features
from lamina.report.saliency import saliency
from tests.report import runs


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return runs.pictures(tmp_path_factory.mktemp("runs") / "pictures")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return runs.table(tmp_path_factory.mktemp("runs") / "table")


@pytest.fixture(scope="module")
def sums(tmp_path_factory):
    return runs.regression(tmp_path_factory.mktemp("runs") / "sums")


@pytest.mark.parametrize("kind", ["pictures", "table", "sums"])
def test_loaded_evidence_is_what_was_collected(kind, request):
    run = request.getfixturevalue(kind)
    seen, loaded = evidence.look(run.model, run.dataset), evidence.load(run.path)

    plain = {"ids", "schema", "sizes", "examples", "importance", "features", "class_counts"}
    assert {n: getattr(loaded, n) for n in plain} == {n: getattr(seen, n) for n in plain}
    np.testing.assert_array_equal(loaded.predicted, seen.predicted)
    np.testing.assert_array_equal(loaded.y, seen.y)
    assert [one.row for one in loaded.mistakes] == [one.row for one in seen.mistakes]


def test_predictions_are_those_of_the_model(pictures):
    loaded = evidence.load(pictures.path)

    expected = pictures.model.predict(pictures.dataset.test.x, verbose=0)
    np.testing.assert_allclose(loaded.predicted, expected, rtol=1e-5)


def test_mistakes_are_wrong_and_the_surest_comes_first(pictures):
    seen = evidence.load(pictures.path)
    sure = [one.confidence for one in seen.mistakes]

    assert sure == sorted(sure, reverse=True)
    assert all(one.answer != one.sample.label for one in seen.mistakes)
    wrong = seen.answers != seen.y
    assert sure[0] == pytest.approx(seen.confidence[wrong].max())


def test_the_largest_error_comes_first(sums):
    seen = evidence.load(sums.path)

    assert seen.mistakes[0].row == int(np.abs(seen.predicted - seen.y).argmax())


def test_a_column_without_weight_has_no_importance(sums):
    found = {one.name: one.mean for one in evidence.load(sums.path).importance}

    assert found["c"] == 0.0
    assert found["a"] > found["b"] > 0.2


def test_importance_of_a_column_is_the_fall_of_the_score():
    # y = x0, predicted exactly: without x0, the R² of shuffled answers is 1 - 2 = -1 on average.
    x = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
    inputs = layers.Input(shape=(2,))
    last = layers.Dense(1)
    model = lamina.Model(inputs, last(inputs))
    last.set_weights([np.array([[1.0], [0.0]], np.float32), np.zeros(1, np.float32)])
    schema = Schema("arrays", "regression")

    found = features_importance(model, x, schema)

    assert found["input 1"] == pytest.approx(2.0, abs=0.2)


def features_importance(model, x, schema):
    columns = features.features_of(schema, x)
    found = evidence.importances(model, x, x[:, 0], schema, columns)
    return {one.name: one.mean for one in found}


def test_columns_of_a_table_have_their_names(table):
    columns = features.features_of(table.dataset.schema, table.dataset.test.x)

    assert [one.name for one in columns] == ["length", "width", "place", "day"]
    assert [one.places for one in columns] == [(0,), (1,), (0,), (2, 3, 4)]


def test_cells_are_read_as_people_write_them(table):
    columns = features.features_of(table.dataset.schema, table.dataset.train.x)

    cells = features.row_as_text(table.dataset.train.x, columns, 0)

    # a gap; False; the category; 20,000 days after 1970-01-01
    assert cells == ("", "no", "length 0", "2024-10-04")


def test_test_examples_that_were_seen_in_training_are_counted(pictures):
    data = pictures.dataset
    mixed = np.concatenate([data.train.x[:5], data.test.x[5:], data.test.x[-2:]])
    y = np.concatenate([data.test.y, data.test.y[-2:]])
    test = Part(mixed, y, [str(i) for i in range(len(y))])

    seen = evidence.look(pictures.model, dataclasses.replace(data, test=test))

    assert (seen.overlap, seen.repeats) == (5, 2)


def test_saliency_is_where_the_weights_are():
    pictures = np.full((2, 9, 9), 100, np.uint8)
    kernel = np.zeros((81, 2), np.float32)
    kernel[40, 1] = 1.0  # the pixel in the middle
    last = layers.Dense(2, activation="softmax")
    model = lamina.Sequential([layers.Input(shape=(9, 9)), layers.Flatten(), last])
    last.set_weights([kernel, np.zeros(2, np.float32)])

    maps = saliency(model, pictures, np.array([1, 1]), np.array([0, 0]))

    assert maps.shape == (2, 9, 9)
    assert np.unravel_index(maps[0].argmax(), (9, 9)) == (4, 4)
    assert maps[0, 0, 0] == 0


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([[0.25, 0.75]], [[0.25, 0.75]]),
        ([[0.0, np.log(3)]], [[0.25, 0.75]]),
        ([[0.75]], [[0.25, 0.75]]),
        ([[-np.log(3)]], [[0.75, 0.25]]),
    ],
)
def test_outputs_of_every_kind_become_probabilities(outputs, expected):
    found = answers.as_probabilities(np.array(outputs, np.float32))

    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_model_with_other_outputs_is_refused(pictures):
    data = pictures.dataset
    schema = dataclasses.replace(data.schema, class_names=("a", "b", "c"))
    name = pictures.model.name
    message = (
        f"model '{name}' gives outputs of shape (60, 10); the data has 3 classes.\n"
        "  expected: one output of shape (batch, classes), or (batch, 1) for a number.\n"
        "  fix: let the last layer be Dense(classes) or Dense(1)."
    )

    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        answers.predict(pictures.model, data.test.x, schema)


# -- damaged files ---------------------------------------------------------------------------


def damaged(run, folder, change):
    """The evidence of a run in another folder, its document changed."""
    folder.mkdir(exist_ok=True)
    document = json.loads((run.path / "evidence.json").read_text())
    change(document)
    (folder / "evidence.json").write_text(json.dumps(document))
    (folder / "evidence.npz").write_bytes((run.path / "evidence.npz").read_bytes())
    return folder


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d.update(format="pickle"), "'format' is 'pickle', not one of lamina evidence 1"),
        (lambda d: d.pop("sizes"), "the entry 'sizes' is missing"),
        (lambda d: d["schema"].update(evil=1), "'schema.evil' is '1', not known to this version"),
        (lambda d: d["schema"].update(class_names=[1]), "'schema.class_names[0]' is '1', not text"),
        (lambda d: d.update(num_test=61), "the array 'predicted' is missing or has another form"),
        (lambda d: d.update(constant=10), "'constant' is '10', not a class number"),
        (lambda d: d["mistakes"][0].update(row=60), "'mistakes[0].row' is '60', not a whole"),
        (lambda d: d["examples"][0].update(picture=999), "'examples[0].picture' is '999', not a"),
        (lambda d: d["examples"][0].update(label=True), "'examples[0].label' is 'True', not a"),
        (lambda d: d["sizes"].update(train=-1), "'sizes.train' is '-1', not a whole number"),
        (lambda d: d.update(mistakes=[]), "there is not one saliency map for each mistake"),
        (lambda d: d["class_counts"].update(train=[1]), "is '[1]'"),
        (lambda d: d.update(examples=d["examples"] * 20), "not a list of at most 500"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_changed_document_is_refused(pictures, tmp_path, change, what):
    folder = damaged(pictures, tmp_path / "changed", change)
    what = what if "[1]" not in what else "'class_counts' is"

    with pytest.raises(LoadError, match=re.escape(what)):
        evidence.load(folder)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("y", np.full(60, 10)),
        ("y", np.zeros(60, np.float32)),
        ("predicted", np.zeros((60, 10), np.int64)),
        ("pictures", np.zeros((1, 97, 2, 1), np.uint8)),
        ("pictures", np.zeros((84, 8, 8, 2), np.uint8)),
        ("ids_ends", np.zeros(60, np.int64)),
        ("ids_text", np.full(10, 255, np.uint8)),
        ("saliency", np.zeros((24, 8), np.uint8)),
    ],
)
def test_a_changed_array_is_refused(pictures, tmp_path, name, array):
    folder = damaged(pictures, tmp_path / "changed", lambda document: None)
    with np.load(folder / "evidence.npz") as kept:
        arrays = {**kept, name: array}
    np.savez(folder / "evidence.npz", **arrays)

    with pytest.raises(LoadError, match=r"evidence\.npz"):
        evidence.load(folder)


def test_the_message_of_a_changed_document_says_what_to_do(sums, tmp_path):
    folder = damaged(sums, tmp_path / "changed", lambda document: document.pop("repeats"))
    file = str(folder / "evidence.json")
    shown = repr(file) if len(repr(file)) <= 90 else repr(file)[:89] + "…"
    problem = f"{shown}: the entry 'repeats' is missing."
    message = (
        f"{problem}\n"
        "  expected: a file as lamina wrote it into the run folder.\n"
        "  fix: train again, or evaluate the run again."
    )

    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        evidence.load(folder)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (34703.27, "34703"),
        (2020.0, "2020"),
        (-0.0214, "\u22120.0214"),
        (1.5e12, "1.5e+12"),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_numbers_of_a_row_are_short(value, shown):
    column = features.Feature("a", None, (0,))

    assert features.row_as_text(np.array([[value]]), [column], 0) == (shown,)

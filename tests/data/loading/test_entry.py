"""What a source can be, what is said of anything else, and sets of the catalogue."""

import re

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, DataError, LaminaError, StorageError
from lamina.data import Column, load, read
from lamina.data.tables import read_table
from tests.data.loading.picture_sources import classes, encoded, write_folder

NAMES = (
    "fashion-mnist, mnist, cifar10, cifar100, california-housing, digits, iris, wine, "
    "breast-cancer, diabetes"
)
READABLE = (
    "a folder, .zip, .tar, .tar.gz or .tgz with one folder of pictures a class; a .csv, .tsv, "
    ".jsonl, .ndjson, .parquet or .pq table; an .npz file; 'x.npy,y.npy'; IDX files; or a name "
    "of the catalogue"
)


def test_digits_come_as_pictures():
    dataset = load("digits")

    assert dataset.train.x.shape == (1437, 8, 8, 1)
    assert dataset.schema.form == "pictures"
    assert dataset.schema.value_range == (0, 16)
    assert dataset.train.y.dtype == np.int64
    assert (dataset.train.ids[0], dataset.test.ids[-1]) == ("train row 1", "test row 360")
    assert dataset.validation is None
    assert (dataset.name, dataset.title, dataset.source) == ("digits", "Digits", "digits")


def test_a_table_of_the_catalogue_comes_as_a_table():
    dataset = load("breast-cancer")

    assert list(dataset.train.x) == ["numbers"]
    assert dataset.train.x["numbers"].dtype == np.float32
    assert dataset.schema.form == "table"
    distinct = len(np.unique(dataset.train.x["numbers"][:, 0]))
    assert dataset.schema.columns[0] == Column("mean radius", "number", distinct=distinct)
    assert dataset.schema.class_names == ("malignant", "benign")


def test_rows_in_a_csv_are_read_as_those_of_the_catalogue(tmp_path):
    dataset = load("iris")
    lines = [",".join(column.name for column in dataset.schema.columns)]
    lines += [",".join(map(str, row)) for row in dataset.test.x["numbers"].tolist()]
    path = tmp_path / "unseen.csv"
    path.write_text("\n".join(lines) + "\n")
    part = read(path, dataset.schema)

    np.testing.assert_array_equal(part.x["numbers"], dataset.test.x["numbers"])
    assert part.y is None


def test_labels_of_regression_are_numbers():
    dataset = load("diabetes")

    assert dataset.schema.task == "regression"
    assert dataset.train.y.dtype == np.float32
    assert dataset.train.y.shape == (353,)


def test_the_division_of_the_catalogue_does_not_depend_on_the_seed():
    one, other = (load("wine", seed=seed).test.x["numbers"] for seed in (1, 2))

    np.testing.assert_array_equal(one, other)


def test_a_name_of_the_catalogue_wins_over_a_folder_and_says_so(tmp_path, monkeypatch):
    write_folder(tmp_path / "digits", classes({"a": 4, "b": 4}))
    monkeypatch.chdir(tmp_path)
    said = []

    assert load("digits", say=said.append).title == "Digits"
    assert load("./digits").schema.class_names == ("a", "b")
    assert said == ["'digits' is the data set of the catalogue; the file or folder is './digits'"]


def test_a_table_is_loaded_with_its_arguments(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "".join(f"{n % 9},{n * 7 % 5},{'xy'[n % 2]}\n" for n in range(40)))
    dataset = load(path, target="c", kinds={"b": "category"})

    assert dataset.schema.form == "table"
    assert dataset.schema.class_names == ("x", "y")
    assert [column.kind for column in dataset.schema.columns] == ["number", "category"]
    np.testing.assert_array_equal(
        read(path, dataset.schema).x["numbers"], read_table(path, dataset.schema).x["numbers"]
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "fashion-minst",
            "'fashion-minst' is no file or folder here and no name of the catalogue.\n"
            f"  expected: {READABLE}: {NAMES}.\n"
            '  fix: did you mean "fashion-mnist"?',
        ),
        (
            "https://example.org/a.zip",
            "'https://example.org/a.zip' is an address, not something on this machine.\n"
            f"  expected: {READABLE}.\n"
            "  fix: download it first, for example with lamina.utils.get_file(origin=...).",
        ),
    ],
)
def test_what_is_no_source_is_told_with_what_could_be_one(source, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        load(source)


@pytest.mark.parametrize("source", [None, 3, "", ["digits"], b""])
def test_a_source_that_is_no_text_is_refused(source):
    with pytest.raises(ArgumentError, match=r"load\(source="):
        load(source)


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("no/such/folder", StorageError, "'no/such/folder' does not exist"),
        ("x.npy,y.npy", StorageError, "'y.npy' does not exist"),
        ("cat.png", ArgumentError, "'cat.png' is a single picture, nothing to learn from"),
        ("notes.docx", DataError, "'notes.docx' has an ending that is not known here"),
        ("x.npy,notes.docx", DataError, "'notes.docx' has an ending that is not known here"),
        ("x.npy,cat.png", DataError, "'x.npy,cat.png' is no pair of .npy or of IDX files"),
        ("x.npy", DataError, "'x.npy' has examples, but no labels"),
    ],
)
def test_files_that_cannot_be_learned_from(source, error, message, tmp_path, monkeypatch):
    write_folder(tmp_path, {"cat.png": encoded(1), "notes.docx": b"?"})
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(error, match=message):
        load(source)


@pytest.mark.parametrize(
    "arguments",
    [
        {"task": "clustering"},
        {"test_share": 0},
        {"test_share": 1.0},
        {"validation_share": -0.1},
        {"seed": -1},
        {"on_bad_file": "ignore"},
        {"color_mode": "grey"},
        {"target": "label"},
        {"kinds": {"a": "number"}},
    ],
    ids=str,
)
def test_impossible_arguments_are_named(arguments):
    with pytest.raises(ArgumentError, match=rf"load\({next(iter(arguments))}="):
        load("digits", **arguments)


def test_pictures_have_no_regression(tmp_path):
    with pytest.raises(ArgumentError, match=r"load\(task='regression'\) is not possible"):
        load(write_folder(tmp_path, classes({"a": 2, "b": 2})), task="regression")


def test_every_error_has_a_short_first_line(tmp_path):
    folder = tmp_path / ("long " * 40)
    folder.mkdir()
    with pytest.raises(LaminaError, match="holds no files") as caught:
        load(folder)

    assert len(caught.value.problem) <= 200

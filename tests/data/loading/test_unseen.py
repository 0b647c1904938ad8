"""Unseen examples are read as the training's were, with labels where there are some."""

import re

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, DataError, StorageError
from lamina.data import load, read
from tests.data.loading.picture_sources import (
    classes,
    encoded,
    values,
    write_folder,
    write_source,
)

FORMS = ["folder", "zip", "tar.gz"]


@pytest.fixture
def schema(tmp_path):
    """Classes a and b, pictures of 4 x 5 in colour."""
    return load(write_folder(tmp_path / "training", classes({"a": 5, "b": 5}))).schema


def test_a_single_picture(schema, tmp_path):
    write_folder(tmp_path, {"new.jpg": encoded(40, size=(50, 40), form="JPEG")})
    part = read(tmp_path / "new.jpg", schema)

    assert part.x.shape == (1, 4, 5, 3)
    assert part.y is None
    assert part.ids == [str(tmp_path / "new.jpg")]


def test_several_pictures_keep_their_order(schema, tmp_path):
    write_folder(tmp_path, {f"{n}.png": encoded(n) for n in range(3)})
    part = read([tmp_path / f"{n}.png" for n in (2, 0, 1, 2)], schema)

    assert values(part) == [2, 0, 1, 2]


@pytest.mark.parametrize("form", FORMS)
def test_a_flat_source_has_no_labels(form, schema, tmp_path):
    files = {f"{n}.png": encoded(n) for n in range(3)}
    part = read(write_source(form, tmp_path, files), schema)

    assert (values(part), part.y) == ([0, 1, 2], None)
    assert part.ids == ["0.png", "1.png", "2.png"]


def test_a_flat_folder_inside_an_archive_has_no_labels(schema, tmp_path):
    files = {f"holiday/{n}.png": encoded(n) for n in range(3)}

    assert read(write_source("zip", tmp_path, files), schema).y is None


@pytest.mark.parametrize("form", FORMS)
def test_class_folders_are_labels(form, schema, tmp_path):
    part = read(write_source(form, tmp_path, classes({"b": 2, "a": 1})), schema)

    assert dict(zip(part.ids, part.y.tolist(), strict=True)) == {
        "a/0.png": 0, "b/0.png": 1, "b/1.png": 1,
    }  # fmt: skip
    assert part.y.dtype == np.int64


def test_one_class_is_enough_to_predict(schema, tmp_path):
    assert read(write_folder(tmp_path / "s", classes({"b": 2})), schema).y.tolist() == [1, 1]


def test_the_test_part_of_a_source_with_parts_is_read(schema, tmp_path):
    said = []
    files = classes({"a": 2, "b": 2}, "train/") | classes({"b": 1}, "test/", start=50)
    part = read(write_folder(tmp_path / "s", files), schema, say=said.append)

    assert (values(part), part.y.tolist()) == ([50], [1])
    assert said == [f"reading the test part of {str(tmp_path / 's')!r}"]


def test_folders_can_be_passed_over(schema, tmp_path):
    part = read(write_folder(tmp_path / "s", classes({"x": 2, "y": 2})), schema, labelled=False)

    assert (part.num_examples, part.y) == (4, None)


def test_other_classes_are_an_error_with_both_lists(schema, tmp_path):
    folder = write_folder(tmp_path / "s", classes({"a": 1, "c": 1}))
    message = (
        f"{str(folder)!r} has the class folder 'c', which is not a class of the model.\n"
        "  expected: folders among 'a', 'b'; there are 'a', 'c'.\n"
        "  fix: rename the folders, or pass labelled=False to read the pictures without labels."
    )

    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        read(folder, schema)


def test_labels_can_be_demanded(schema, tmp_path):
    folder = write_folder(tmp_path / "s", {"0.png": encoded(0)})

    with pytest.raises(DataError, match="has no class folder"):
        read(folder, schema, labelled=True)
    with pytest.raises(ArgumentError, match="labels were asked for"):
        read(folder / "0.png", schema, labelled=True)


def test_broken_pictures_are_an_error_or_skipped(schema, tmp_path):
    folder = write_folder(tmp_path / "s", {"0.png": b"x", "1.png": encoded(1)})
    said = []

    with pytest.raises(DataError, match="1 of 2 files cannot be read as pictures"):
        read(folder, schema)
    assert read(folder, schema, on_bad_file="skip", say=said.append).ids == ["1.png"]
    assert said[0].startswith("skipped 1 file: ")


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("nothing", DataError, "holds no picture"),
        ("table.csv", ArgumentError, "table"),
        ("gone.png", StorageError, "does not exist"),
        ([], ArgumentError, "the list of files to read is empty"),
        (["0.png", "table.csv"], ArgumentError, "'table.csv' is no picture"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_named(source, error, message, schema, tmp_path, monkeypatch):
    write_folder(tmp_path, {"0.png": encoded(0), "table.csv": b"a,b\n1,2\n"})
    (tmp_path / "nothing").mkdir()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(error, match=message):
        read(source, schema)


# -- arrays and the catalogue ------------------------------------------------------------------


@pytest.fixture
def arrays(tmp_path):
    """Rows of three numbers in classes called 1, 2 and 3."""
    path = tmp_path / "training.npz"
    np.savez(path, x=np.arange(90.0).reshape(30, 3), y=np.arange(30) % 3 + 1)
    return load(path).schema


def test_arrays_have_labels_where_there_are_some(arrays, tmp_path):
    np.savez(tmp_path / "new.npz", x=np.ones((2, 3)), y=[3, 1])
    np.save(tmp_path / "new.npy", np.ones((2, 3)))

    assert read(tmp_path / "new.npz", arrays).y.tolist() == [2, 0]
    assert read(tmp_path / "new.npz", arrays, labelled=False).y is None
    assert read(tmp_path / "new.npy", arrays).y is None
    assert read(tmp_path / "new.npy", arrays).ids[1] == "row 2"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"x": np.ones((2, 4)), "y": [1, 2]}, r"has examples of shape \(4,\)"),
        ({"x": np.ones((2, 3)), "y": [1, 4]}, "the label 4 of example 1 is not a class"),
        ({"x": np.ones((2, 3))}, "has examples, but no labels"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(file, message, arrays, tmp_path):
    np.savez(tmp_path / "new.npz", **file)

    with pytest.raises(DataError, match=message):
        read(tmp_path / "new.npz", arrays, labelled=True)


def test_the_test_part_of_the_catalogue_is_read():
    dataset = load("digits")
    part = read("digits", dataset.schema)

    np.testing.assert_array_equal(part.x, dataset.test.x)
    np.testing.assert_array_equal(part.y, dataset.test.y)


def test_another_set_of_the_catalogue_is_refused():
    with pytest.raises(DataError, match="Digits has examples of the form pictures"):
        read("digits", load("wine").schema)


def test_pictures_are_brought_into_the_range_of_the_training(tmp_path):
    schema = load("digits").schema
    write_folder(tmp_path, {"white.png": encoded(255, size=(8, 8), mode="L")})

    assert np.unique(read(tmp_path / "white.png", schema).x).tolist() == [16]


def test_pictures_are_no_examples_of_a_table(tmp_path):
    write_folder(tmp_path, {"0.png": encoded(0)})

    with pytest.raises(DataError, match="are pictures; the model reads tables"):
        read(tmp_path, load("wine").schema)

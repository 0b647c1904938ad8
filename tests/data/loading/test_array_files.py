"""npz, npy and IDX files: names, parts, tasks, classes, faults."""

import gzip
import struct

import numpy as np
import pytest

from lamina.core.errors import DataError, LoadError
from lamina.data import load

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3))
Y = np.arange(40) % 4
PICTURES = RANDOM.integers(0, 256, (40, 6, 5), dtype=np.uint8)


def saved(tmp_path, **arrays):
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)
    return path


def test_x_and_y_are_divided(tmp_path):
    dataset = load(saved(tmp_path, x=X, y=Y))

    assert (dataset.train.num_examples, dataset.test.num_examples) == (32, 8)
    assert np.bincount(dataset.test.y).tolist() == [2, 2, 2, 2]
    assert dataset.schema.form == "arrays"
    assert dataset.schema.input_shape == (3,)
    assert dataset.schema.class_names == ("0", "1", "2", "3")
    rows = [int(name.removeprefix("row ")) - 1 for name in dataset.test.ids]
    np.testing.assert_array_equal(dataset.test.x, X[rows])
    np.testing.assert_array_equal(dataset.test.y, Y[rows])
    assert dataset.notes[0] == "labels are 4 classes: classification"


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("xtrain", "ytrain", "xtest", "ytest"),
        ("images", "labels", "images_test", "labels_test"),
    ],
)
def test_given_parts_are_kept_whatever_they_are_called(names, tmp_path):
    parts = dict(zip(names, (X[:30], Y[:30], X[30:], Y[30:]), strict=True))
    dataset = load(saved(tmp_path, **parts))

    np.testing.assert_array_equal(dataset.train.x, X[:30])
    np.testing.assert_array_equal(dataset.test.y, Y[30:])
    assert dataset.test.ids[0] == "test row 1"


def test_a_validation_part_is_kept(tmp_path):
    path = saved(
        tmp_path, x_train=X[:20], y_train=Y[:20], x_val=X[20:30], y_val=Y[20:30],
        x_test=X[30:], y_test=Y[30:],
    )  # fmt: skip

    np.testing.assert_array_equal(load(path).validation.y, Y[20:30])


@pytest.mark.parametrize(
    ("y", "task", "class_names"),
    [
        (Y, "classification", ("0", "1", "2", "3")),
        (Y + 1, "classification", ("1", "2", "3", "4")),
        (Y * 10.0 - 10, "classification", ("-10", "0", "10", "20")),
        (Y % 2 == 0, "classification", ("0", "1")),
        (Y[:, None].astype(np.uint8), "classification", ("0", "1", "2", "3")),
        (np.eye(4)[Y], "classification", ("0", "1", "2", "3")),
        (X[:, 0], "regression", ()),
        (np.arange(40.0), "regression", ()),
    ],
)
def test_the_task_is_recognised(y, task, class_names, tmp_path):
    schema = load(saved(tmp_path, x=X, y=y)).schema

    assert (schema.task, schema.class_names) == (task, class_names)


def test_labels_become_class_numbers(tmp_path):
    for_one_hot = load(
        saved(tmp_path, x_train=X, y_train=np.eye(4)[Y], x_test=X, y_test=np.eye(4)[Y])
    )
    shifted = load(saved(tmp_path, x_train=X, y_train=Y * 5 - 1, x_test=X, y_test=Y * 5 - 1))

    assert for_one_hot.train.y.tolist() == Y.tolist()
    assert shifted.train.y.tolist() == Y.tolist()
    assert shifted.train.y.dtype == np.int64


def test_the_task_can_be_chosen(tmp_path):
    dataset = load(saved(tmp_path, x=X, y=Y), task="regression")

    assert dataset.schema.task == "regression"
    assert dataset.train.y.dtype == np.float32


def test_bytes_of_two_or_three_axes_are_pictures(tmp_path):
    dataset = load(saved(tmp_path, x=PICTURES, y=Y))

    assert dataset.schema.form == "pictures"
    assert dataset.train.x.shape == (32, 6, 5, 1)
    assert dataset.schema.picture_size == (6, 5)
    assert dataset.schema.color_mode == "grayscale"


def test_a_pair_of_npy_files_and_a_folder_with_them_are_the_same(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    pair = load(f"{tmp_path / 'x.npy'},{tmp_path / 'y.npy'}")
    folder = load(tmp_path)

    assert pair.fingerprint == folder.fingerprint
    assert pair.test.ids == folder.test.ids


def idx(array):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def test_a_folder_of_idx_files_keeps_its_parts(tmp_path):
    for part, rows in (("train", slice(0, 30)), ("t10k", slice(30, 40))):
        images, labels = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte"
        (tmp_path / images).write_bytes(gzip.compress(idx(PICTURES[rows])))
        (tmp_path / labels).write_bytes(idx(Y[rows]))
    dataset = load(tmp_path)

    np.testing.assert_array_equal(dataset.train.x[..., 0], PICTURES[:30])
    np.testing.assert_array_equal(dataset.test.y, Y[30:])


def test_a_pair_of_idx_files_is_divided(tmp_path):
    (tmp_path / "images-idx3-ubyte").write_bytes(idx(PICTURES))
    (tmp_path / "labels-idx1-ubyte").write_bytes(idx(Y))
    dataset = load(f"{tmp_path / 'images-idx3-ubyte'},{tmp_path / 'labels-idx1-ubyte'}")

    assert dataset.train.x.shape == (32, 6, 5, 1)


def test_equal_rows_stay_on_one_side(tmp_path):
    dataset = load(saved(tmp_path, x=np.repeat(X, 4, axis=0), y=np.repeat(Y, 4)))
    parts = (dataset.train, dataset.test)
    train, test = ({tuple(row) for row in part.x.tolist()} for part in parts)

    assert train & test == set()
    assert len(test) > 0


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": X, "b": Y}, r"holds the arrays 'a, b'"),
        ({"x": X}, "has examples, but no labels"),
        ({"x": X, "y": Y[:30]}, r"the train part has 40 examples and labels of shape \(30,\)"),
        ({"x": X[:0], "y": Y[:0]}, r"the train part has examples of shape \(0, 3\)"),
        ({"x": X, "y": X}, "has labels of 3 columns"),
        ({"x": X, "y": np.where(Y == 2, np.nan, Y)}, "the label 2 is NaN or infinite"),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y},
            r"the test part has examples of shape \(2,\)",
        ),
        ({"x_train": X, "y_train": Y, "x_test": X}, "the test part has no labels"),
        ({"x": X[:2], "y": Y[:2]}, "has 2 examples, too few"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, message, tmp_path):
    with pytest.raises(DataError, match=message):
        load(saved(tmp_path, **arrays))


@pytest.mark.parametrize(
    ("y", "message"),
    [(X[:, 0], "has fractions, which are no classes"), (Y * 0, "has 1 different labels")],
)
def test_labels_that_are_no_classes_are_refused(y, message, tmp_path):
    with pytest.raises(DataError, match=message):
        load(saved(tmp_path, x=X, y=y), task="classification")


def test_pickled_objects_are_refused(tmp_path):
    with pytest.raises(LoadError, match="dtype"):
        load(saved(tmp_path, x=np.array([{}], dtype=object), y=Y))

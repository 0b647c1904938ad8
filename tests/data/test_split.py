"""Splits are pure, stratified and complete."""

import numpy as np
import pytest
import torch
from torch.utils.data import Subset, TensorDataset

from lamina.data.arrays import to_arrays
from lamina.data.split import (
    check_one_validation,
    classes_of,
    split_dataset,
    tensors_of,
    train_validation_split,
)


def arrays_of(y):
    return to_arrays(np.zeros((len(y), 1)), y)


@pytest.mark.parametrize("mode", ["seeded", "last"])
@pytest.mark.parametrize("share", [0.1, 0.33, 0.5, 0.8])
def test_every_row_is_in_one_part(mode, share):
    parts = train_validation_split(arrays_of(range(20)), share, seed=3, mode=mode)

    assert sorted(torch.cat(parts).tolist()) == list(range(20))


@pytest.mark.parametrize(("total", "share"), [(10, 0.1), (10, 0.25), (7, 0.5), (50, 0.42)])
def test_sizes_are_those_of_keras(total, share):
    training, _ = train_validation_split(arrays_of(range(total)), share, seed=0)

    assert len(training) == int(np.floor(total * (1.0 - share)))


def test_last_takes_the_last_rows():
    _, validation = train_validation_split(arrays_of(range(10)), 0.2, seed=0, mode="last")

    assert validation.tolist() == [8, 9]


def test_the_same_seed_gives_the_same_rows():
    first, again = (train_validation_split(arrays_of(range(30)), 0.3, seed=5) for _ in range(2))

    assert first[1].tolist() == again[1].tolist()


def test_another_seed_gives_other_rows():
    one, other = (train_validation_split(arrays_of(range(30)), 0.3, seed=s) for s in (1, 2))

    assert one[1].tolist() != other[1].tolist()


def test_the_global_generator_is_not_touched():
    before = torch.get_rng_state()

    train_validation_split(arrays_of(range(10)), 0.5, seed=0)

    assert torch.equal(torch.get_rng_state(), before)


LABELS = np.array([0] * 60 + [1] * 30 + [2] * 10)


@pytest.mark.parametrize(
    "y",
    [
        LABELS,
        LABELS[:, None],
        LABELS.astype("float32"),
        LABELS.astype("uint8"),
        np.eye(3)[LABELS],
        np.eye(3, dtype=bool)[LABELS],
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_each_class_gives_its_share(y, seed):
    _, validation = train_validation_split(arrays_of(y), 0.2, seed=seed)

    assert np.bincount(LABELS[validation]).tolist() == [12, 6, 2]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.95])
def test_each_class_stays_in_the_training_part(share):
    y = np.array([0] * 50 + [1] * 2)

    training, _ = train_validation_split(arrays_of(y), share, seed=1)

    assert set(y[training]) == {0, 1}


@pytest.mark.parametrize(
    "y",
    [
        np.array([0] * 9 + [1]),
        np.linspace(0, 1, 10),
        np.zeros((10, 2)),
        np.zeros((10, 2, 2)),
        np.arange(10),
    ],
)
def test_other_labels_are_split_at_random(y):
    training, validation = train_validation_split(arrays_of(y), 0.3, seed=0)

    assert (len(training), len(validation)) == (7, 3)


def test_data_without_labels_or_with_several_outputs_is_split():
    for_two = to_arrays(np.zeros((4, 1)), {"p": [0, 1, 0, 1], "q": [0, 1, 0, 1]})

    assert len(train_validation_split(for_two, 0.5, seed=0)[0]) == 2
    assert len(train_validation_split(to_arrays(np.zeros((4, 1))), 0.5, seed=0)[0]) == 2


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([5, 9, 5], [0, 1, 0]),
        ([0.0, 1.0], [0, 1]),
        ([0.5, 1.0], None),
        ([[0, 1], [1, 0]], [1, 0]),
        ([[1, 1], [1, 0]], None),
        ([[0.5, 0.5], [1, 0]], None),
    ],
)
def test_classes_are_recognised(y, classes):
    found = classes_of(torch.tensor(y))

    assert (found if found is None else found.tolist()) == classes


@pytest.mark.parametrize(("share", "data"), [(None, 1), (0, 1), (0.0, 1), (0.5, None)])
def test_one_kind_of_validation_passes(share, data):
    check_one_validation(share, data)


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.8}, [0, 1, 2, 3], [4]),
        ({"right_size": 2}, [0, 1, 2], [3, 4]),
        ({"left_size": 1, "right_size": 2}, [0], [3, 4]),
    ],
)
def test_data_sets_are_split_in_order(sizes, left, right):
    parts = split_dataset(np.arange(5), **sizes)

    assert [[int(x) for (x,) in part] for part in parts] == [left, right]


def test_several_arrays_are_split_alike():
    left, _ = split_dataset((np.arange(4), np.arange(4) * 10), 0.5, shuffle=True, seed=3)

    assert all(y == 10 * x for x, y in left)


@pytest.mark.parametrize("shuffle", [True, False])
def test_torch_data_sets_are_split(shuffle):
    data = TensorDataset(torch.arange(10))

    left, right = split_dataset(data, 0.7, shuffle=shuffle, seed=1)

    assert sorted(int(x) for part in (left, right) for (x,) in part) == list(range(10))


def test_the_tensors_behind_a_data_set_are_found():
    _, right = split_dataset((np.arange(4), np.arange(4) * 10), 0.5)

    assert [tensor.tolist() for tensor in tensors_of(right)] == [[2, 3], [20, 30]]


def test_other_data_sets_have_no_tensors_behind_them():
    assert tensors_of(Subset([1, 2], [0])) is None

"""Order, number and gathering of batches."""

import numpy as np
import pytest
import torch

from lamina.data.arrays import Arrays, to_arrays
from lamina.data.batches import (
    ArrayBatches,
    choose_batch_size,
    order_within_batches,
    rows,
    shuffled_order,
    take,
)


@pytest.fixture
def ten():
    return to_arrays(np.arange(10, dtype="uint8")[:, None], np.arange(10), np.arange(1, 11))


def test_order_is_a_permutation():
    assert sorted(shuffled_order(50, seed=1, epoch=0).tolist()) == list(range(50))
    assert shuffled_order(50, seed=1, epoch=0).dtype == torch.int64


def test_order_depends_on_seed_and_epoch_alone():
    torch.manual_seed(1)
    first = shuffled_order(20, seed=1, epoch=3)
    torch.manual_seed(2)

    assert torch.equal(shuffled_order(20, seed=1, epoch=3), first)
    assert not torch.equal(shuffled_order(20, seed=1, epoch=4), first)
    assert not torch.equal(shuffled_order(20, seed=2, epoch=3), first)


def test_mixing_within_batches_leaves_the_batches_in_place():
    order = order_within_batches(10, 4, seed=0, epoch=0).tolist()

    assert [sorted(order[i : i + 4]) for i in (0, 4, 8)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert order != list(range(10))


@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_an_epoch_has_every_sample_once_with_its_label_and_weight(ten, shuffle):
    batches = ArrayBatches(ten, 4, seed=2, shuffle=shuffle)
    order = batches.order(1)
    parts = [batches.batch(order, index) for index in range(batches.steps_per_epoch)]

    assert [len(part.y) for part in parts] == [4, 4, 2]
    assert sorted(torch.cat([part.y for part in parts]).tolist()) == list(range(10))
    assert all(torch.equal(part.x[:, 0].long(), part.y) for part in parts)
    assert all(torch.equal(part.sample_weight, part.y + 1.0) for part in parts)


def test_batches_keep_the_dtype(ten):
    batches = ArrayBatches(ten, 4)

    assert batches.batch(batches.order(0), 0).x.dtype == torch.uint8


def test_batches_in_given_order_are_views():
    arrays = to_arrays(np.zeros((6, 2), "float32"))
    batches = ArrayBatches(arrays, 4, shuffle=False)

    assert batches.order(0) is None
    assert batches.batch(None, 1).x.data_ptr() == arrays.x[4:].data_ptr()


def test_slices_of_the_order_are_known(ten):
    assert ArrayBatches(ten, 4).batch_slices == [slice(0, 4), slice(4, 8), slice(8, 10)]


def test_a_batch_may_be_larger_than_the_data(ten):
    batches = ArrayBatches(ten, 64)

    assert batches.steps_per_epoch == 1
    assert len(batches.batch(batches.order(0), 0).y) == 10


def test_rows_are_taken_from_every_leaf():
    tree = {"a": torch.arange(4), "b": [torch.arange(4) * 2, None]}

    assert take(tree, torch.tensor([3, 0]))["b"][0].tolist() == [6, 0]
    assert rows(tree, 1, 3)["a"].tolist() == [1, 2]


def test_taking_rows_of_arrays_gives_arrays(ten):
    part = take(ten, torch.tensor([7]))

    assert isinstance(part, Arrays)
    assert (part.x.tolist(), part.y.tolist(), part.sample_weight.tolist()) == ([[7]], [7], [8])


@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_of_a_file_are_in_the_default_float(tmp_path, shuffle):
    file = np.memmap(tmp_path / "x", "f8", "w+", shape=(5, 2))
    batches = ArrayBatches(to_arrays(file), 2, shuffle=shuffle)

    assert batches.batch(batches.order(0), 0).x.dtype == torch.float32


@pytest.mark.parametrize(
    ("given", "steps", "size"), [(None, None, 32), (7, None, 7), (None, 3, 34), (7, 3, 7)]
)
def test_batch_size_follows_from_the_steps(given, steps, size):
    assert choose_batch_size(100, given, steps) == size


@pytest.mark.gpu
def test_batches_live_on_the_device(ten):
    batches = ArrayBatches(ten, 4, device="cuda")

    assert batches.batch(batches.order(0), 0).x.is_cuda

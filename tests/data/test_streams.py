"""Batches from every kind of source."""

import itertools
import random
import threading
from functools import partial

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from lamina.core.errors import DataError
from lamina.data.arrays import to_arrays
from lamina.data.sequences import PyDataset
from lamina.data.streams import StreamBatches

DATA = TensorDataset(torch.arange(5.0)[:, None], torch.arange(5))
both_ways = pytest.mark.parametrize("prefetch", [False, True])


def batch(value):
    return np.full((1, 1), float(value)), [value]


def seen(batches, epochs=1):
    return [[part.y.tolist() for part in batches.epoch(epoch)] for epoch in range(epochs)]


class Numbers(IterableDataset):
    def __iter__(self):
        return iter([(torch.tensor([float(i)]), i) for i in range(3)])


class Counting(PyDataset):
    def __init__(self, **options):
        super().__init__(**options)
        self.calls = []

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return batch(index)

    def on_epoch_begin(self):
        self.calls.append("begin")

    def on_epoch_end(self):
        self.calls.append("end")


class Endless(PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return batch(index)


@both_ways
@pytest.mark.parametrize(
    "make",
    [
        lambda: (batch(i) for i in range(3)),
        lambda: map(batch, range(3)),
        lambda: [batch(i) for i in range(3)],
        lambda: Counting(),
        lambda: Counting(workers=3),
        lambda: DataLoader(TensorDataset(torch.zeros(3, 1), torch.arange(3))),
    ],
)
def test_every_kind_of_source_yields_its_batches(make, prefetch):
    assert seen(StreamBatches(make(), shuffle=False, prefetch=prefetch)) == [[[0], [1], [2]]]


@pytest.mark.slow
def test_processes_prepare_batches_in_order():
    source = Counting(workers=2, use_multiprocessing=True)

    assert seen(StreamBatches(source, shuffle=False)) == [[[0], [1], [2]]]


def test_batches_are_tensors_of_the_default_float():
    part = next(StreamBatches([batch(1)]).epoch(0))

    assert (part.x.dtype, part.y.dtype, part.sample_weight) == (torch.float32, torch.int64, None)


def test_inputs_alone_are_enough_where_no_labels_are_needed():
    parts = list(StreamBatches([np.ones((2, 1)), (np.ones((2, 1)),), {"a": [1]}][:2]).epoch(0))

    assert [part.y for part in parts] == [None, None]


@both_ways
def test_a_torch_data_set_is_batched(prefetch):
    batches = StreamBatches(DATA, batch_size=2, shuffle=False, prefetch=prefetch)

    assert seen(batches) == [[[0, 1], [2, 3], [4]]]
    assert batches.steps_per_epoch == 3


def test_a_torch_data_set_is_shuffled_by_seed_and_epoch_alone():
    first = seen(StreamBatches(DATA, seed=1), 2)
    torch.manual_seed(7)

    assert seen(StreamBatches(DATA, seed=1), 2) == first
    assert first[0] != first[1]
    assert sorted(first[0][0]) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("source", [DATA, Numbers(), Counting()])
def test_global_generators_are_not_touched(source):
    states = torch.get_rng_state(), random.getstate()
    seen(StreamBatches(source), 2)

    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]


def test_an_iterable_data_set_is_batched():
    assert seen(StreamBatches(Numbers(), batch_size=2), 2) == [[[0, 1], [2]]] * 2


def test_batches_of_a_py_dataset_are_shuffled_every_epoch():
    epochs = seen(StreamBatches(Counting(), seed=0), 4)

    assert all(sorted(epoch) == [[0], [1], [2]] for epoch in epochs)
    assert len({str(epoch) for epoch in epochs}) > 1


def test_a_py_dataset_is_told_of_every_epoch():
    source = Counting()
    seen(StreamBatches(source), 2)

    assert source.calls == ["begin", "end", "begin", "end"]


@both_ways
def test_steps_go_on_where_the_last_epoch_stopped(prefetch):
    source = (batch(i) for i in itertools.count())
    batches = StreamBatches(source, steps_per_epoch=2, prefetch=prefetch)

    assert seen(batches, 3) == [[[0], [1]], [[2], [3]], [[4], [5]]]
    assert next(source)[1] == [6]


@both_ways
def test_a_source_that_can_start_again_does_so_within_an_epoch(prefetch):
    source = [batch(i) for i in range(3)]
    batches = StreamBatches(source, steps_per_epoch=2, prefetch=prefetch)

    assert seen(batches, 3) == [[[0], [1]], [[2], [0]], [[1], [2]]]


def test_an_epoch_that_ends_with_the_source_is_followed_by_a_fresh_start():
    batches = StreamBatches([batch(i) for i in range(2)], steps_per_epoch=2)

    assert seen(batches, 3) == [[[0], [1]]] * 3


@pytest.mark.parametrize("workers", [1, 3])
def test_endless_data_is_cut_by_steps(workers):
    batches = StreamBatches(Endless(workers=workers), steps_per_epoch=2)

    assert seen(batches, 2) == [[[0], [1]], [[2], [3]]]


def test_the_number_of_steps_is_known_after_the_first_epoch():
    batches = StreamBatches(batch(i) for i in range(3))
    before = batches.steps_per_epoch
    seen(batches)

    assert (before, batches.steps_per_epoch) == (None, 3)


@both_ways
def test_errors_of_the_user_arrive_with_the_batch_they_belong_to(prefetch):
    def source():
        yield batch(0)
        raise KeyError("of the user")

    with pytest.raises(DataError, match="batch 1 of x could not be made: KeyError") as caught:
        seen(StreamBatches(source(), prefetch=prefetch))

    assert caught.value.__cause__.args == ("of the user",)


def test_no_thread_is_left_after_an_early_end():
    before = threading.active_count()
    batches = StreamBatches([batch(i) for i in range(9)], prefetch=True)
    epoch = batches.epoch(0)
    next(epoch)
    epoch.close()

    assert threading.active_count() == before
    assert len(seen(batches)[0]) == 9


def test_the_number_of_samples_may_change():
    batches = StreamBatches([(np.ones((2, 1)), [0, 1]), (np.ones((5, 1)), [0] * 5)])

    assert [len(y) for y in seen(batches)[0]] == [2, 5]


def test_other_axes_may_change_where_the_model_allows_it():
    source = [(np.ones((2, 3)), [0, 1]), (np.ones((2, 4)), [0, 1])]

    assert len(seen(StreamBatches(source, varying=True))[0]) == 2


def test_what_is_known_of_the_model_is_checked():
    convert = partial(to_arrays, input_names=["x"], input_shapes=[(None, 2)])

    with pytest.raises(DataError, match=r"^x in batch 0 has 1 feature per sample, the model"):
        seen(StreamBatches([batch(0)], convert=convert))


def test_class_weights_become_sample_weights():
    part = next(StreamBatches([batch(1)], class_weight={0: 1.0, 1: 4.0}).epoch(0))

    assert part.sample_weight.tolist() == [4.0]


def test_a_generator_may_serve_one_epoch():
    StreamBatches(iter([])).check_epochs(1)
    StreamBatches(iter([]), steps_per_epoch=2).check_epochs(5)
    StreamBatches([]).check_epochs(5)

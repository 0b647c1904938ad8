"""Generators, loaders and PyDatasets: more than the first batch is looked at, and none is lost."""

import itertools

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import DataError
from lamina.data import StreamBatches
from lamina.preflight import PreflightError
from tests.preflight.programs import classes, classifier, regressor, table

X, Y = table(256), classes(256)


def batches(x=X, y=Y, size=16):
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


class Rows(keras.utils.PyDataset):
    """The same batches from a data set that can start again."""

    def __init__(self, x=X, y=Y):
        super().__init__()
        self.parts = list(batches(x, y))

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, place):
        return self.parts[place]


def loader(x=X, y=Y):
    rows = torch.utils.data.TensorDataset(torch.as_tensor(x), torch.as_tensor(y))
    return torch.utils.data.DataLoader(rows, batch_size=16)


KINDS = {"generator": batches, "loader": loader, "data set": Rows}
every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@every_kind
def test_a_label_of_a_later_batch_is_named(make):
    y = Y.copy()
    y[70] = 9

    report = classifier().check(make(X, y), None)

    assert "label-out-of-range" in report.codes


@every_kind
def test_a_later_batch_on_another_scale_is_named(make):
    x = X.copy()
    x[100:] *= 500

    report = classifier().check(make(x), None)

    assert "unscaled-input" in report.codes


@every_kind
def test_every_batch_that_was_looked_at_is_trained_on(make):
    keras.utils.set_random_seed(4)
    looked = classifier()
    keras.utils.set_random_seed(4)
    plain = classifier()

    first = looked.fit(make(), epochs=1, verbose=0)
    second = plain.fit(make(), epochs=1, verbose=0, check="off")

    assert first.history == second.history
    assert looked.optimizer.iterations == 16


def test_looking_takes_no_more_than_the_limits_say():
    taken = []

    def counted():
        for number in itertools.count():
            taken.append(number)
            yield X[:16], Y[:16]

    stream = StreamBatches(counted(), steps_per_epoch=50)
    ahead = stream.look_ahead(4, 1000, 1 << 20, 10.0)

    assert (len(ahead), len(taken)) == (4, 4)
    assert len(list(stream.epoch(0))) == 50
    assert len(taken) == 50


def test_a_stream_that_is_slow_is_asked_for_two_batches():
    stream = StreamBatches(batches())

    assert len(stream.look_ahead(16, 1000, 1 << 20, 0.0)) == 2


def test_what_was_looked_at_is_said():
    report = classifier().check(batches(), None)

    assert report.notes == ["x is a stream: its first 16 batches with 256 rows were looked at."]


def test_a_missing_value_in_a_later_batch_has_a_code():
    x = X.copy()
    x[100, 2] = np.nan

    with pytest.raises(DataError, match=r"x in batch 6 has 1 NaN \(first at row 4, col") as caught:
        classifier().fit(batches(x), verbose=0)

    assert [finding.code for finding in caught.value.findings] == ["nan-input"]
    assert caught.value.evidence["first"] == [4, 2]


def test_one_hot_rows_for_the_sparse_loss_stop_a_stream():
    rows = np.eye(4, dtype="float32")[Y]

    with pytest.raises(PreflightError, match="wants a class number"):
        classifier().fit(batches(X, rows), verbose=0)


def test_a_stream_that_goes_class_by_class_is_named():
    report = classifier().check(batches(X, np.repeat(np.arange(4), 64)[::-1] * 0 + 3), None)

    (finding,) = [one for one in report if one.code == "single-class-labels"]
    assert finding.problem == ("the first 256 rows that the stream gives all have the same y: 3.")


def test_a_training_on_a_stream_is_watched_too():
    start = keras.initializers.Constant(-50.0)
    model = keras.Sequential(
        [layers.Input((6,)), layers.Dense(8, "relu", bias_initializer=start), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.01), "mse")

    history = model.fit(Rows(X, X[:, 0]), epochs=4, verbose=0)

    assert "dying-relu" in [finding.code for finding in history.findings]


def test_a_sound_stream_is_left_in_peace():
    history = regressor().fit(Rows(X, X[:, 0]), epochs=3, verbose=0)

    assert [f.code for f in history.findings if f.severity != "hint"] == []

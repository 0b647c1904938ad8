"""What can be counted about an epoch: reads back to the host, captures, kernel calls."""

from collections import Counter

import numpy as np
from torch.utils._python_dispatch import TorchDispatchMode

import lamina as keras
from lamina.train.session import Session

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(100, 8)).astype("float32")
Y = RANDOM.integers(0, 3, 100)
EPOCHS = 4


class Count(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.calls[str(operation)] += 1
        return operation(*args, **(kwargs or {}))


def compiled():
    model = keras.Sequential(
        [
            keras.layers.Input((8,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_numbers_are_read_once_an_epoch():
    def reads(batch_size):
        model = compiled()
        with Count() as count:
            model.fit(X, Y, batch_size=batch_size, epochs=EPOCHS, verbose=0, check="off")
        return count.calls["aten._local_scalar_dense.default"]

    assert reads(batch_size=5) == reads(batch_size=50)


def test_nothing_is_captured_again_after_the_first_batches(monkeypatch):
    runners = []
    make = Session.training_runner
    monkeypatch.setattr(
        Session, "training_runner", lambda self: runners.append(make(self)) or runners[-1]
    )
    compiled().fit(X, Y, batch_size=32, epochs=EPOCHS, verbose=0)

    (runner,) = runners
    assert runner.num_captures == 2  # full batches and the short last one
    assert runner.refusal is None


def test_a_step_makes_few_kernel_calls(monkeypatch):
    runners = []
    make = Session.training_runner
    monkeypatch.setattr(
        Session, "training_runner", lambda self: runners.append(make(self)) or runners[-1]
    )
    table = keras.Sequential([keras.layers.Input((8,)), *map(keras.layers.Dense, (32, 16, 1))])
    table.compile("adam", "mse")
    table.fit(X, X[:, 0], batch_size=50, epochs=3, verbose=0)

    (replay,) = runners[0].replays.values()
    # Forward 3; loss 2 and a view of the labels as a column; backward 3 + 3 + 2 and a transposed
    # view of the inputs; Adam 1; totals 2.
    assert replay.num_calls == 18

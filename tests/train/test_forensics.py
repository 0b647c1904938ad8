"""A training whose numbers stop being finite is stopped, explained and taken back one step."""

import itertools
import math

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.train import forensics

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = X[:, :1] * 0.5


def made(*parts, loss="mse", optimizer=None, units=1):
    keras.utils.set_random_seed(2)
    model = keras.Sequential([layers.Input((4,)), *parts, layers.Dense(units, name="last")])
    model.compile(optimizer or keras.optimizers.SGD(0.01), loss)
    return model


def run(model, x=X, y=Y, **options):
    options = {"batch_size": 8, "epochs": 3, "verbose": 0, "check": "warn", **options}
    history = model.fit(x, y, **options)
    return next(f for f in history.findings if f.code == "nan-loss"), history


def hidden():
    return layers.Dense(8, "relu", name="hidden")


def test_an_exploding_training_is_laid_to_the_rate():
    finding, history = run(made(hidden(), optimizer=keras.optimizers.SGD(1e4)))

    assert finding.evidence["cause"] == "exploding"
    assert "a learning rate of 10000 that is too high; the weights grew" in finding.problem
    assert finding.fix == "make the optimizer with a lower rate: SGD(learning_rate=0.01)."
    assert math.isnan(history.history["loss"][0]) or math.isinf(history.history["loss"][0])
    assert [one["layer"] for one in finding.evidence["path"]] == ["hidden", "last", "the loss"]


def test_the_weights_are_those_from_just_before_the_step():
    model = made(hidden(), optimizer=keras.optimizers.SGD(1e4))
    finding, _ = run(model)
    other = made(hidden(), optimizer=keras.optimizers.SGD(1e4))
    steps = finding.evidence["step"] - 1

    if steps:
        other.fit(X, Y, batch_size=8, steps_per_epoch=steps, epochs=1, verbose=0, check="off")

    pairs = zip(model.get_weights(), other.get_weights(), strict=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in pairs)
    assert model.optimizer.iterations == steps


def test_a_logarithm_of_zero_names_the_loss_and_the_rows():
    y = Y.copy()
    y[[5, 40]] = -9.0  # whose logarithm is asked for below

    def odd(y_true, y_pred):
        return ((y_true + 9.0).clamp(min=0.0).log() * y_pred).mean(-1)

    finding, _ = run(made(hidden(), loss=odd), y=y, shuffle=False)

    assert finding.problem == (
        "epoch 1, step 1: the result of log in the loss was not finite (row 5 of x). "
        "Likely cause: log of 0."
    )
    assert finding.fix == "keep what log takes above 0 in the loss: log(x.clamp(min=1e-7))."
    assert finding.evidence["rows"] == list(range(8))


def test_rows_are_places_in_x_after_shuffling_and_splitting():
    y = Y.copy()
    y[40] = -9.0

    def odd(y_true, y_pred):
        return ((y_true + 9.0).clamp(min=0.0).log() * y_pred).mean(-1)

    finding, _ = run(made(hidden(), loss=odd), x=X[:50], y=y[:50], validation_split=0.1)

    assert "(row 40 of x)" in finding.problem
    rows, bad = finding.evidence["rows"], finding.evidence["bad_rows"]
    assert [rows[place] for place in bad] == [40]


def test_the_root_of_zero_has_no_slope():
    class Root(layers.Layer):
        def call(self, x):
            return torch.sqrt((x - x.detach()).square())  # a distance of 0

    finding, _ = run(made(hidden(), Root(name="root")))

    assert finding.problem.startswith("epoch 1, step 1: the gradient of sqrt in 'root' was not")
    assert finding.problem.endswith("Likely cause: the slope of sqrt is infinite at 0.")
    assert finding.evidence["cause"] == "steep"


def test_numbers_too_large_for_half_precision_are_named():
    class Half(layers.Layer):
        def call(self, x):
            return ((x * 300).half() * 300 * 300).float() * 1e-6

    finding, _ = run(made(hidden(), Half(name="half")))

    assert "Likely cause: numbers beyond float16, which ends at 65504." in finding.problem
    assert finding.evidence["first"]["layer"] == "half"


def test_a_division_by_zero_is_named():
    class Share(layers.Layer):
        def call(self, x):
            return x / x.sum(-1, keepdim=True)

    x = np.abs(X) + 0.1
    x[9] = 0.0
    finding, _ = run(made(Share(name="share")), x=x, shuffle=False)

    assert finding.evidence["cause"] == "division"
    assert "step 2: the result of div in 'share' was not finite (row 9 of x)" in finding.problem


def test_missing_values_that_were_allowed_are_named():
    x = X.copy()
    x[13, 2] = np.nan

    finding, _ = run(made(hidden()), x=x, shuffle=False, nan="allow")

    assert finding.problem == (
        "epoch 1, step 2: x holds a value that is not finite (row 13 of x). "
        "Likely cause: the data, x of this batch."
    )


def batches(bad):
    for number in itertools.count():
        x = X[number % 8 * 8 :][:8].copy()
        if number == bad:
            x[3, 1] = np.nan
        yield x, Y[:8]


def test_a_generator_s_seventh_batch_is_named():
    finding, _ = run(
        made(hidden()), batches(6), None, batch_size=None, steps_per_epoch=10, nan="allow"
    )

    assert "epoch 1, step 7: x holds a value that is not finite (row 3 of the batch)" in (
        finding.problem
    )


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_a_later_epoch_is_found_too(optimizer):
    class Growing(layers.Layer):
        """Its result runs over once it has been used often enough."""

        def build(self, shape):
            self.used = self.add_weight((), initializer="zeros", trainable=False)

        def call(self, x, training=None):
            if training:
                self.used.assign_add(1.0)
            return x / torch.relu(21.0 - self.used)

    finding, history = run(made(hidden(), Growing(name="growing"), optimizer=optimizer), epochs=5)

    assert (finding.evidence["epoch"], finding.evidence["step"]) == (3, 5)
    assert finding.evidence["update"] == 21
    assert len(history.epoch) == 3


def test_training_stops_within_an_epoch(monkeypatch):
    monkeypatch.setattr("lamina.train.fit.SECONDS", 0.01)
    model = made(hidden(), optimizer=keras.optimizers.SGD(1e4))

    _, history = run(
        model,
        batch_size=1,
        epochs=1,
        steps_per_epoch=None,
        x=np.tile(X, (200, 1)),
        y=np.tile(Y, (200, 1)),
    )

    assert history.speed.steps < 12800


def test_a_large_state_is_watched_without_snapshots(monkeypatch):
    monkeypatch.setattr(forensics, "_USUAL_BYTES", 10)
    monkeypatch.setattr(forensics, "_MOST_BYTES", 10)

    finding, history = run(made(hidden(), optimizer=keras.optimizers.SGD(1e4)))

    assert "the step could not be made again" in finding.expected.lower()
    assert len(history.epoch) == 1


def test_dropout_is_drawn_again_alike():
    model = made(hidden(), layers.Dropout(0.5), optimizer=keras.optimizers.SGD(1e4))

    finding, _ = run(model)

    assert finding.evidence["path"]


def test_a_sound_training_has_no_finding():
    history = made(hidden()).fit(X, Y, epochs=2, verbose=0)

    assert "nan-loss" not in [finding.code for finding in history.findings]


def test_gaps_that_the_model_fills_in_are_not_what_went_wrong():
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    x[::4, 1] = np.nan
    model = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Imputation(), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(1e30), "mse")

    history = model.fit(x, np.ones(64, "float32"), epochs=2, verbose=0, check="warn")

    found = next(one for one in history.findings if one.code == "nan-loss")
    assert "x holds a value that is not finite" not in found.problem

"""A folder that holds another run is refused with a list of what differs."""

import re

import numpy as np
import pytest

import lamina as keras
from lamina.core.errors import ArgumentError, LoadError
from tests.faults.program import At, data, fit, model, run
from tests.faults.test_resume import CrashError, crash


@pytest.fixture
def folder(tmp_path):
    with pytest.raises(CrashError):
        run((), [At(8, crash)], checkpoint=tmp_path)
    return tmp_path


def test_all_differences_are_listed(folder):
    x, y = data()
    network = model((), units=7)
    message = r"^the run in .* was begun with other settings: model, data, validation, batch_size\."
    with pytest.raises(ArgumentError, match=message) as caught:
        network.fit(
            x + 1, y, batch_size=10, epochs=4, validation_split=0.2, shuffle=False,
            checkpoint=folder, verbose=0,
        )  # fmt: skip

    assert "batch_size was 8, now 10" in str(caught.value)
    assert "model had Dense(units=6" in str(caught.value)
    assert "strict=False" in caught.value.fix


def threads(monkeypatch):
    monkeypatch.setattr("lamina.train.session.choose_threads", lambda *_: 3)


def library(monkeypatch):
    monkeypatch.setattr("lamina.train.run_facts.VERSION", "9.9.9")


@pytest.mark.parametrize(
    ("change", "words"), [(threads, "threads was 1, now 3"), (library, "lamina was")]
)
def test_changed_surroundings_are_named(folder, monkeypatch, change, words):
    change(monkeypatch)

    with pytest.raises(ArgumentError, match="was begun with other settings") as caught:
        run((), checkpoint=folder)

    assert words in caught.value.expected


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"seed": 2}, "seed"),
        ({"rate": 0.5}, "learning_rate"),
        ({"loss": "mse"}, "loss"),
        ({"stopping": True}, "callbacks"),
        ({"shuffle": True}, "shuffle"),
        ({"optimizer": True}, "optimizer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_changed_setting_is_named(folder, options, name):
    network = model((), seed=options.get("seed", 1))
    network.optimizer.learning_rate = options.get("rate", 0.02)
    if "loss" in options:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(network.optimizer, loss, metrics=["accuracy"])
    if "optimizer" in options:
        network.compile(
            keras.optimizers.AdamW(0.02, beta_1=0.8),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
    features = ("early_stopping",) if "stopping" in options else ()
    features = ("shuffle",) if "shuffle" in options else features

    with pytest.raises(ArgumentError, match=rf"other settings: .*\b{name}\b"):
        fit(network, features, checkpoint=folder)


def test_going_on_all_the_same_can_be_asked_for(folder):
    network = model(())

    history = fit(network, (), batch_size=10, checkpoint=folder, strict=False)

    assert history.epoch == [0, 1, 2, 3]


def test_weights_that_do_not_fit_are_an_error_in_any_case(folder):
    network = model((), units=7)
    before = [weight.copy() for weight in network.get_weights()]

    with pytest.raises(LoadError, match=r"does not fit the model: \d+ tensors differ"):
        fit(network, (), checkpoint=folder, strict=False)

    np.testing.assert_equal(network.get_weights(), before)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"checkpoint": 3}, "fit(checkpoint=3) is not possible."),
        ({"checkpoint": "x", "every": 0}, "fit(every=0) is not possible."),
        ({"checkpoint": "x", "every": True}, "fit(every=True) is not possible."),
        ({"checkpoint": "x", "every": "5 days"}, "fit(every='5 days') is not possible."),
        ({"every": 5}, "fit(every=5) was given without 'checkpoint'."),
        ({"checkpoint": "x", "strict": "no"}, "fit(strict='no') is not possible."),
    ],
)
def test_impossible_arguments_are_refused(tmp_path, monkeypatch, options, problem):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ArgumentError, match=f"^{re.escape(problem)}"):
        run((), **options)

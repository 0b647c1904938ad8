"""report.fix(): what it changes makes the finding go away, and the model can be trained."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.preflight import Report
from lamina.preflight.remedies import HAVE_REMEDIES
from tests.preflight.programs import (
    FAULTS,
    binary,
    classes,
    classifier,
    numbers,
    pictures,
    regressor,
    stack,
    table,
)
from tests.preflight.published_more import PUBLISHED

BY_HAND = {
    "hidden-no-activation: subclassed model in a row",  # it has no graph to be made again from
    "a rate below zero",  # refused before there is a model
    "a class of linear layers",
    "a class with too few units",
    "torch modules without a bend",  # whose arguments are not known
    "softmax by a function over one unit",  # a function has no argument to change
    "a loader with labels from one",  # labels are made where the stream is made
    "a generator of bytes",  # cannot be looked at a second time
    "a loss of the user that repeats",  # code of the user
}
KNOWN = {
    **{name: (fault.code,) for name, fault in FAULTS.items()},
    **{name: fault.codes for name, fault in PUBLISHED.items()},
}
MAKERS = {name: fault.make for name, fault in (*FAULTS.items(), *PUBLISHED.items())}
every_case = pytest.mark.parametrize(
    "name", [n for n, codes in KNOWN.items() if HAVE_REMEDIES & {*codes} and n not in BY_HAND]
)


@every_case
def test_the_remedy_makes_the_finding_go_away(name):
    program = MAKERS[name](True)
    report = program.check()
    codes = set(KNOWN[name]) & HAVE_REMEDIES & set(report.codes)

    fixed = report.fix(hints=True)
    model = fixed.model or program.model

    assert not codes & set(model.check(fixed.x, fixed.y, **fixed.fit).codes)


@pytest.mark.parametrize(
    "name", [n for n, f in FAULTS.items() if f.severity == "error" and f.code in HAVE_REMEDIES]
)
def test_what_could_not_be_trained_can_be_afterwards(name):
    fixed = FAULTS[name].make(True).check().fix()

    history = fixed.model.fit(fixed.x, fixed.y, **{**fixed.fit, "verbose": 0})

    assert np.isfinite(history.history["loss"][-1])


def test_a_generator_is_not_looked_at_twice():
    program = PUBLISHED["a generator of bytes"].make(True)

    fixed = program.check().fix()

    assert str(fixed) == "unscaled-input: Rescaling(1 / 255) after the Input."
    assert type(fixed.model.layers[0]).__name__ == "Rescaling"


def test_the_model_that_was_checked_stays_as_it_is():
    model = classifier(3)
    before = model.get_config()

    model.check(table(), classes()).fix()

    assert model.get_config() == before


def test_weights_of_layers_that_stay_are_taken_over():
    model = classifier(3)

    fixed = model.check(table(), classes()).fix()

    assert np.array_equal(fixed.model.get_weights()[0], model.get_weights()[0])
    assert fixed.model.layers[-1].units == 4


def test_labels_from_one_are_shifted():
    y = classes() + 1

    fixed = classifier().check(table(), y).fix()

    assert str(fixed) == "label-out-of-range: y - 1: classes from 0."
    assert np.array_equal(fixed.y, y - 1)


def test_bytes_get_a_rescaling_layer():
    model = stack(
        layers.Conv2D(4, 3, activation="relu", name="edges"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )

    fixed = model.check(pictures(), classes(60)).fix()

    assert str(fixed) == "unscaled-input: Rescaling(1 / 255) after the Input."
    assert [type(layer).__name__ for layer in fixed.model.layers][:2] == ["Rescaling", "Conv2D"]


def test_a_functional_model_gets_a_normalization_of_one_input():
    a, b = layers.Input((6,), name="a"), layers.Input((6,), name="b")
    joined = layers.Concatenate()([layers.Dense(8, "relu")(a), layers.Dense(8, "relu")(b)])
    model = keras.Model({"a": a, "b": b}, layers.Dense(1)(joined))
    model.compile("adam", "mse")
    x = {"a": table() * 500, "b": table()}

    fixed = model.check(x, numbers()).fix()
    history = fixed.model.fit(fixed.x, fixed.y, verbose=0)

    assert fixed.model.input_names == ["a", "b"]
    assert any(isinstance(layer, layers.Normalization) for layer in fixed.model.layers)
    assert "unscaled-input" not in [finding.code for finding in history.findings]


def test_one_output_of_two_gets_another_loss():
    given = layers.Input((6,))
    hidden = layers.Dense(8, "relu")(given)
    ends = {"kind": layers.Dense(4, "softmax")(hidden), "value": layers.Dense(1)(hidden)}
    model = keras.Model(given, ends)
    model.compile("adam", {"kind": "categorical_crossentropy", "value": "mse"})
    y = {"kind": classes(), "value": numbers()}

    fixed = model.check(table(), y).fix()

    assert fixed.compile["loss"] == {"kind": "sparse_categorical_crossentropy", "value": "mse"}
    assert not fixed.model.check(table(), y).errors


def test_several_mistakes_are_mended_in_rounds():
    model = stack(
        layers.Dense(16),
        layers.Dense(1, "softmax"),
        loss="mse",
        optimizer=keras.optimizers.Adam(3.0),
    )

    fixed = model.check(table() * 300, classes()).fix()
    report = fixed.model.check(fixed.x, fixed.y, **fixed.fit)

    assert [str(f) for f in (*report.errors, *report.warnings)] == []
    assert fixed.left == []
    assert {change.split(":")[0] for change in fixed.changes} >= {
        "softmax-one-unit",
        "lr-too-high",
        "unscaled-input",
    }


def test_hints_are_left_alone_unless_asked_for():
    y = np.round(np.abs(numbers()) * 2)  # amounts that look a little like classes
    report = regressor().check(table(), y)

    assert report.fix().changes == []
    assert report.fix().model is None


def test_what_needs_a_person_is_listed():
    x = table()
    x[3, 2] = np.nan

    fixed = regressor().check(x, numbers()).fix()

    assert str(fixed) == ("nothing that can be changed mechanically.\nleft to you: nan-input.")


def test_a_report_without_a_model_has_no_remedy():
    assert str(Report([]).fix()) == "nothing that can be changed mechanically."


def test_the_yes_or_no_of_a_custom_optimizer_is_kept():
    model = classifier(1, "softmax", loss="binary_crossentropy", optimizer="rmsprop")

    fixed = model.check(table(), binary()).fix()

    assert type(fixed.model.optimizer).__name__ == "RMSprop"

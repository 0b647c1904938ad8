"""Trying a model out, choosing a loss, and remedies."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError
from tests.preflight.clean_programs import CLEAN
from tests.preflight.programs import (
    FAULTS,
    binary,
    classes,
    classifier,
    numbers,
    one_hot,
    regressor,
    stack,
    table,
)


def model_of(x, y, **plan):
    model = keras.Model(x, y)
    model.compile("adam", **{"loss": "mse", **plan})
    return model


def deep_codes(model, x, y):
    return model.check(x, y, deep=True).codes


TRIED = [
    name for name in CLEAN if not any(word in name for word in ("generator", "few rows", "zeros"))
]


@pytest.mark.parametrize("name", TRIED)
def test_a_sound_program_passes_its_trial(name):
    program = CLEAN[name]()

    report = program.model.check(program.x, program.y, deep=True, **program.fit)

    assert [str(f) for f in (*report.errors, *report.warnings)] == []


def test_a_trial_leaves_the_weights_as_they_were():
    model = regressor()
    before = [weight.copy() for weight in model.get_weights()]

    model.check(table(), numbers(), deep=True)

    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_layer_that_no_gradient_reaches_is_named():
    x = layers.Input((6,))
    h = layers.Dense(8, "relu")(x)
    y = layers.Dense(1)(layers.Lambda(lambda t: t.detach())(h))

    assert "no-gradient" in deep_codes(model_of(x, y), table(), numbers())


def test_an_input_without_effect_is_named():
    a, b = layers.Input((6,), name="a"), layers.Input((6,), name="b")
    y = layers.Dense(1)(layers.Dense(8, "relu")(a + 0.0 * b))

    report = model_of([a, b], y).check([table(), table()], numbers(), deep=True)

    assert "the answers of the model do not depend on x['b']." in [f.problem for f in report]


def test_rows_that_depend_on_their_batch_are_named():
    x = layers.Input((6,))
    y = layers.Dense(1)(layers.Lambda(lambda t: t - t.mean(0))(x))

    assert "batch-leakage" in deep_codes(model_of(x, y), table(), numbers())


def test_a_model_that_learns_nothing_is_named():
    def constant(y_true, y_pred):
        return (y_pred * 0).mean(-1) + 1.0

    assert "cannot-overfit" in deep_codes(regressor(loss=constant), table(), numbers())


# -- loss="auto" -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "activation", "y", "chosen"),
    [
        (1, None, numbers(), "mean_squared_error"),
        (1, "sigmoid", binary(), "binary_crossentropy"),
        (1, None, binary(), "binary_crossentropy"),
        (4, "softmax", classes(), "sparse_categorical_crossentropy"),
        (4, None, one_hot(classes()), "categorical_crossentropy"),
        (4, "sigmoid", np.tile([1, 1, 0, 0], (200, 1)), "binary_crossentropy"),
    ],
)
def test_the_loss_is_chosen_from_the_labels(units, activation, y, chosen):
    model = stack(layers.Dense(8, "relu"), layers.Dense(units, activation), loss="auto")

    model.fit(table(), y, verbose=0)

    assert model.session().plan.loss.name == chosen
    assert model.session().plan.loss.get_config().get("from_logits", False) == (
        activation is None and chosen != "mean_squared_error"
    )


def test_the_choice_is_said(capsys):
    model = stack(layers.Dense(4, "softmax"), loss="auto")

    model.fit(table(), classes(), verbose=2)

    assert (
        "loss: y holds class numbers: SparseCategoricalCrossentropy.\n" in capsys.readouterr().out
    )


def test_numbers_after_softmax_have_no_loss():
    model = stack(layers.Dense(4, "softmax", name="last"), loss="auto")
    y = np.random.default_rng(0).normal(size=(200, 4))

    with pytest.raises(ArgumentError, match="'last' ends in softmax"):
        model.fit(table(), y, verbose=0)


# -- remedies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "int-labels-categorical: class numbers for one hot",
        "onehot-labels-sparse: one hot rows for class numbers",
        "missing-output-activation: linear output for classes",
        "missing-output-activation: linear output for yes or no",
        "double-softmax: softmax and from logits",
    ],
)
def test_a_mechanical_remedy_makes_the_finding_go_away(name):
    program = FAULTS[name].make(True)
    report = program.check()

    program.model.compile("adam", **report.fix().compile)

    assert FAULTS[name].code not in program.check().codes


def test_a_remedy_says_what_it_changes():
    report = FAULTS["int-labels-categorical: class numbers for one hot"].make(True).check()

    assert str(report.fix()) == (
        "int-labels-categorical: compile(loss='sparse_categorical_crossentropy')."
    )


def test_nothing_to_remedy():
    report = classifier().check(table(), classes())

    assert str(report.fix()) == "nothing that can be changed mechanically."

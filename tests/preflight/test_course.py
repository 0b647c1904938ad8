"""What the numbers of a training say, where the training itself would take too long for a test."""

from types import SimpleNamespace

import pytest

from lamina.optimizers import Adam
from lamina.preflight.course import Course
from lamina.preflight.train_checks import check_course

FALLING = [2.3, 1.9, 1.2, 0.8, 0.5, 0.4, 0.3, 0.2]


def course(**facts):
    subject = SimpleNamespace(heads=[], optimizer=Adam(), options={})
    return Course(subject, chance=2.3, validation_chance=2.3, **facts)


def severities(found):
    return {finding.code: finding.severity for finding in found}


# -- far below what the data allow -----------------------------------------------------------


def poor(**facts):
    usual = {"losses": [2.4, 2.2, 2.1, 2.1], "updates": 2_040, "right": 0.18, "right_by_line": 0.3}
    return course(**{**usual, **facts})


def test_a_model_that_knows_less_than_a_line_is_named():
    (finding,) = check_course(poor())

    assert finding.code == "stuck-loss"
    assert str(finding) == (
        "after 2,040 updates 18 % of the training rows are answered right; a straight-line fit "
        "answers 30 % of rows that it has not seen. The loss is 2.1, a constant answer has 2.3.\n"
        "  expected: a model that learns what a straight line learns, and more.\n"
        "  fix: lower the learning rate first; then leave out dropout, and bring inputs to -1 to 1."
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"right": 0.28},
        {"right_by_line": None},
        {"updates": 200},
        {"losses": [2.4, 1.8, 1.5, 1.5]},
        {"losses": [2.4, 2.3, 2.2, 2.1]},
    ],
    ids=["hardly worse", "unknown", "few updates", "far from chance", "still falling"],
)
def test_others_are_left_in_peace(facts):
    assert "stuck-loss" not in severities(check_course(poor(**facts)))


# -- overfitting -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validation", "severity"),
    [
        ([2.2, 2.1, 2.1, 2.2, 2.3, 2.4, 2.4, 2.4], "warning"),  # worse than a constant answer
        ([2.0, 1.4, 1.3, 1.4, 1.5, 1.6, 1.7, 1.7], "hint"),
        ([2.0, 1.0, 0.9, 1.0, 1.2, 1.4, 1.5, 1.5], "warning"),
    ],
    ids=["by heart", "a little", "grossly"],
)
def test_validation_that_gets_worse_is_named(validation, severity):
    found = check_course(course(losses=FALLING, validation_losses=validation, updates=2_000))

    assert severities(found) == {"overfitting": severity}


def test_validation_that_stays_is_no_overfitting():
    held = [2.0, 1.4, 1.3, 1.2, 1.2, 1.2, 1.2, 1.2]

    assert check_course(course(losses=FALLING, validation_losses=held, updates=2_000)) == []


# -- no better than a constant answer --------------------------------------------------------


@pytest.mark.parametrize(("best", "severity"), [(2.32, "warning"), (2.25, "hint")])
def test_a_weak_signal_is_a_hint(best, severity):
    seen = course(losses=[2.4, 2.3, 2.29], validation_losses=[2.5, best, 2.4], updates=400)
    seen.neighbours = 0.5

    assert severities(check_course(seen))["no-signal"] == severity


# -- the learning rate -----------------------------------------------------------------------


def test_the_highest_rate_is_named_where_a_callback_lowered_it():
    seen = course(losses=[3.0, 9.0, 9.0], updates=90, highest_rate=5.0)
    seen.start = SimpleNamespace(loss=2.3, gradients={}, weights={}, dead={}, saturated={})

    (finding,) = check_course(seen)

    assert finding.problem == (
        "the loss went from 2.3 before the first step to 9 with a learning rate of 5."
    )

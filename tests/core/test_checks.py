"""Argument checks accept what is meant, refuse the rest, and say so in one form."""

import re

import numpy as np
import pytest

from lamina.core import checks
from lamina.core.errors import ArgumentError, LaminaError


@pytest.mark.parametrize("value", [0, 3, np.int64(3), np.uint8(3)])
def test_whole_accepts_integers(value):
    assert checks.whole("f", "n", value) == int(value)
    assert type(checks.whole("f", "n", value)) is int


@pytest.mark.parametrize("value", [True, np.True_, 1.0, "1", None, -1, [1]])
def test_whole_refuses_the_rest(value):
    with pytest.raises(ArgumentError, match="whole number of at least 0"):
        checks.whole("f", "n", value)


@pytest.mark.parametrize(
    ("value", "is_accepted"), [(0, True), (0.999, True), (1, False), (-0.1, False)]
)
def test_rate_lies_from_0_to_below_1(value, is_accepted):
    assert accepts(checks.rate, value) == is_accepted


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "0.5", None])
def test_number_is_finite_and_a_number(value):
    assert not accepts(checks.number, value)


@pytest.mark.parametrize(
    ("value", "is_accepted"), [(True, True), (0, True), (2, False), ("no", False)]
)
def test_boolean_accepts_true_false_1_and_0(value, is_accepted):
    assert accepts(checks.boolean, value) == is_accepted


def accepts(check, value):
    try:
        check("f", "x", value)
    except ArgumentError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "expected"), [(3, (3, 3)), ((1, 2), (1, 2)), ([np.int64(1), 2], (1, 2))]
)
def test_sizes_are_one_integer_an_axis(value, expected):
    assert checks.sizes("f", "size", value, 2) == expected


@pytest.mark.parametrize("value", [(1, 2, 3), (0, 1), (1.0, 2), "12", None])
def test_sizes_refuse_the_rest(value):
    with pytest.raises(ArgumentError, match="or 2 of them"):
        checks.sizes("f", "size", value, 2)


def test_choice_tells_1_from_true():
    with pytest.raises(ArgumentError, match=r"^f\(mode=True\) is not possible"):
        checks.choice("f", "mode", True, (1, 2))


class Thing:
    """An owner of arguments."""


MESSAGES = {
    "whole": (
        lambda: checks.whole(Thing(), "n", -1),
        "Thing(n=-1) is not possible.\n"
        "  expected: 'n' as a whole number of at least 0.\n"
        "  fix: pass for example n=1.",
    ),
    "whole in a range": (
        lambda: checks.whole(Thing, "n", 9, low=2, high=4),
        "Thing(n=9) is not possible.\n"
        "  expected: 'n' as a whole number from 2 to 4.\n"
        "  fix: pass for example n=2.",
    ),
    "rate": (
        lambda: checks.rate("Dropout", "rate", 1.5),
        "Dropout(rate=1.5) is not possible.\n"
        "  expected: 'rate' as a number from 0 up to, not including, 1.\n"
        "  fix: pass for example rate=0.5.",
    ),
    "above": (
        lambda: checks.number("f", "x", 0, low=0, open_low=True),
        "f(x=0) is not possible.\n"
        "  expected: 'x' as a number greater than 0.\n"
        "  fix: pass for example x=0.5.",
    ),
    "choice": (
        lambda: checks.choice("f", "mode", "mim", ("min", "max")),
        "f(mode='mim') is not possible.\n"
        "  expected: 'mode' as one of 'min', 'max'.\n"
        '  fix: did you mean "min"?',
    ),
    "boolean": (
        lambda: checks.boolean("f", "flag", "yes"),
        "f(flag='yes') is not possible.\n"
        "  expected: 'flag' as True or False.\n"
        "  fix: pass flag=True.",
    ),
    "long value": (
        lambda: checks.whole("f", "n", "x" * 500),
        f"f(n='{'x' * 78}…) is not possible.\n"
        "  expected: 'n' as a whole number of at least 0.\n"
        "  fix: pass for example n=1.",
    ),
}


@pytest.mark.parametrize(("call", "message"), MESSAGES.values(), ids=MESSAGES)
def test_message(call, message):
    with pytest.raises(LaminaError, match=f"^{re.escape(message)}$"):
        call()

"""Every row of the table of bad input: the whole message, before the first step.

The rows run without the preflight, which must not be what keeps them out; with it they are
refused as well, some in its words.
"""

import pytest

import lamina as keras
from lamina.core.errors import LaminaError
from tests.bad_input import (
    programs,
    rows_arguments,
    rows_inputs,
    rows_labels,
    rows_outside,
    rows_parts,
    rows_tables,
)
from tests.bad_input.case import Accepted, Refused

PARTS = (rows_inputs, rows_labels, rows_arguments, rows_parts, rows_outside, rows_tables)
CASES = [case for part in PARTS for case in part.CASES]
REFUSED = [case for case in CASES if isinstance(case, Refused)]
ACCEPTED = [case for case in CASES if isinstance(case, Accepted)]


@pytest.fixture(autouse=True)
def _fresh_start(tmp_path, monkeypatch):
    """An empty folder to work in, layer names from the first, one seed."""
    monkeypatch.chdir(tmp_path)
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    programs.made.clear()


def _name(case):
    return f"{case.row} {case.given}"


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_bad_input_is_refused_with_problem_expectation_and_fix(case, tmp_path):
    with pytest.raises(LaminaError) as caught:  # noqa: PT011  (the whole text is compared below)
        case.call()
    text = f"{case.problem}\n  expected: {case.expected}\n  fix: {case.fix}"
    assert str(caught.value).replace(str(tmp_path), "<folder>") == text


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_errors_come_before_the_first_step_and_are_of_a_builtin_kind(case):
    with pytest.raises((ValueError, TypeError, RuntimeError, OSError)) as caught:
        case.call()
    steps = [model.optimizer.calls for model in programs.made if model.optimizer is not None]
    assert case.is_late or not any(steps)
    assert len(str(caught.value).splitlines()[0]) <= 200


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_with_the_preflight_the_error_is_ours_and_early_as_well(case, monkeypatch):
    monkeypatch.setitem(programs.defaults, "check", "auto")
    with pytest.raises(LaminaError) as caught:  # noqa: PT011  (the words may be the preflight's)
        case.call()
    steps = [model.optimizer.calls for model in programs.made if model.optimizer is not None]
    assert case.is_late or not any(steps)
    assert len(caught.value.problem.splitlines()[0]) <= 200


@pytest.mark.parametrize("case", ACCEPTED, ids=_name)
def test_the_preflight_lets_accepted_input_pass(case, monkeypatch):
    monkeypatch.setitem(programs.defaults, "check", "auto")
    assert case.call() == case.wanted()


@pytest.mark.parametrize("case", ACCEPTED, ids=_name)
def test_accepted_input_gives_the_right_result(case):
    assert case.call() == case.wanted()

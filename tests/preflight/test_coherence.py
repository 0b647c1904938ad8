"""One piece of advice: findings that contradict one another do not stand side by side."""

import pytest

from lamina.preflight.codes import CODES
from lamina.preflight.coherence import SILENCES, coherent
from lamina.preflight.finding import Finding


def found(*codes, stage="train", severity="warning"):
    return [Finding(code, severity, "p", "e", "f", {}, stage) for code in codes]


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (("lr-too-high", "lr-too-low"), ["lr-too-high"]),
        (("undertrained", "overfitting"), ["overfitting"]),
        (("lr-too-low", "undertrained"), ["lr-too-low"]),
        (("undertrained", "majority-class-only"), ["undertrained", "majority-class-only"]),
        (("stuck-loss", "vanishing-gradient"), ["stuck-loss", "vanishing-gradient"]),
    ],
)
def test_the_cause_speaks_alone(seen, left):
    assert codes(coherent([], found(*seen))) == left


def test_a_warning_from_before_training_explains_what_came_of_it():
    before = found("predict-scale-shift", stage="data")

    assert coherent(before, found("overfitting")) == []


def test_a_hint_from_before_training_silences_nothing():
    before = found("lr-too-high", stage="compile", severity="hint")

    assert codes(coherent(before, found("undertrained"))) == ["undertrained"]


@pytest.mark.parametrize("code", [*SILENCES, *(one for many in SILENCES.values() for one in many)])
def test_every_code_is_known(code):
    assert code in CODES

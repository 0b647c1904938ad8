"""Programs as public questions show them: the faulty ones are named, the sound ones left alone.

Every third of them is tried in the fast suite; test_faults and test_silence try every code there.
"""

import pytest

from lamina.core.errors import LaminaError
from tests.preflight.published_questions import PUBLISHED
from tests.preflight.published_tutorials import SOUND


def a_third_quick(programs):
    """The programs as parameters, two of three of them marked slow."""
    return [
        pytest.param(program, id=name, marks=[pytest.mark.slow] if place % 3 else [])
        for place, (name, program) in enumerate(programs.items())
    ]


every_fault = pytest.mark.parametrize("fault", a_third_quick(PUBLISHED))
every_sound = pytest.mark.parametrize("make", a_third_quick(SOUND))


def found(make, *arguments):
    """What the checks and a training find; an error that stops it has its findings too."""
    try:
        program = make(*arguments)
        program_findings = list(program.check())
        program = make(*arguments)
        history = program.model.fit(program.x, program.y, verbose=0, **program.fit)
    except LaminaError as error:
        return getattr(error, "findings", [])
    return [*program_findings, *history.findings]


@every_fault
def test_the_mistake_is_named(fault):
    assert set(fault.codes) & {finding.code for finding in found(fault.make, True)}


@every_fault
def test_the_twin_is_left_in_peace(fault):
    findings = found(fault.make, False)

    assert [str(f) for f in findings if f.severity != "hint"] == []


@every_sound
def test_a_sound_program_is_left_in_peace(make):
    findings = found(make)

    assert [str(f) for f in findings if f.severity != "hint"] == []

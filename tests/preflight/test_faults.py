"""Each mistake is named with its code, and its clean twin is not."""

import pytest

from lamina.core.errors import LaminaError
from lamina.preflight import PreflightError
from tests.preflight.programs import FAULTS

every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@every_fault
def test_the_mistake_is_named(fault):
    found = {finding.code: finding for finding in fault.make(True).check()}

    assert fault.code in found
    assert found[fault.code].severity == fault.severity


@every_fault
def test_the_fix_makes_the_finding_go_away(fault):
    report = fault.make(False).check()

    assert fault.code not in report.codes
    assert not report.errors


@pytest.mark.parametrize(
    "fault",
    [fault for fault in FAULTS.values() if fault.severity == "error"],
    ids=[name for name, fault in FAULTS.items() if fault.severity == "error"],
)
def test_an_error_stops_fit_and_says_its_code(fault):
    program = fault.make(True)

    with pytest.raises(PreflightError, match=r"expected: ") as caught:
        program.model.fit(program.x, program.y, verbose=0, **program.fit)

    assert fault.code in [finding.code for finding in caught.value.findings]
    assert isinstance(caught.value, LaminaError)


@every_fault
def test_problems_are_one_line_of_readable_length(fault):
    for finding in fault.make(True).check():
        assert len(finding.problem) <= 200
        assert "\n" not in finding.problem
        assert finding.expected.endswith(".")

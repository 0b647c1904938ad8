"""Sound programs are left in peace."""

import pytest

from tests.preflight.clean_programs import CLEAN

every_clean = pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)


@every_clean
def test_a_sound_program_has_no_error_or_warning(make):
    report = make().check()

    assert [str(finding) for finding in (*report.errors, *report.warnings)] == []


@every_clean
def test_a_sound_program_trains_without_a_word(make, capsys):
    program = make()
    arguments = {**program.fit, "epochs": 1, "verbose": 2}

    history = program.model.fit(program.x, program.y, **arguments)

    assert len(history.history["loss"]) == 1
    assert "warning" not in capsys.readouterr().out

"""Every code has a page, whose program makes the mistake, and whose fix undoes it."""

from pathlib import Path

import pytest

from lamina.core.errors import LaminaError
from lamina.preflight.codes import CODES
from lamina.preflight.guide import PAGES, PREAMBLE, index_text, page_text

FOLDER = Path(__file__).parents[2] / "docs" / "findings"
every_page = pytest.mark.parametrize("code", PAGES)


def found_by(program):
    names = {}
    try:
        exec(PREAMBLE + program, names)
    except LaminaError as error:
        return [finding.code for finding in error.findings]
    if "report" in names:
        return names["report"].codes
    return [finding.code for finding in names["history"].findings]


def test_every_code_has_a_page_and_no_other():
    assert PAGES.keys() == CODES.keys()


@every_page
def test_the_program_makes_the_mistake(code):
    assert code in found_by(PAGES[code].program)


@every_page
def test_the_fix_undoes_it(code):
    page = PAGES[code]

    assert page.program != page.corrected
    assert code not in found_by(page.corrected)


@every_page
def test_the_page_is_that_of_the_source(code):
    assert (FOLDER / f"{code}.md").read_text(encoding="utf-8") == page_text(code)


def test_the_index_is_that_of_the_source():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == index_text()


def test_there_is_no_page_of_a_code_that_is_gone():
    assert {path.stem for path in FOLDER.glob("*.md")} == {*PAGES, "README"}

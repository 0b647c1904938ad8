"""Writes docs/bad-input.md from the table that the tests of bad input run.

Usage: python scripts/make_bad_input_table.py [--check]
"""

import itertools
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.bad_input import keras_today, test_rows  # noqa: E402
from tests.bad_input.case import Refused  # noqa: E402

PAGE = ROOT / "docs" / "bad-input.md"
HEAD = """# Bad input

What happens when data, labels or arguments cannot mean what was written. Every row is a test
(`tests/bad_input/`), and this page is made from those tests by
`scripts/make_bad_input_table.py`. The messages are cut to their first line here; each goes on with
what was expected and what to do. Errors come before the first step, except for later batches
of a stream, which nobody can see beforehand. They come with `fit(check="off")` too; the
preflight, which is on unless told otherwise, says some of them in its own words. A dash in the
third column: not tried with Keras.

Rows 107 and 109 (the command line) are tested in `tests/cli/`, 110 (asserts off, no home) in
`tests/bad_input/test_without_asserts.py`. Losses, metrics, schedules, initializers and the like
that are called directly, and arguments without a meaning, in
`tests/bad_input/test_direct_calls.py`;
misspelled arguments and names in `tests/core/test_calls.py` and `tests/core/test_absent.py`.

| # | given | Keras 3.15 today | Lamina |
|---|---|---|---|
"""


def cell(text: str) -> str:
    """Text that stays inside one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def page() -> str:
    """The whole page."""
    lines = []
    cases = sorted(test_rows.CASES, key=lambda case: case.row)
    for row, group in itertools.groupby(cases, key=lambda case: case.row):
        title, today = keras_today.ROWS[row]
        lines.append(f"| **{row}** | **{cell(title)}** | {cell(today or '-')} | |")
        for case in group:
            says = f"`{case.problem}`" if isinstance(case, Refused) else "accepted"
            lines.append(f"| | {cell(case.given)} | | {cell(says)} |")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Writes the page; with --check only says whether it is up to date."""
    if "--check" in sys.argv:
        return int(PAGE.read_text() != page())
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())

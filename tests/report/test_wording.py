"""Numbers and names as a page shows them."""

import pytest

from lamina.report import wording
from lamina.report.intervals import Interval


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (3.14159, "3.14"),
        (1234.5, "1,234"),
        (-0.00123, "\u22120.00123"),
        (1.5e9, "1.50e+09"),
        (float("nan"), "\u2013"),
        (None, "\u2013"),
    ],
)
def test_number_has_three_significant_digits(value, shown):
    assert wording.number(value) == shown


def test_share_and_its_unit_stay_together():
    assert wording.share(0.8617) == "86.2\u202f%"


def test_interval_of_nothing_is_a_dash():
    assert wording.number_range(Interval(1.0, float("nan"), float("nan"))) == "\u2013"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("nul\x00bell\x07", "nul\ufffdbell\ufffd"),
        ("\u202eevil", "\ufffdevil"),
        ("x" * 100, "x" * 79 + "…"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
    ],
)
def test_clean_text_acts_on_nothing_around_it(text, shown):
    assert wording.clean(text) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(2.41, "2.4 s"), (42.3, "42 s"), (75.5, "1 min 16 s"), (7260, "2 h 1 min")],
)
def test_duration_is_in_the_unit_people_would_choose(seconds, shown):
    assert wording.duration(seconds) == shown


def test_moment_is_written_out():
    assert wording.moment("2026-01-02T03:04:05+00:00") == "2 January 2026, 03:04 UTC"


def test_what_is_no_moment_is_shown_as_it_is():
    assert wording.moment("<yesterday>") == "<yesterday>"

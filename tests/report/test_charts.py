"""Charts: ticks are round, marks are where their numbers are, words are escaped."""

import math
import xml.etree.ElementTree as ET

import pytest

from lamina.report.charts.bars import Bar, bars, histogram
from lamina.report.charts.curves import curve
from lamina.report.charts.lettering import fitted
from lamina.report.charts.plot import Plot, axis, log_axis, spread, tick_form, ticks, whole_ticks


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.13, 0.52, [0.2, 0.3, 0.4, 0.5]),
        (-165, 160, [-100, 0, 100]),
    ],
)
def test_ticks_are_round_numbers_within_the_axis(low, high, found):
    assert ticks(low, high, 5) == pytest.approx(found)


def test_whole_ticks_begin_with_the_first_epoch():
    assert whole_ticks(1, 100) == [1, 20, 40, 60, 80, 100]


def test_all_ticks_of_an_axis_have_the_same_decimals():
    form = tick_form([0.0, 0.25, 0.5])

    assert [form(value) for value in (0.0, 0.25, 0.5)] == ["0.00", "0.25", "0.50"]


def test_spread_of_equal_numbers_is_not_empty():
    low, high = spread([2.0, 2.0])

    assert low < 2.0 < high


def test_a_number_is_as_far_along_as_its_share_of_the_axis():
    plot = Plot(axis("x", 0, 10), axis("y", 0, 1), alt="")

    assert plot.px(5) == pytest.approx((plot.left + plot.right) / 2)
    assert plot.py(1) == plot.top


def test_equal_ratios_are_equal_steps_on_a_logarithmic_axis():
    found = log_axis("loss", 0.01, 100)

    assert [found.share(value) for value in (0.01, 1, 100)] == pytest.approx([0, 0.5, 1])


def test_a_line_is_broken_where_a_number_is_missing():
    plot = Plot(axis("x", 0, 3), axis("y", 0, 1), alt="")

    plot.line([(0, 0.1), (1, 0.2), (2, math.nan), (3, 0.3)], "one")

    assert plot.marks[-1].count("M") == 2


def test_a_steep_loss_gets_a_logarithmic_axis():
    drawn = curve("loss", [1, 2, 3], [100.0, 1.0, 0.1], [], None)

    assert "loss (as compiled), logarithmic" in drawn


def test_the_best_epoch_is_marked():
    drawn = curve("accuracy", [1, 2, 3], [0.1, 0.5, 0.6], [0.1, 0.4, 0.3], 2)

    assert "best, epoch 2" in drawn


def test_a_long_name_is_cut_to_its_room():
    assert fitted("x" * 500, 60) == "x" * 6 + "…"
    assert fitted("short", 60) == "short"


def test_names_in_a_chart_are_escaped():
    drawn = bars("b", [Bar("<b>&", 1.0, "<i>")], label="<u>", alt='"<a>')

    ET.fromstring(drawn)  # well formed
    assert "&lt;b&gt;&amp;" in drawn
    assert "<i>" not in drawn


@pytest.mark.parametrize("value", [0.0, -3.0, 1e300])
def test_bars_of_any_size_are_drawn(value):
    ET.fromstring(bars("b", [Bar("a", value, "")], label="x", alt=""))


def test_histogram_of_one_value_is_drawn():
    ET.fromstring(histogram("h", [1.0, 1.0], [3], label="x", alt="", outline=[1]))

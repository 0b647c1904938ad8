"""Intervals hold what they promise."""

import math

import numpy as np
import pytest

from lamina.report.intervals import bootstrap, bootstrap_counts, of_mean, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R's prop.test(x, n, correct = FALSE), and the table in Newcombe 1998.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_ends(successes, trials, low, high):
    interval = wilson(successes, trials)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_says_nothing():
    interval = wilson(0, 0)

    assert math.isnan(interval.value)
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_wilson_of_all_ends_at_one():
    assert wilson(36, 36).high == 1.0


def test_bootstrap_of_a_mean_has_the_width_of_the_normal_interval():
    values = np.random.default_rng(0).normal(size=400)

    interval = bootstrap(lambda x: float(x.mean()), values)

    # 2 · 1.96 · s / √n, and a tenth of it for the 1,000 draws
    expected = 2 * 1.96 * values.std() / 20
    assert interval.high - interval.low == pytest.approx(expected, rel=0.1)
    assert interval.value == values.mean()


def test_bootstrap_repeats_itself():
    values = np.arange(10.0)

    assert bootstrap(np.mean, values) == bootstrap(np.mean, values)


def test_bootstrap_of_one_example_has_no_ends():
    interval = bootstrap(np.mean, np.array([3.0]))

    assert interval.value == 3.0
    assert math.isnan(interval.low)


def test_bootstrap_keeps_rows_of_several_arrays_together():
    x = np.arange(20.0)

    interval = bootstrap(lambda a, b: float((a - b).mean()), x, x)

    assert (interval.low, interval.high) == (0.0, 0.0)


def test_the_width_for_very_many_examples_is_that_of_all_of_them():
    values = np.random.default_rng(0).normal(size=250_000)

    interval = bootstrap(np.mean, values)

    # 2 · 1.96 · s / √n, and a tenth of it for the 400 draws
    assert interval.high - interval.low == pytest.approx(2 * 1.96 / 500, rel=0.12)


def test_counts_give_the_interval_of_the_examples_they_count():
    counts = np.array([30, 70])
    examples = np.repeat([0.0, 1.0], counts)

    by_counts = bootstrap_counts(lambda table: table[1] / table.sum(), counts)
    by_examples = bootstrap(np.mean, examples)

    assert by_counts.value == by_examples.value == 0.7
    assert by_counts.low == pytest.approx(by_examples.low, abs=0.02)
    assert by_counts.high == pytest.approx(by_examples.high, abs=0.02)


def test_counts_of_nothing_have_no_value():
    assert math.isnan(bootstrap_counts(np.mean, np.zeros((2, 2), int)).value)


def test_the_mean_of_five_values_has_students_interval():
    found = of_mean([1.0, 2.0, 3.0, 4.0, 5.0])

    reach = 2.776445105 * 1.581138830 / 5**0.5  # t of four degrees of freedom, s of 1 to 5
    assert found.value == 3.0
    assert (found.low, found.high) == pytest.approx((3 - reach, 3 + reach))


def test_one_value_has_no_interval():
    found = of_mean([0.5])

    assert (found.value, math.isnan(found.low), math.isnan(found.high)) == (0.5, True, True)

"""Two models on the same examples."""

import re

import numpy as np
import pytest
from scipy.stats import binomtest

from lamina.core.errors import ArgumentError
from lamina.report.paired import coin_test, compare_correct, compare_errors


@pytest.mark.parametrize(("heads", "tails"), [(0, 1), (3, 0), (10, 25), (7, 7), (3_000, 3_100)])
def test_coin_test_is_the_exact_binomial_test(heads, tails):
    assert coin_test(heads, tails) == pytest.approx(binomtest(heads, heads + tails).pvalue)


def test_no_difference_has_p_one():
    assert coin_test(0, 0) == 1.0


def test_only_examples_on_which_the_models_differ_count():
    first = np.array([1, 1, 1, 1, 1, 0, 1, 1])
    second = np.array([0, 0, 0, 0, 0, 0, 1, 1])

    found = compare_correct(first, second)

    assert (found.only_first, found.only_second) == (5, 0)
    assert found.p_value == pytest.approx(2 / 32)
    assert found.difference.value == 5 / 8
    assert not found.is_significant


def test_a_better_classifier_is_told_from_a_worse_one():
    first = np.ones(60)
    second = np.tile([0, 1, 1], 20)

    found = compare_correct(first, second)

    assert found.is_significant
    assert 0.2 < found.difference.low < 1 / 3 < found.difference.high < 0.5


def test_equal_errors_have_p_one():
    errors = np.linspace(0.1, 3.7, 50)

    found = compare_errors(errors, errors)

    assert found.p_value == 1.0
    assert not found.is_significant


def test_smaller_errors_are_told_from_larger_ones():
    generator = np.random.default_rng(0)
    first = np.abs(generator.normal(size=100))

    found = compare_errors(first, first + 0.5 + generator.normal(size=100) * 0.1)

    assert found.is_significant
    assert found.difference.high < 0
    assert found.only_first == 100


def test_random_gaps_are_rarely_called_a_difference():
    generator = np.random.default_rng(1)
    gaps = [generator.normal(size=(2, 40)) for _ in range(60)]

    found = sum(compare_errors(*np.abs(pair)).is_significant for pair in gaps)

    assert found <= 8  # 3 are expected; 8 or fewer in 99 of 100 such tests


def test_results_of_different_length_are_refused():
    message = (
        "results of the shapes (3,) and (4,) cannot be compared in pairs.\n"
        "  expected: one entry for each of the same test examples, in the same order.\n"
        "  fix: evaluate both models on the same source first."
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        compare_correct(np.ones(3), np.ones(4))

"""Whether two models differ on the same test examples, or only by chance."""

import math
from dataclasses import dataclass

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.report.intervals import Interval, bootstrap, resampled

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Comparison:
    """The difference of two models on the same examples.

    Args:
        difference: First minus second, with its 95 % interval; in the unit of what is compared.
        p_value: How often chance alone would give a difference at least as large.
        only_first: Examples that only the first model answered rightly (or better).
        only_second: Examples that only the second answered rightly (or better).
        test: Which test was made.
    """

    difference: Interval
    p_value: float
    only_first: int
    only_second: int
    test: str

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would give such a difference in less than one of 20 tests."""
        return self.p_value < SIGNIFICANT


def compare_correct(first: np.ndarray, second: np.ndarray, *, seed: int = 0) -> Comparison:
    """Compares two classifiers by the examples on which only one of them is right.

    McNemar's exact test: were they equally good, each such example would be a fair coin. The
    interval of the difference in accuracy comes from a bootstrap over the examples.

    Args:
        first: Whether the first model was right, one entry a test example.
        second: The same for the second model, in the same order.
        seed: Of the bootstrap.

    Raises:
        ArgumentError: The two do not have one entry for each of the same examples.

    Reference:
        McNemar, "Note on the sampling error of the difference between correlated proportions or
        percentages", Psychometrika 12(2), 1947; exact form by the binomial distribution.

    Example:
        >>> round(compare_correct(np.array([1, 1, 1, 0]), np.array([0, 0, 0, 0])).p_value, 2)
        0.25
    """
    one, other = _checked(first, second)
    one, other = one.astype(bool), other.astype(bool)
    only_first, only_second = int((one & ~other).sum()), int((other & ~one).sum())
    gap = one.astype(np.float64) - other
    return Comparison(
        difference=bootstrap(np.mean, gap, seed=seed),
        p_value=coin_test(only_first, only_second),
        only_first=only_first,
        only_second=only_second,
        test="McNemar's exact test",
    )


def compare_errors(first: np.ndarray, second: np.ndarray, *, seed: int = 0) -> Comparison:
    """Compares two regressions by the sizes of their errors on the same examples.

    The p-value is that of a paired bootstrap of the mean difference, shifted to no difference.

    Args:
        first: Error of the first model on each example, such as |prediction - y|.
        second: The same for the second model, in the same order.
        seed: Of the bootstrap.

    Raises:
        ArgumentError: The two do not have one entry for each of the same examples.

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall 1993, section
        16.4 (test of a mean by a shifted sample).
    """
    one, other = _checked(first, second)
    gap = one.astype(np.float64) - other
    measured = float(gap.mean())
    means = resampled(np.mean, gap, seed=seed)
    # The tolerance keeps equal models, whose means differ in the last bit only, at p = 1.
    tolerance = 1e-12 * max(1e-300, float(np.abs(gap).max()))
    extreme = int((np.abs(means - measured) >= abs(measured) - tolerance).sum())
    low, high = np.quantile(means, (0.025, 0.975))
    return Comparison(
        difference=Interval(measured, float(low), float(high)),
        p_value=(extreme + 1) / (len(means) + 1),
        only_first=int((gap < 0).sum()),
        only_second=int((gap > 0).sum()),
        test="paired bootstrap of the mean error",
    )


def coin_test(heads: int, tails: int) -> float:
    """Chance that a fair coin falls at least as one-sidedly as this, in either direction."""
    count, few = heads + tails, min(heads, tails)
    if count == 0:
        return 1.0
    logs = [
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        for k in range(few + 1)
    ]
    top = max(logs)
    tail = math.exp(top - count * math.log(2)) * sum(math.exp(value - top) for value in logs)
    return min(1.0, 2 * tail)


def _checked(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.asarray(first), np.asarray(second)
    if one.ndim != 1 or one.shape != other.shape or len(one) == 0:
        raise ArgumentError(
            f"results of the shapes {one.shape} and {other.shape} cannot be compared in pairs.",
            expected="one entry for each of the same test examples, in the same order.",
            fix="evaluate both models on the same source first.",
        )
    return one, other

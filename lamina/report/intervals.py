"""How sure a number measured on a test part is: intervals of 95 %."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

Z95 = 1.959963984540054
"""Standard deviations on each side of the mean that hold 95 % of a normal distribution."""

_REPEATS = 1_000
_MOST_VALUES = 40_000_000  # numbers drawn in all; more examples get fewer repeats
_MOST_DRAWN = 100_000  # examples in one repeat
_FEWEST_REPEATS = 200

Statistic = Callable[..., float]
"""A number computed from arrays that have one entry an example."""


@dataclass(frozen=True)
class Interval:
    """A measured number and the range that holds the true one in 95 of 100 such tests.

    Args:
        value: What was measured.
        low: Lower end.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval:
    """The share of successes among independent trials, with Wilson's score interval.

    With z = 1.96 and p = successes / trials, the ends are (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) /
    (1 + z²/n). Unlike the textbook interval it stays within 0 and 1 and is honest for few trials.

    Args:
        successes: How many succeeded.
        trials: How many there were; with none, the interval is 0 to 1.

    Reference:
        Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
        the American Statistical Association 22(158), 1927.

    Example:
        >>> round(wilson(9, 10).low, 3)
        0.596
    """
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0)
    share = successes / trials
    square = Z95 * Z95 / trials
    middle = share + square / 2
    reach = Z95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    low = 0.0 if successes == 0 else (middle - reach) / (1 + square)
    high = 1.0 if successes == trials else (middle + reach) / (1 + square)
    return Interval(share, low, high)


def bootstrap(statistic: Statistic, *arrays: np.ndarray, seed: int = 0) -> Interval:
    """A statistic with the middle 95 % of its values on examples drawn again with replacement.

    Draws that give no number (a class that is absent, a constant) are left out.

    Args:
        statistic: Computes the number from the arrays.
        *arrays: One entry an example each, all of one length; rows stay together.
        seed: The same seed draws the same examples.

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall 1993, chapter 13
        (the percentile interval).
    """
    count = len(arrays[0])
    value = float(statistic(*arrays)) if count else math.nan
    if count < 2:
        return Interval(value, math.nan, math.nan)
    return _percentiles(value, resampled(statistic, *arrays, seed=seed))


def bootstrap_counts(statistic: Statistic, counts: np.ndarray, *, seed: int = 0) -> Interval:
    """The same for a statistic of a table of counts, such as a confusion matrix.

    To draw examples again is to draw the counts of a multinomial distribution, which takes a time
    that does not grow with the number of examples.

    Args:
        statistic: Computes the number from a table of this shape.
        counts: Whole numbers.
        seed: The same seed draws the same tables.
    """
    cells = np.flatnonzero(counts)
    total = int(counts.sum())
    if total < 2:
        return Interval(float(statistic(counts)) if total else math.nan, math.nan, math.nan)
    generator = np.random.default_rng(seed)
    repeats = max(_FEWEST_REPEATS, min(_REPEATS, _MOST_VALUES // len(cells)))
    shares = counts.reshape(-1)[cells] / total
    values = []
    for _ in range(repeats):
        table = np.zeros(counts.size, counts.dtype)
        table[cells] = generator.multinomial(total, shares)
        values.append(float(statistic(table.reshape(counts.shape))))
    return _percentiles(float(statistic(counts)), np.array(values))


def _percentiles(value: float, values: np.ndarray) -> Interval:
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return Interval(value, math.nan, math.nan)
    low, high = np.quantile(finite, (0.025, 0.975))
    return Interval(value, float(low), float(high))


def resampled(statistic: Statistic, *arrays: np.ndarray, seed: int = 0) -> np.ndarray:
    """Values of a statistic on examples drawn again with replacement.

    From more than 100,000 examples only so many are drawn at a time, and the distances to the
    value on all examples are shrunk by the root of the ratio.

    Args:
        statistic: Computes the number from the arrays.
        *arrays: One entry an example each, all of one length.
        seed: The same seed draws the same examples.

    Reference:
        Bickel, Götze and van Zwet, "Resampling fewer than n observations: gains, losses, and
        remedies for losses", Statistica Sinica 7, 1997.
    """
    count = len(arrays[0])
    size = min(count, _MOST_DRAWN)
    repeats = max(_FEWEST_REPEATS, min(_REPEATS, _MOST_VALUES // size))
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(repeats):
        rows = generator.integers(0, count, size)
        values.append(float(statistic(*(array[rows] for array in arrays))))
    found = np.array(values)
    if size == count:
        return found
    whole = float(statistic(*arrays))
    return whole + (found - whole) * math.sqrt(size / count)


def of_mean(values: Sequence[float]) -> Interval:
    """The mean of independent repeats, with Student's interval.

    With n values of standard deviation s, the ends are mean ± t·s/√n, where t is the 97.5 %
    point of Student's distribution with n - 1 degrees of freedom: 12.7 for two values, 2.78 for
    five, 1.96 for very many. It takes the values for normally distributed.

    Args:
        values: Finite numbers; with fewer than two, the interval is unknown.

    Reference:
        Student, "The Probable Error of a Mean", Biometrika 6(1), 1908.

    Example:
        >>> round(of_mean([0.90, 0.92, 0.94]).low, 3)
        0.87
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - slow to import, needed for several runs

    count = len(values)
    if count < 2:
        return Interval(values[0] if count else math.nan, math.nan, math.nan)
    mean = fmean(values)
    reach = float(stdtrit(count - 1, 0.975)) * stdev(values) / math.sqrt(count)
    return Interval(mean, mean - reach, mean + reach)

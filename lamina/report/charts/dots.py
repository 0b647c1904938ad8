"""Points: confidence against correctness, and predicted numbers against true ones."""

import itertools

import numpy as np
from markupsafe import Markup

from lamina.report.charts.plot import Plot, axis, share_axis, spread
from lamina.report.scoring import Bin
from lamina.report.wording import MINUS, number, share, share_range

ERROR = f"error (predicted {MINUS} true)"
"""Name of the axis of errors."""

_MOST_DOTS = 1_500


def reliability(bins: list[Bin]) -> Markup:
    """How often answers of a confidence are right, with 95 % intervals and the ideal diagonal.

    Args:
        bins: Groups of answers by confidence.
    """
    alt = "Reliability diagram: " + "; ".join(
        f"at {share(group.confidence, 0)} confidence {share(group.accuracy.value, 0)} right "
        f"of {group.count:,}"
        for group in bins
    )
    plot = Plot(
        share_axis("confidence of the answer"),
        share_axis("answers that are right"),
        alt=alt,
        height=310,
        grid="xy",
    )
    plot.rule(plot.px(0), plot.py(0), plot.px(1), plot.py(1), "ideal")
    plot.line([(group.confidence, group.accuracy.value) for group in bins], "one")
    for group in bins:
        at = plot.px(group.confidence)
        ends = plot.py(group.accuracy.low), plot.py(group.accuracy.high)
        plot.rule(at, ends[0], at, ends[1], "whisker")
        words = (
            f"{share(group.confidence)} confident, {share(group.accuracy.value)} right "
            f"({share_range(group.accuracy)}), {group.count:,} answers"
        )
        plot.dot(group.confidence, group.accuracy.value, "one", words, radius=4)
    return plot.svg("reliability")


def confidence_counts(confidence: np.ndarray, is_right: np.ndarray) -> Markup:
    """How many right and wrong answers were given with which confidence."""
    edges = np.linspace(0, 1, 21)
    right = np.histogram(confidence[is_right], edges)[0]
    wrong = np.histogram(confidence[~is_right], edges)[0]
    high = float(max(1, (right + wrong).max())) * 1.06
    alt = (
        f"Histogram of confidence: {int(is_right.sum()):,} right answers, mean confidence "
        f"{share(_mean(confidence[is_right]))}; {int((~is_right).sum()):,} wrong ones, mean "
        f"{share(_mean(confidence[~is_right]))}."
    )
    plot = Plot(
        share_axis("confidence of the answer"), axis("answers", 0, high), alt=alt, height=310
    )
    for place, (start, end) in enumerate(itertools.pairwise(edges.tolist())):
        below, above = int(wrong[place]), int(wrong[place] + right[place])
        words = f"{share(start, 0)} to {share(end, 0)}: {above - below:,} right, {below:,} wrong"
        inner = end - 0.006
        if above:
            plot.box(start, below, inner, above, "one", words)
        if below:
            plot.box(start, 0, inner, below, "bad", words)
    return plot.svg("confidence")


def predicted_against_true(y: np.ndarray, predicted: np.ndarray, label: str) -> Markup:
    """Each test example as a point; right predictions lie on the diagonal."""
    low, high = spread([*y.tolist(), *predicted.tolist()])
    alt = (
        f"Scatter plot of {len(y):,} predictions against true values; "
        f"true values run from {number(float(y.min()))} to {number(float(y.max()))}, predictions "
        f"from {number(float(predicted.min()))} to {number(float(predicted.max()))}."
    )
    plot = Plot(
        axis(f"true {label}", low, high),
        axis(f"predicted {label}", low, high),
        alt=alt,
        height=340,
        grid="xy",
    )
    plot.rule(plot.px(low), plot.py(low), plot.px(high), plot.py(high), "ideal")
    for place in _some(len(y)):
        true, given = float(y[place]), float(predicted[place])
        if np.isfinite(given):
            words = f"true {number(true)}, predicted {number(given)}"
            plot.dot(true, given, "one many", words, radius=3)
    return plot.svg("predicted")


def residuals(y: np.ndarray, predicted: np.ndarray, label: str) -> Markup:
    """Errors against predictions: without a pattern where the model has used what there is."""
    errors = predicted - y
    low, high = spread([*errors.tolist(), 0.0])
    left, right = spread(predicted.tolist())
    alt = (
        f"Scatter plot of errors against predictions: mean error {number(_mean(errors))}, "
        f"from {number(float(errors.min()))} to {number(float(errors.max()))}."
    )
    plot = Plot(
        axis(f"predicted {label}", left, right),
        axis(ERROR, low, high),
        alt=alt,
        height=340,
    )
    plot.rule(plot.left, plot.py(0), plot.right, plot.py(0), "ideal")
    for place in _some(len(y)):
        given, error = float(predicted[place]), float(errors[place])
        if np.isfinite(given):
            words = f"predicted {number(given)}, off by {number(error)}"
            plot.dot(given, error, "one many", words, radius=3)
    return plot.svg("residuals")


def _some(count: int) -> list[int]:
    """All places, or as many as a plot can show, evenly spread."""
    if count <= _MOST_DOTS:
        return list(range(count))
    return np.linspace(0, count - 1, _MOST_DOTS).round().astype(int).tolist()


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")

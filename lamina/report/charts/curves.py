"""Learning curves: numbers of the training and validation parts, epoch by epoch."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from lamina.report.charts.plot import Axis, Plot, axis, log_axis, spread, whole_ticks
from lamina.report.wording import number, spoken

_MOST_POINTS = 400
_STEEP = 30  # times its lowest value, from where a loss needs a logarithmic axis
_DOTTED = 40  # up to so many epochs each has a dot


def curve(
    name: str,
    epochs: Sequence[int],
    train: Sequence[float],
    validation: Sequence[float],
    best_epoch: int | None,
) -> Markup:
    """One number over the epochs, for the training part and the validation part.

    Args:
        name: The number's name in the history.
        epochs: Numbers of the epochs.
        train: Its values on the training part; NaN where missing.
        validation: Its values on the validation part; empty without one.
        best_epoch: The epoch to mark.
    """
    words = spoken(name)
    label = {"loss": "loss (as compiled)", "learning_rate": "learning rate per update"}.get(
        name, words
    )
    both = [*train, *validation]
    whole = whole_ticks(epochs[0], epochs[-1])
    first, last = float(epochs[0]), float(epochs[-1])
    margin = 0.0 if last > first else 0.5
    x = Axis("epoch", first - margin, last + margin, whole, lambda value: f"{value:.0f}")
    plot = Plot(
        x, _axis(name, label, both), alt=_in_words(words, epochs, train, validation), top=26
    )
    if best_epoch is not None and last > first and epochs[0] <= best_epoch <= epochs[-1]:
        at = plot.px(best_epoch)
        plot.rule(at, plot.top, at, plot.bottom, "best")
        is_late = best_epoch > (first + last) / 2
        plot.text(
            at + (4 if is_late else -4),
            plot.top - 9,
            f"best, epoch {best_epoch}",
            anchor="end" if is_late else "start",
            look="note",
        )
    for values, look, part in ((train, "one", "training"), (validation, "two", "validation")):
        _series(plot, epochs, values, look, f"{words}, {part}")
    return plot.svg(f"curve-{name}" if name.isidentifier() else "curve")


def _axis(name: str, label: str, values: Sequence[float]) -> Axis:
    """The axis of the numbers; ratios instead of steps where a loss falls by a large factor."""
    finite = [value for value in values if math.isfinite(value)]
    if "loss" in name and finite and 0 < _STEEP * min(finite) < max(finite):
        return log_axis(label, min(finite) / 1.1, max(finite) * 1.1)
    return axis(label, *spread(finite, zero=name == "learning_rate"))


def _series(
    plot: Plot, epochs: Sequence[int], values: Sequence[float], look: str, title: str
) -> None:
    pairs = list(zip(epochs, values, strict=False))
    if not pairs:
        return
    every = max(1, -(-len(pairs) // _MOST_POINTS))
    shown = [*pairs[::every], *([pairs[-1]] if (len(pairs) - 1) % every else [])]
    plot.line(shown, look)
    dots = shown if len(shown) <= _DOTTED else shown[-1:]
    for epoch, value in dots:
        if math.isfinite(value):
            plot.dot(epoch, value, look, f"epoch {epoch}: {number(value, 4)} ({title})", radius=2.8)


def _in_words(
    words: str, epochs: Sequence[int], train: Sequence[float], validation: Sequence[float]
) -> str:
    parts = [
        f"{part} from {number(values[0])} to {number(values[-1])}"
        for part, values in (("training", train), ("validation", validation))
        if values
    ]
    return f"Line chart of {words} over epochs {epochs[0]} to {epochs[-1]}: {', '.join(parts)}."

"""The charts of a study: accuracy against size, cost and time, and under changed pictures."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from lamina.report.charts.plot import Axis, Plot, axis, log_axis, share_axis, spread, whole_ticks
from lamina.report.wording import counted, duration, number, share
from lamina.study.story import Line

LOOKS = {"dense": "one", "convolution": "two"}

SIZES: dict[str, tuple[str, Callable[[Line], float], Callable[[float], str]]] = {
    "parameters": (
        "parameters", lambda line: line.parameters, lambda v: counted(round(v), "parameter")
    ),
    "multiply-adds": (
        "multiply-adds for one picture",
        lambda line: line.multiply_adds,
        lambda v: counted(round(v), "multiply-add"),
    ),
    "seconds": ("seconds of training", lambda line: line.seconds, duration),
}  # fmt: skip


def accuracy_against(size: str, lines: Sequence[Line]) -> Markup:
    """Test accuracy of every net against a size, whiskers one deviation over the seeds.

    Args:
        size: A key of `SIZES`.
        lines: The nets.
    """
    label, value, words = SIZES[size]
    low, high = min(map(value, lines)), max(map(value, lines))
    x = (
        log_axis(label, low / 1.4, high * 1.4)
        if high > 4 * low
        else axis(label, *spread((low, high)))
    )
    plot = Plot(
        x, _accuracy_axis([s for line in lines for s in line.scores]), alt=_alt(size, lines)
    )
    for line in lines:
        look, at = LOOKS[line.net.kind], value(line)
        if line.deviation:
            top, bottom = line.mean + line.deviation, line.mean - line.deviation
            plot.rule(plot.px(at), plot.py(bottom), plot.px(at), plot.py(top), "whisker")
        plot.dot(at, line.mean, look, f"{line.net.name}: {line.words}, {words(at)}", radius=4.5)
    return plot.svg(f"accuracy-{size}")


def curves(key: str, trials: Sequence[dict[str, Any]], label: str) -> Markup:
    """A number of the history over the epochs, one line a net, the first seed of each.

    Args:
        key: The number's name in the history.
        trials: The trainings to draw.
        label: What it is called.
    """
    longest = max(trial["epochs"] for trial in trials)
    last = float(max(2, longest))
    x = Axis("epoch", 1.0, last, whole_ticks(1, max(2, longest)), lambda v: f"{v:.0f}")
    values = [value for trial in trials for value in trial["curves"][key]]
    y = _accuracy_axis(values) if "accuracy" in key else axis(label, *spread(values))
    y = Axis(label, y.low, y.high, y.ticks, y.form)
    plot = Plot(
        x, y, alt=f"Line chart of {label} over the epochs for {counted(len(trials), 'net')}."
    )
    for trial in trials:
        net, points = trial["net"], list(enumerate(trial["curves"][key], start=1))
        look = LOOKS[net["kind"]]
        plot.line(points, f"{look} thin")
        name = f"{net['kind']} {net['depth']} x {net['width']}"
        plot.dot(*points[-1], look, f"{name}: {number(points[-1][1], 4)}", radius=3)
    return plot.svg(f"curves-{key}")


def moved(reasons: dict[str, Any]) -> Markup:
    """Accuracy on pictures that were moved by some pixels, one line a kind."""
    scores = {
        kind: sorted((int(k), v) for k, v in reasons[kind]["moved"].items())
        for kind in LOOKS
        if kind in reasons
    }
    last = max(pixels for points in scores.values() for pixels, _ in points)
    x = Axis("pixels moved", 0, last, range(last + 1), lambda v: f"{v:.0f}")
    everything = [score for points in scores.values() for _, score in points]
    words = "; ".join(
        f"{kind} from {share(points[0][1])} to {share(points[-1][1])}"
        for kind, points in scores.items()
    )
    plot = Plot(x, _accuracy_axis(everything), alt=f"Accuracy by pixels moved: {words}.")
    for kind, points in scores.items():
        plot.line(points, LOOKS[kind])
        for pixels, score in points:
            plot.dot(pixels, score, LOOKS[kind], f"{kind}, {pixels} pixels: {share(score)}")
    return plot.svg("moved")


def shuffled(reasons: dict[str, Any]) -> Markup:
    """Accuracy before and after the pixels were shuffled, a slope a kind."""
    x = Axis("", -0.35, 1.35, (0, 1), lambda v: ("as they are", "shuffled")[int(v)])
    pairs = {k: (reasons[k]["plain"], reasons[k]["shuffled"]) for k in LOOKS if k in reasons}
    words = "; ".join(f"{kind} {share(a)} and {share(b)}" for kind, (a, b) in pairs.items())
    values = [value for pair in pairs.values() for value in pair]
    plot = Plot(x, _accuracy_axis(values), alt=f"Accuracy before and after shuffling: {words}.")
    for kind, pair in pairs.items():
        plot.line(list(enumerate(pair)), LOOKS[kind])
        for place, score in enumerate(pair):
            plot.dot(place, score, LOOKS[kind], f"{kind}: {share(score)}", radius=4.5)
    return plot.svg("shuffled")


def _accuracy_axis(values: Sequence[float]) -> Axis:
    low, high = spread(values)
    return share_axis("accuracy", max(0.0, low), min(1.0, high))


def _alt(size: str, lines: Sequence[Line]) -> str:
    told = "; ".join(f"{line.net.name} {line.words}" for line in lines)
    return f"Test accuracy against {size}: {told}."

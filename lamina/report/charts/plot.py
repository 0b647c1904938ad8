"""A plot as SVG: a frame with axes, and marks placed by the numbers they stand for.

Looks (colours, fonts, strokes) are in the style sheet of the page: marks only carry classes.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from lamina.report.charts.lettering import text_width
from lamina.report.wording import MINUS, THIN, number

_MOST_LOG_TICKS = 7


@dataclass(frozen=True)
class Axis:
    """One direction of a plot.

    Args:
        label: What is measured, with its unit.
        low: Number at the start.
        high: Number at the end.
        ticks: Where numbers are written.
        form: How they are written.
        is_log: Whether equal steps are equal ratios; `low` is then above 0.
    """

    label: str
    low: float
    high: float
    ticks: Sequence[float] = ()
    form: Callable[[float], str] = number
    is_log: bool = False

    def share(self, value: float) -> float:
        """How far from the start a number is, as a share of the axis."""
        if self.is_log:
            low, high = math.log(self.low), math.log(self.high)
            return (math.log(max(value, self.low)) - low) / (high - low)
        return (value - self.low) / ((self.high - self.low) or 1.0)


class Plot:
    """Collects the marks of a plot.

    Args:
        x: The axis that runs to the right.
        y: The axis that runs up.
        alt: What the plot shows, in words, for those who cannot see it.
        width: In units of a pixel at full size.
        height: The same.
        left: Room for the numbers of the y axis; chosen by their length when `None`.
        grid: Which axes have lines through the plot: "x", "y", "xy" or "".
    """

    def __init__(
        self,
        x: Axis,
        y: Axis,
        *,
        alt: str,
        width: int = 400,
        height: int = 270,
        left: float | None = None,
        top: float = 14,
        grid: str = "y",
    ) -> None:
        self.x, self.y, self.alt = x, y, alt
        self.width, self.height = width, height
        longest = max((text_width(y.form(tick)) for tick in y.ticks), default=0)
        self.left = 30 + longest if left is None else left
        self.right, self.top, self.bottom = width - 20.0, top, height - 44.0
        self.marks: list[str] = []
        self._axes(grid)

    def px(self, value: float) -> float:
        """Where a number of the x axis is."""
        return self.left + self.x.share(value) * (self.right - self.left)

    def py(self, value: float) -> float:
        """Where a number of the y axis is."""
        return self.bottom - self.y.share(value) * (self.bottom - self.top)

    def _axes(self, grid: str) -> None:
        for tick in self.y.ticks:
            at = self.py(tick)
            if "y" in grid:
                self.rule(self.left, at, self.right, at, "grid")
            self.text(self.left - 8, at + 4, self.y.form(tick), anchor="end")
        for tick in self.x.ticks:
            at = self.px(tick)
            if "x" in grid:
                self.rule(at, self.top, at, self.bottom, "grid")
            else:
                self.rule(at, self.bottom, at, self.bottom + 4, "axis")
            self.text(at, self.bottom + 18, self.x.form(tick), anchor="middle")
        self.rule(self.left, self.bottom, self.right, self.bottom, "axis")
        middle = (self.left + self.right) / 2
        self.text(middle, self.height - 6, self.x.label, anchor="middle", look="label")
        if self.y.label:
            across = (self.top + self.bottom) / 2
            self.marks.append(
                f'<text class="label" text-anchor="middle" '
                f'transform="translate(12 {across:.1f}) rotate(-90)">{escape(self.y.label)}</text>'
            )

    def rule(self, x1: float, y1: float, x2: float, y2: float, look: str) -> None:
        """A straight line between two places of the picture."""
        self.marks.append(
            f'<line class="{look}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", look: str = "tick"
    ) -> None:
        """Words at a place of the picture."""
        self.marks.append(
            f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(words)}</text>"
        )

    def line(self, points: Iterable[tuple[float, float]], look: str) -> None:
        """A line through points; it is broken where a number is missing."""
        pieces: list[str] = []
        pen = "M"
        for x, y in points:
            if not math.isfinite(y):
                pen = "M"
                continue
            pieces.append(f"{pen}{self.px(x):.1f} {self.py(y):.1f}")
            pen = "L"
        self.marks.append(f'<path class="line {look}" d="{"".join(pieces)}"/>')

    def dot(self, x: float, y: float, look: str, title: str = "", radius: float = 3.5) -> None:
        """A point; its title appears when the pointer rests on it."""
        hint = f"<title>{escape(title)}</title>" if title else ""
        self.marks.append(
            f'<circle class="{look}" cx="{self.px(x):.1f}" cy="{self.py(y):.1f}" '
            f'r="{radius:g}">{hint}</circle>'
        )

    def box(self, x1: float, y1: float, x2: float, y2: float, look: str, title: str = "") -> None:
        """A filled rectangle between two corners given in numbers of the axes."""
        left, right = sorted((self.px(x1), self.px(x2)))
        top, bottom = sorted((self.py(y1), self.py(y2)))
        hint = f"<title>{escape(title)}</title>" if title else ""
        self.marks.append(
            f'<rect class="{look}" x="{left:.1f}" y="{top:.1f}" '
            f'width="{max(0.0, right - left):.1f}" height="{max(0.0, bottom - top):.1f}" rx="1.5">'
            f"{hint}</rect>"
        )

    def svg(self, kind: str) -> Markup:
        """The finished drawing.

        Args:
            kind: Short name of the chart, by which tests and styles find it.
        """
        return drawing(kind, self.alt, self.width, self.height, self.marks)


def drawing(kind: str, alt: str, width: float, height: float, marks: Iterable[str]) -> Markup:
    """Marks as an SVG that grows with the page and is read aloud as `alt`."""
    return Markup(
        f'<svg class="chart" data-chart="{kind}" role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width * 1.3:.0f}px">'
        f"{''.join(marks)}</svg>"
    )


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(place * step, 12) + 0.0 for place in range(first, last + 1)]


def whole_ticks(low: int, high: int, count: int = 6) -> list[float]:
    """Whole numbers from `low` to `high`, about `count` of them, the first included."""
    if high - low < count:
        return [float(value) for value in range(low, high + 1)]
    inner = [tick for tick in ticks(low, high, count) if tick == int(tick)]
    gap = inner[1] - inner[0] if len(inner) > 1 else high - low
    return [float(low), *(tick for tick in inner if tick - low > gap / 3)]


def spread(values: Iterable[float], *, zero: bool = False) -> tuple[float, float]:
    """A range that holds all finite values with a little room, and 0 if asked for."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if zero:
        low, high = min(0.0, low), max(0.0, high)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 0.5
    return (low if zero and low == 0 else low - room), (high if zero and high == 0 else high + room)


def tick_form(values: Sequence[float]) -> Callable[[float], str]:
    """Writes all numbers of an axis with as many decimals as their distance needs."""
    gaps = [abs(b - a) for a, b in itertools.pairwise(values) if b != a]
    largest = max((abs(value) for value in values), default=0.0)
    if not gaps or largest >= 1e7 or min(gaps) < 1e-5:
        return lambda value: f"{value:.3g}".replace("-", MINUS)
    decimals = next(d for d in range(12) if abs(round(min(gaps), d) - min(gaps)) < 1e-9)
    return lambda value: f"{value:,.{decimals}f}".replace("-", MINUS)


def axis(label: str, low: float, high: float, count: int = 5) -> Axis:
    """An axis with round ticks."""
    places = ticks(low, high, count)
    return Axis(label, low, high, places, tick_form(places))


def log_axis(label: str, low: float, high: float) -> Axis:
    """An axis on which equal steps are equal ratios, with up to seven round ticks."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        places = [factor * 10.0**power for power in powers for factor in factors]
        within = [place for place in places if low <= place <= high]
        if len(within) <= _MOST_LOG_TICKS:
            break
    return Axis(f"{label}, logarithmic", low, high, within, _compact, is_log=True)


def _compact(value: float) -> str:
    """A round number in a few letters: 20,000 is "20k", 3,000,000 is "3M"."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):g}{letter}"
    return f"{value:,.6g}"


def share_axis(label: str, low: float = 0.0, high: float = 1.0, count: int = 5) -> Axis:
    """An axis of shares, written as percentages."""
    places = ticks(low, high, count)
    form = tick_form([100 * place for place in places])
    return Axis(label, low, high, places, lambda value: f"{form(100 * value)}{THIN}%")

"""Horizontal bars with names, and columns without: counts, importances, comparisons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from lamina.report.charts.lettering import fitted, text_width
from lamina.report.charts.plot import Axis, Plot, axis, drawing, share_axis, tick_form, ticks
from lamina.report.wording import clean, number

_ROW = 26.0
_WIDEST_NAME = 160.0


@dataclass(frozen=True)
class Bar:
    """One named bar.

    Args:
        name: What it stands for.
        value: Its length.
        words: What is written behind it.
        low: Lower end of its whisker; none when `None`.
        high: Upper end.
        look: Class of the mark.
    """

    name: str
    value: float
    words: str
    low: float | None = None
    high: float | None = None
    look: str = "one"


def bars(
    kind: str,
    rows: Sequence[Bar],
    *,
    label: str,
    alt: str,
    form: Callable[[float], str] | None = None,
    top: float | None = None,
    width: int = 400,
) -> Markup:
    """Bars from zero to the right, each with its name before and its number behind it.

    Args:
        kind: Short name of the chart.
        rows: The bars, the first on top.
        label: What their length means, with its unit.
        alt: What the chart shows, in words.
        form: How the numbers of the axis are written; with the decimals they need when `None`.
        top: Number at the right end; that of the longest bar when `None`.
        width: In pixels at full size.
    """
    names = [fitted(row.name, _WIDEST_NAME) for row in rows]
    ends = [row.high if row.high is not None else row.value for row in rows]
    starts = [row.low if row.low is not None else row.value for row in rows]
    high = max([*ends, 0.0]) if top is None else top
    low = min([*starts, 0.0])
    high = high if high > low else low + 1.0
    left = 10 + max(map(text_width, names), default=0)
    room = 12 + max((text_width(row.words) for row in rows), default=0)
    scale = (width - left - room) / (high - low)
    height = _ROW * len(rows) + 46

    def at(value: float) -> float:
        return left + (value - low) * scale

    marks: list[str] = []
    bottom = _ROW * len(rows) + 4
    places = ticks(low, high, 4)
    form = form or tick_form(places)
    for tick in places:
        marks.append(_rule(at(tick), 0, at(tick), bottom, "grid"))
        marks.append(_text(at(tick), bottom + 16, form(tick), "middle", "tick"))
    marks.append(_rule(at(0), 0, at(0), bottom, "axis"))
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        marks += _bar(row, name, place * _ROW + _ROW / 2, left, at)
    marks.append(_text(width / 2, height - 6, label, "middle", "label"))
    return drawing(kind, alt, width, height, marks)


def _bar(
    row: Bar, name: str, middle: float, left: float, at: Callable[[float], float]
) -> list[str]:
    start, end = sorted((at(0), at(row.value)))
    hint = escape(f"{clean(row.name, 200)}: {row.words}")
    marks = [
        f'<text class="name" x="{left - 8:.1f}" y="{middle + 4:.1f}" text-anchor="end">'
        f"\u2068{escape(name)}\u2069</text>",
        f'<rect class="{row.look}" x="{start:.1f}" y="{middle - 8:.1f}" '
        f'width="{max(0.8, end - start):.1f}" height="16" rx="2"><title>{hint}</title></rect>',
    ]
    behind = end
    if row.low is not None and row.high is not None:
        one, other = at(row.low), at(row.high)
        marks += [
            _rule(one, middle, other, middle, "whisker"),
            _rule(one, middle - 4, one, middle + 4, "whisker"),
            _rule(other, middle - 4, other, middle + 4, "whisker"),
        ]
        behind = max(behind, other)
    marks.append(_text(behind + 6, middle + 4, row.words, "start", "value"))
    return marks


def _rule(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line class="{look}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, look: str) -> str:
    return (
        f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def many_columns(kind: str, counts: Sequence[int], *, alt: str) -> Markup:
    """Columns without names for many classes, the largest first."""
    ordered = sorted(counts, reverse=True)
    high = max([*ordered, 1]) * 1.05
    x = Axis("classes, the largest first", 0.0, float(len(ordered)), ticks(0, len(ordered), 5))
    plot = Plot(x, axis("training examples", 0.0, high), alt=alt, height=210)
    for place, count in enumerate(ordered):
        plot.box(place + 0.1, 0, place + 0.9, count, "one", f"{count:,} examples")
    return plot.svg(kind)


def histogram(
    kind: str,
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    label: str,
    alt: str,
    outline: Sequence[int] = (),
) -> Markup:
    """Shares of examples by a number; a second part as an outline over the first.

    Args:
        kind: Short name of the chart.
        edges: Borders of the columns, one more than there are columns.
        counts: Examples in each column.
        label: The number, with its unit.
        alt: What the chart shows, in words.
        outline: Examples of the second part in each column.
    """
    filled = np.array(counts) / max(1, sum(counts))
    drawn = np.array(outline) / max(1, sum(outline)) if len(outline) else np.zeros(0)
    high = float(max([*filled, *drawn, 1e-9])) * 1.08
    x = axis(label, edges[0], edges[-1])
    plot = Plot(x, share_axis("share of examples", 0.0, high, 4), alt=alt, height=240)
    for start, end, part, count in zip(edges, edges[1:], filled, counts, strict=False):
        words = f"{number(start)} to {number(end)}: {count:,} examples"
        plot.box(start, 0, end - (end - start) * 0.06, float(part), "one", words)
    if len(drawn):
        steps = [
            (place, float(part))
            for start, end, part in zip(edges, edges[1:], drawn, strict=False)
            for place in (start, end)
        ]
        plot.line(steps, "two")
    return plot.svg(kind)

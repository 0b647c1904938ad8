"""The numbers of a run as a small table in HTML, for notebooks."""

import html
from typing import Any

from lamina.train.callbacks.directions import goal_of
from lamina.train.callbacks.scalars import scalar
from lamina.train.epoch_line import number_text
from lamina.train.sparkline import sparkline

_HEAD = ("", "first", "best", "in epoch", "last", "course")


def as_html(history: Any) -> str:
    """One row a number: its first, best and last value, and its course as a curve.

    Args:
        history: The History of a run.
    """
    count = len(history.epoch)
    rows = "".join(_row(name, values, history.epoch) for name, values in history.history.items())
    head = "".join(f"<th>{word}</th>" for word in _HEAD)
    notes = [] if history.speed is None else [str(history.speed)]
    notes += [f"runs eagerly: {refusal.problem}" for refusal in history.refusals]
    codes = dict.fromkeys(finding.code for finding in history.findings)
    if codes:
        notes.append(f"findings: {', '.join(codes)}")
    lines = "<br>".join(html.escape(note) for note in notes)
    title = f"{count} epoch{'' if count == 1 else 's'}"
    table = f"<table><tr>{head}</tr>{rows}</table>" if rows else ""
    return f"<div><b>{title}</b>{table}<p>{lines}</p></div>"


def _row(name: str, values: list[Any], epochs: list[int]) -> str:
    numbers = [scalar(value) for value in values]
    known = [number for number in numbers if number is not None and number == number]
    goal = goal_of(name)
    cells = [number_text(values[0]), "", "", number_text(values[-1]), ""]
    if goal is not None and known:
        best = (max if goal == "max" else min)(known)
        place = numbers.index(best)
        cells[1:3] = [number_text(best), str(epochs[place] + 1) if place < len(epochs) else ""]
    curve = sparkline([float("nan") if n is None else n for n in numbers], 16)
    cells[4] = f'<span style="font-family:monospace">{html.escape(curve)}</span>'
    written = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><th style='text-align:left'>{html.escape(name)}</th>{written}</tr>"

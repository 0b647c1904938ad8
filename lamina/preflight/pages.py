"""A report as a page: in colours for the terminal, and as HTML for a notebook or a run's report."""

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lamina.preflight.finding import Finding
from lamina.preflight.guide import PAGES

if TYPE_CHECKING:
    from lamina.preflight.report import Report

_STYLES = {"error": "bold red", "warning": "bold yellow", "hint": "bold cyan"}
_COLORS = {"error": "#b3261e", "warning": "#8a5a00", "hint": "#2f5f94"}
_WORDS = {
    "build": "the model",
    "compile": "the model and its plan",
    "data": "the data",
    "train": "the training",
    "after": "predict",
}
_STYLE = """
<style>
.lamina-preflight {font: 14px/1.5 system-ui, sans-serif; max-width: 52em; color: inherit}
.lamina-preflight h4 {margin: 0 0 .2em; font-size: 1.05em}
.lamina-preflight section {border-left: 4px solid; padding: .1em 0 .1em .9em; margin: 1em 0}
.lamina-preflight dl {display: grid; grid-template-columns: 5.5em 1fr; gap: .15em .6em; margin: 0}
.lamina-preflight dt {opacity: .65}
.lamina-preflight dd {margin: 0}
.lamina-preflight summary {cursor: pointer; opacity: .65}
.lamina-preflight pre {white-space: pre-wrap; margin: .2em 0; font-size: 12px}
.lamina-preflight code {font-size: 13px}
</style>
"""


def why_of(finding: Finding) -> str:
    """Why such a mistake costs; "" for a code without a page."""
    page = PAGES.get(finding.code)
    return "" if page is None else page.why


def rich_page(report: "Report") -> Any:
    """The report for rich's console."""
    from rich.console import Group  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    parts: list[Any] = [Text(f"Preflight of {report.subject!r}: {report.summary()}.", "bold")]
    for finding in report.findings:
        head = Text()
        head.append(f"{finding.severity}  ", _STYLES[finding.severity])
        head.append(finding.code, "bold")
        head.append(f"  seen in {_WORDS[finding.stage]}", "dim")
        parts += [Text(), head, Padding(_grid(finding), (0, 0, 0, 2))]
    if any(finding.severity != "hint" for finding in report.findings):
        parts += [Text(), Text("report.fix() makes the changes that are safe.", "dim")]
    parts += [Text(note, "dim") for note in report.notes]
    return Group(*parts)


def _grid(finding: Finding) -> Any:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", width=9)
    grid.add_column(overflow="fold")
    for word, text in _rows(finding):
        grid.add_row(word, Text(text, "green" if word == "fix" else ""))
    return grid


def _rows(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "problem", finding.problem
    if why_of(finding):
        yield "why", why_of(finding)
    yield "expected", finding.expected
    yield "fix", finding.fix
    for place, detail in enumerate(finding.details):
        yield "" if place else "way", detail


def html_page(report: "Report") -> str:
    """The report as a piece of HTML with its own style."""
    title = html.escape(f"Preflight of {report.subject!r}: {report.summary()}.")
    sections = "".join(_section(finding) for finding in report.findings)
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in report.notes)
    return f'{_STYLE}<div class="lamina-preflight"><p><b>{title}</b></p>{sections}{notes}</div>'


def _section(finding: Finding) -> str:
    color = _COLORS[finding.severity]
    rows = "".join(
        f"<dt>{word}</dt><dd>{_code(text) if word == 'fix' else html.escape(text)}</dd>"
        for word, text in _rows(finding)
    )
    seen = "".join(
        f"{html.escape(str(key))}: {html.escape(_short(value))}\n"
        for key, value in finding.evidence.items()
    )
    numbers = f"<details><summary>numbers</summary><pre>{seen}</pre></details>" if seen else ""
    return (
        f'<section style="border-color:{color}"><h4><span style="color:{color}">'
        f"{finding.severity}</span> <code>{finding.code}</code></h4><dl>{rows}</dl>{numbers}"
        "</section>"
    )


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 300 else f"{text[:299]}…"

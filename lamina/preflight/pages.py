"""A report as a page: in colours for the terminal, and as HTML for a notebook or a run's report."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina.core.finding_html import framed, rows, section
from lamina.preflight.finding import Finding
from lamina.preflight.guide import PAGES

if TYPE_CHECKING:
    from lamina.preflight.report import Report

_STYLES = {"error": "bold red", "warning": "bold yellow", "hint": "bold cyan"}
_WORDS = {
    "build": "the model",
    "compile": "the model and its plan",
    "data": "the data",
    "train": "the training",
    "after": "predict",
}


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
    for word, text in rows(finding, why_of(finding)):
        grid.add_row(word, Text(text, "green" if word == "fix" else ""))
    return grid


def html_page(report: "Report") -> str:
    """The report as a piece of HTML with its own style."""
    title = html.escape(f"Preflight of {report.subject!r}: {report.summary()}.")
    notes = (f"<p>{html.escape(note)}</p>" for note in report.notes)
    return framed([f"<p><b>{title}</b></p>", *_sections(report.findings), *notes])


def html_list(findings: Sequence[Finding]) -> str:
    """Findings as a piece of HTML with its own style."""
    return framed(_sections(findings) or ["<p>nothing found</p>"])


def _sections(findings: Sequence[Finding]) -> list[str]:
    return [section(finding, why_of(finding)) for finding in findings]

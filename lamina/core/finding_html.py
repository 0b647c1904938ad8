"""Findings as pieces of HTML, for notebooks.

Why a mistake costs is written on floor preflight, which passes it in.
"""

import html
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.core.finding import Finding

_COLORS = {"error": "#b3261e", "warning": "#8a5a00", "hint": "#2f5f94"}
_LONGEST = 300  # characters of a number or list that a finding rests on
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


def framed(parts: Iterable[str]) -> str:
    """Pieces of HTML one below the other, with the style of findings."""
    return f'{_STYLE}<div class="lamina-preflight">{"".join(parts)}</div>'


def section(finding: "Finding", why: str = "") -> str:
    """One finding as a piece of HTML.

    Args:
        finding: The finding.
        why: Why such a mistake costs; "" where that is not known.
    """
    color = _COLORS[finding.severity]
    lines = "".join(
        f"<dt>{word}</dt><dd>{_code(text) if word == 'fix' else html.escape(text)}</dd>"
        for word, text in rows(finding, why)
    )
    seen = "".join(
        f"{html.escape(str(key))}: {html.escape(_short(value))}\n"
        for key, value in finding.evidence.items()
    )
    numbers = f"<details><summary>numbers</summary><pre>{seen}</pre></details>" if seen else ""
    return (
        f'<section style="border-color:{color}"><h4><span style="color:{color}">'
        f"{finding.severity}</span> <code>{html.escape(finding.code)}</code></h4>"
        f"<dl>{lines}</dl>{numbers}</section>"
    )


def rows(finding: "Finding", why: str = "") -> Iterator[tuple[str, str]]:
    """What is said of a finding, each part with the word before it."""
    yield "problem", finding.problem
    if why:
        yield "why", why
    yield "expected", finding.expected
    yield "fix", finding.fix
    for place, detail in enumerate(finding.details):
        yield "" if place else "way", detail


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

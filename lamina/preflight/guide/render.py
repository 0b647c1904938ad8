"""Pages as Markdown, for docs/findings."""

from lamina.preflight.codes import CODES
from lamina.preflight.guide.page import PREAMBLE, Page
from lamina.preflight.guide.table import PAGES, STAGES
from lamina.preflight.remedies import HAVE_REMEDIES


def page_text(code: str) -> str:
    """The page of one code."""
    page: Page = PAGES[code]
    fixed = "`report.fix()` can make this change.\n\n" if code in HAVE_REMEDIES else ""
    return (
        f"# {code}\n\n"
        f"{CODES[code]}\n\n"
        f"Known {_when(code)}.\n\n"
        f"## Why it costs\n\n{page.why}\n\n"
        f"## A program that shows it\n\n```python\n{PREAMBLE}\n{page.program}```\n\n"
        f"## The fix\n\nIn place of\n\n```python\n{_dedented(page.wrong)}\n```\n\n"
        f"write\n\n```python\n{_dedented(page.right)}\n```\n\n{fixed}"
        f"## When to ignore it\n\n{page.ignore}\n\n"
        f'Silence it with `fit(..., ignore=["{code}"])`.\n'
    )


def index_text() -> str:
    """The index of all pages."""
    lines = [
        "# Findings\n",
        "What `model.check()` and `fit()` find, by code. Each page says why the mistake costs,",
        "shows a program that makes it, and what to change. These pages are generated from",
        "`lamina/preflight/guide` by `python scripts/findings_docs.py`; a test runs them all.\n",
    ]
    for title, codes in STAGES.values():
        lines.append(f"## {title}\n")
        lines.append("| code | means |")
        lines.append("|---|---|")
        lines += [f"| [{code}]({code}.md) | {CODES[code]} |" for code in sorted(codes)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _when(code: str) -> str:
    words = {
        "build": "from the model alone",
        "compile": "from the model and the arguments of `compile`",
        "data": "from the data, before the first step",
        "train": "while training or at its end",
        "deep": "from trying the model out, with `check(deep=True)`",
        "after": "at `predict`",
    }
    return next(words[stage] for stage, (_, codes) in STAGES.items() if code in codes)


def _dedented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())

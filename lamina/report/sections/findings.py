"""What preflight found before and during training, the gravest first."""

from typing import Any

from lamina.report.record import Record
from lamina.report.wording import clean, counted

_SEVERITIES = ("error", "warning", "hint")


def build(record: Record) -> dict[str, Any] | None:
    """The findings of run.json; `None` where it does not say whether anything was looked at."""
    entries = record.fact("findings", kind=list)
    if entries is None:
        return None
    found = [_finding(entry) for entry in entries if isinstance(entry, dict)]
    found.sort(key=lambda finding: _SEVERITIES.index(finding["severity"]))
    counts = {word: sum(f["severity"] == word for f in found) for word in _SEVERITIES}
    parts = [counted(count, word) for word, count in counts.items() if count]
    return {"findings": found, "summary": ", ".join(parts) or "nothing found"}


def _finding(entry: dict[str, Any]) -> dict[str, str]:
    severity = entry.get("severity")
    return {
        "severity": severity if severity in _SEVERITIES else "hint",
        **{
            name: clean(entry.get(name) or "", 600)
            for name in ("code", "problem", "expected", "fix", "stage")
        },
    }

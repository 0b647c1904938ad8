"""The error that stops a run because of findings, and their order.

How findings are shown is left to `report.py`.
"""

from collections.abc import Sequence

from lamina.core.errors import DataError
from lamina.core.finding import Finding, Severity, Stage

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
__all__ = ["SEVERITIES", "Finding", "PreflightError", "Severity", "Stage", "in_order"]


class PreflightError(DataError):
    """Training was not started, because it could not mean what was written.

    Args:
        findings: Everything that was found; the first error gives the message.

    Attributes:
        findings: The same list.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = in_order(findings)[0]
        super().__init__(first.problem, expected=first.expected, fix=first.fix)
        self.findings = list(findings)
        others = [f.code for f in findings if f.severity == "error" and f is not first]
        if others:
            self.add_note(f"  also: {', '.join(others)}.")

    def __reduce__(self) -> tuple:
        """Survives a trip between processes with its findings."""
        return PreflightError, (self.findings,)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Errors first, then warnings, then hints; each in the order they were found."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))

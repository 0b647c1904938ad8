"""One finding, and the error that stops a run because of some.

How findings are shown is left to `report.py`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lamina.core.errors import DataError

Severity = Literal["error", "warning", "hint"]
Stage = Literal["build", "compile", "data", "train", "after"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or likely to be, with what to do about it.

    Args:
        code: Short public name, such as "unscaled-input".
        severity: "error" where training cannot mean what was written, "warning" where it will
            probably go badly, "hint" where it is worth a look.
        problem: One line that stands alone, with the user's own names and numbers.
        expected: The rule that was broken.
        fix: Something the user can type.
        evidence: Numbers that the finding rests on, as plain data.
        stage: When it could be known: "build", "compile", "data", "train" or "after".
    """

    code: str
    severity: Severity
    problem: str
    expected: str
    fix: str
    evidence: dict[str, Any] = field(default_factory=dict)
    stage: Stage = "data"

    def __str__(self) -> str:
        return f"{self.problem}\n  expected: {self.expected}\n  fix: {self.fix}"

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return asdict(self)


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

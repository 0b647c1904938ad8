"""One finding: something that is wrong, or likely to be, with what to do about it.

Who looks for findings, and why each mistake costs, is left to higher floors.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lamina.core.errors import DataError
from lamina.core.finding_html import framed, section

Severity = Literal["error", "warning", "hint"]
Stage = Literal["build", "compile", "data", "train", "after"]


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
        details: Further lines, one fact each, such as what left each layer.
    """

    code: str
    severity: Severity
    problem: str
    expected: str
    fix: str
    evidence: dict[str, Any] = field(default_factory=dict)
    stage: Stage = "data"
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.problem}\n  expected: {self.expected}\n  fix: {self.fix}"
        return "\n".join([text, *(f"  on the way: {line}" for line in self.details)])

    def _repr_html_(self) -> str:
        return framed([section(self)])

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return asdict(self)


class FoundError(DataError):
    """Data cannot be used, for a reason that has a code.

    Args:
        problem: One line that stands alone and shows the received value.
        expected: The rule that the value broke.
        fix: Something the user can type.
        code: Code of the finding.
        evidence: Numbers that it rests on.

    Attributes:
        findings: The error as a finding, in a list.
    """

    def __init__(
        self,
        problem: str,
        *,
        expected: str,
        fix: str,
        code: str,
        evidence: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(problem, expected=expected, fix=fix)
        self.code, self.evidence = code, evidence or {}

    @property
    def findings(self) -> list[Finding]:
        """The error in the form of the checks before training."""
        parts = (self.problem, self.expected, self.fix, self.evidence)
        return [Finding(self.code, "error", *parts)]

    def __reduce__(self) -> tuple:
        """Survives a trip between processes with all its parts."""
        parts = (self.problem, self.expected, self.fix, self.code, self.evidence)
        return _rebuild, parts


def _rebuild(problem: str, expected: str, fix: str, code: str, evidence: Any) -> FoundError:
    return FoundError(problem, expected=expected, fix=fix, code=code, evidence=evidence)

"""Report: findings as a page in the terminal, as HTML and as JSON."""

import json
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lamina.preflight import pages
from lamina.preflight.finding import Finding, in_order
from lamina.preflight.findings import Findings
from lamina.preflight.remedy import Remedy
from lamina.preflight.subject import Subject
from lamina.preflight.wording import counted

_WIDTH = 96


class Report:
    """What the checks found, the gravest first.

    Args:
        findings: In the order they were found.
        subject: Name of the model.
        notes: What could not be looked at, or only in part.
        subject_checked: Model, plan and data that were looked at.
        repair: Makes the remedy; set by the model that was checked.

    Example:
        >>> print(Report([], "digits"))
        Preflight of 'digits': nothing found.
    """

    def __init__(
        self,
        findings: Sequence[Finding],
        subject: str = "model",
        notes: Sequence[str] = (),
        subject_checked: Subject | None = None,
    ) -> None:
        self.findings = Findings(in_order(findings))
        self.subject = subject
        self.notes = list(notes)
        self.subject_checked = subject_checked
        self.repair: Callable[..., Remedy] | None = None

    def _of(self, severity: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def errors(self) -> list[Finding]:
        """What makes training meaningless."""
        return self._of("error")

    @property
    def warnings(self) -> list[Finding]:
        """What will probably make training go badly."""
        return self._of("warning")

    @property
    def hints(self) -> list[Finding]:
        """What is worth a look."""
        return self._of("hint")

    @property
    def codes(self) -> list[str]:
        """The codes of all findings, the gravest first."""
        return [finding.code for finding in self.findings]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        lines = [f"Preflight of {self.subject!r}: {self.summary()}."]
        for finding in self.findings:
            lines += ["", f"{finding.severity:<8} {finding.code}  ({finding.stage})"]
            lines += wrapped("  ", "  ", finding.problem)
            lines += wrapped("  expected: ", " " * 12, finding.expected)
            lines += wrapped("  fix:      ", " " * 12, finding.fix)
            lines += [f"  on the way: {detail}" for detail in finding.details]
        if self.notes:
            lines += [""] + [line for note in self.notes for line in wrapped("  ", "  ", note)]
        return "\n".join(lines)

    __repr__ = __str__

    def summary(self) -> str:
        """How many of which kind, in words."""
        kinds = (("error", self.errors), ("warning", self.warnings), ("hint", self.hints))
        parts = [counted(len(found), kind) for kind, found in kinds if found]
        return ", ".join(parts) or "nothing found"

    def _repr_html_(self) -> str:
        return pages.html_page(self)

    def __rich__(self) -> Any:
        """The page that `rich.print(report)` shows."""
        return pages.rich_page(self)

    def show(self) -> None:
        """Prints the report in colours, with why each mistake costs."""
        from rich.console import Console  # noqa: PLC0415

        Console(highlight=False).print(self)

    def with_more(self, findings: Sequence[Finding]) -> "Report":
        """The same report with further findings."""
        made = Report([*self.findings, *findings], self.subject, self.notes, self.subject_checked)
        made.repair = self.repair
        return made

    def fix(self, *, hints: bool = False) -> Remedy:
        """A corrected copy of the model, its arguments and data, where that is mechanical.

        The model that was checked stays as it is, and so do its data.

        Args:
            hints: Whether hints are acted on too, not errors and warnings alone.

        Example:
            >>> fixed = model.check(x, y).fix()
            >>> print(fixed)
            >>> fixed.model.fit(fixed.x, fixed.y, **fixed.fit)
        """
        if self.repair is None:
            return Remedy(left=self.codes)
        return self.repair(self, hints=hints)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        findings = [finding.to_dict() for finding in self.findings]
        summary = self.summary()
        return {
            "subject": self.subject,
            "summary": summary,
            "findings": findings,
            "notes": self.notes,
        }

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(_plain(self.to_dict()), indent=2, allow_nan=False)


def wrapped(first: str, following: str, text: str) -> list[str]:
    """A paragraph in lines of readable length; code is not broken at its hyphens."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(value: Any) -> Any:
    """What JSON can hold: numbers that are not finite as words, everything else as text."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)

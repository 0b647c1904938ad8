"""Remedy: what `report.fix()` returns."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """A corrected copy of the model, arguments and data, and what was changed.

    Args:
        compile: Arguments for `compile` in place of those given.
        changes: One sentence for each change, with the code of the finding it is for.
        model: A corrected copy, compiled; `None` where the model could not be made again. The
            model that was checked is as it was.
        fit: Arguments for `fit` in place of those given.
        x: Inputs, corrected where that was needed.
        y: Labels, likewise.
        left: Codes of findings that a person has to decide about.

    Example:
        >>> fixed = model.check(x, y).fix()
        >>> fixed.model.fit(fixed.x, fixed.y, **fixed.fit)
    """

    compile: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    model: Any = None
    fit: dict[str, Any] = field(default_factory=dict)
    x: Any = None
    y: Any = None
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = list(self.changes) or ["nothing that can be changed mechanically."]
        if self.left:
            lines.append(f"left to you: {', '.join(self.left)}.")
        return "\n".join(lines)

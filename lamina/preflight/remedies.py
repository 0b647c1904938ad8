"""Remedies that are safe and mechanical: other arguments for compile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina.losses.names import PAIRS
from lamina.preflight.finding import Finding


@dataclass(frozen=True)
class Remedy:
    """What to change, and in which words.

    Args:
        compile: Arguments for `compile` in place of those given.
        changes: One sentence for each change.
    """

    compile: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.changes) or "nothing that can be changed mechanically."


def _named(name: str) -> Callable[[Finding], dict[str, Any]]:
    return lambda finding: {"loss": name}


def _with_logits(finding: Finding) -> dict[str, Any]:
    by_name = {function.__name__: kind.__name__ for function, kind in PAIRS.items()}
    word = by_name[finding.evidence["loss"]]
    return {"loss": {"class_name": word, "config": {"from_logits": True}}}


def _plain(finding: Finding) -> dict[str, Any]:
    return {"loss": finding.evidence["loss"]} if "loss" in finding.evidence else {}


_REMEDIES: dict[str, Callable[[Finding], dict[str, Any]]] = {
    "int-labels-categorical": _named("sparse_categorical_crossentropy"),
    "onehot-labels-sparse": _named("categorical_crossentropy"),
    "missing-output-activation": _with_logits,
    "double-softmax": _plain,
}


def remedy_for(findings: Sequence[Finding]) -> Remedy:
    """The arguments of `compile` that make findings go away, as far as they can."""
    arguments: dict[str, Any] = {}
    changes = []
    for finding in findings:
        found = _REMEDIES.get(finding.code, lambda _: {})(finding)
        if found and not arguments.keys() & found.keys():
            arguments.update(found)
            changes.append(f"{finding.code}: compile(loss={found['loss']!r}).")
    return Remedy(arguments, changes)

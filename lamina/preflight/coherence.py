"""Coherence: of findings whose advice contradicts one another, the cause speaks alone."""

from collections.abc import Iterable

from lamina.preflight.finding import Finding

_SHORT = ("lr-too-low", "undertrained")  # whose advice is to go further, or longer

SILENCES: dict[str, tuple[str, ...]] = {
    "lr-too-high": (*_SHORT, "oscillating-loss"),
    "overfitting": _SHORT,
    "lr-too-low": ("undertrained",),
    "dying-relu": _SHORT,
    "exploding-gradient": _SHORT,
    "nan-loss": _SHORT,
    "high-dropout": ("oscillating-loss",),
    "predict-scale-shift": ("overfitting",),
}
"""What a finding explains, or contradicts: longer training mends no rate that is too high."""


def coherent(before: Iterable[Finding], found: list[Finding]) -> list[Finding]:
    """What a training showed, without advice that would lead away from the cause.

    Args:
        before: What was found before training, which was told and stays.
        found: What the training showed.
    """
    silent = {
        code
        for finding in [*before, *found]
        if finding.severity != "hint" or finding.stage == "train"
        for code in SILENCES.get(finding.code, ())
    }
    return [finding for finding in found if finding.code not in silent]

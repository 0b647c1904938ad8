"""Checks of numbers to predict: whether the output reaches them, and how far away it starts."""

import math
from collections.abc import Iterator
from functools import partial

from torch import Tensor

from lamina.preflight.finding import Finding
from lamina.preflight.labels import Labels
from lamina.preflight.offenders import first_offender, labelled
from lamina.preflight.outputs import UNKNOWN
from lamina.preflight.pace import is_steady
from lamina.preflight.subject import Head, Subject
from lamina.preflight.wording import number

_LARGE_TARGET = 20.0  # steps of SGD grow with it and run over
_LARGE_FOR_STEADY = 100.0  # Adam and its kin get there, in some thousand small steps
_NOTABLE_TARGET = 5.0
_TINY_TARGET = 0.01


def output_range_mismatch(subject: Subject) -> Iterator[Finding]:
    """Targets that the last activation cannot reach."""
    for head, labels in labelled(subject):
        found = _unreachable(head, labels)
        if found is None:
            continue
        low, high = head.end.bounds
        _, evidence = first_offender(subject, head, partial(_is_beyond, low=low, high=high))
        shown = f"{'-∞' if low is None else number(low)} to {'∞' if high is None else number(high)}"
        yield Finding(
            "output-range-mismatch",
            "warning",
            f"{head.y_name} has values from {number(labels.low)} to {number(labels.high)}, and "
            f"{head.end.activation} of {head.end.layer_name!r} gives values from {shown}.",
            "targets within the range of the last activation.",
            f"make {head.end.layer_name!r} linear: leave its activation out.",
            {"low": labels.low, "high": labels.high, "bounds": [low, high], **evidence},
        )


def _is_beyond(y: Tensor, low: float | None, high: float | None) -> Tensor:
    return (y < (-math.inf if low is None else low)) | (y > (math.inf if high is None else high))


def _unreachable(head: Head, labels: Labels) -> bool | None:
    if head.expects not in ("values", "positive") or head.end.activation in ("linear", UNKNOWN):
        return None
    low, high = head.end.bounds
    margin = 0.01 * max(1.0, labels.std)
    below = low is not None and labels.low < low - margin
    above = high is not None and labels.high > high + margin
    return True if below or above else None


def unscaled_target(subject: Subject) -> Iterator[Finding]:
    """Numbers to predict that a fresh output layer is far away from."""
    for head, labels in labelled(subject):
        if head.expects != "values" or not subject.is_fresh:
            continue
        if head.end.activation not in ("linear", "relu", "softplus") or labels.std == 0:
            continue
        if labels.looks_like_classes and len(labels.values or ()) <= 10:
            continue
        size = math.hypot(labels.mean - _starting_bias(head), labels.std)
        large = _LARGE_FOR_STEADY if is_steady(subject.optimizer) else _LARGE_TARGET
        if size >= _NOTABLE_TARGET or size < _TINY_TARGET:
            yield Finding(
                "unscaled-target",
                "warning" if size > large else "hint",
                f"{head.y_name} has mean {number(labels.mean)} and deviation "
                f"{number(labels.std)}, and outputs start near {number(_starting_bias(head))}.",
                "targets with mean near 0 and deviation near 1.",
                f"scale with numbers of the training part: y = ({head.y_name} - "
                f"{number(labels.mean)}) / {number(labels.std)}.",
                {"mean": labels.mean, "std": labels.std},
            )


def _starting_bias(head: Head) -> float:
    """Where the outputs start: the bias of the last layer."""
    module = None if head.end.weight is None else head.end.weight.module
    bias = getattr(module, "bias", None)
    return 0.0 if bias is None else float(bias.detach().mean())


CHECKS = {
    "output-range-mismatch": output_range_mismatch,
    "unscaled-target": unscaled_target,
}

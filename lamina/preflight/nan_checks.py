"""The finding of a training that stopped being finite: where, which rows, and the likely cause."""

import math
from collections.abc import Iterator
from typing import Any

from lamina.preflight.accident import Accident
from lamina.preflight.course import Course
from lamina.preflight.finding import Finding
from lamina.preflight.pace import lower
from lamina.preflight.tracing import LOSS, Passage
from lamina.preflight.wording import number

_MOST_ROWS = 4
_MOST_LAYERS = 12  # shown; the evidence has all
_LARGE_INPUT = 10.0
_LARGE_TARGET = 20.0
_STEEP_START = 1e3


def nan_loss(course: Course) -> Iterator[Finding]:
    """A loss or a weight that is no finite number any more."""
    if course.is_finite:
        return
    accident = course.accident
    if accident is None:
        yield _without_place(course)
        return
    cause, fix = _cause(course, accident)
    yield Finding(
        "nan-loss",
        "error",
        f"epoch {accident.epoch}, step {accident.step}: {_what(accident)}{_rows(accident)}. "
        f"Likely cause: {cause}.",
        "finite numbers in every step. Training was stopped, and the weights are those from just "
        "before this step.",
        fix,
        accident.to_dict(),
        "train",
        _way(accident),
    )


def _without_place(course: Course) -> Finding:
    epoch = next(i for i, loss in enumerate(course.losses) if not math.isfinite(loss))
    cause, fix = of_the_numbers(course, None)
    return Finding(
        "nan-loss",
        "error",
        f"the loss became {course.losses[epoch]} in epoch {epoch + 1}; training was stopped. "
        f"Likely cause: {cause}.",
        "a finite loss in every step. The step could not be made again to find out more.",
        fix,
        {"epoch": epoch + 1, "cause": cause},
        "train",
    )


def _what(accident: Accident) -> str:
    where = accident.layer if accident.layer == LOSS else repr(accident.layer)
    if accident.kind == "input":
        return f"{accident.what} holds a value that is not finite"
    if accident.kind == "update":
        return "the update made weights that are not finite"
    if accident.kind == "gradient":
        by = f"{accident.operation} in " if accident.operation else ""
        return f"the gradient of {by}{where} was not finite"
    by = f"{accident.operation} in " if accident.operation else ""
    return f"the result of {by}{where} was not finite"


def _rows(accident: Accident) -> str:
    """The rows that began it, where they can be told from the rest of the batch."""
    places, rows = accident.bad_rows, accident.rows
    if not places or (rows is not None and len(places) == len(rows) > 1):
        return ""
    numbers = places if rows is None else [rows[place] for place in places]
    shown = ", ".join(str(one) for one in numbers[:_MOST_ROWS])
    more = f" and {len(numbers) - _MOST_ROWS} more" if len(numbers) > _MOST_ROWS else ""
    of = "of the batch" if rows is None else "of x"
    return f" (row{'s' if len(numbers) > 1 else ''} {shown}{more} {of})"


def _way(accident: Accident) -> tuple[str, ...]:
    """One line a layer: the largest value that left it, and the largest gradient that came back."""
    bad = (
        i for i, one in enumerate(accident.path) if not (one.is_finite and one.has_finite_gradient)
    )
    end = max(next(bad, len(accident.path)) + 2, _MOST_LAYERS)
    return tuple(_passage(one) for one in accident.path[:end][-_MOST_LAYERS:])


def _passage(one: Passage) -> str:
    parts = [f"largest value {_size(one.largest, one.is_finite)}"]
    if one.gradient is not None:
        parts.append(f"gradient {_size(one.gradient, one.has_finite_gradient)}")
    return f"{one.layer}: {', '.join(parts)}"


def _size(value: float, is_finite: bool) -> str:
    shown = "none" if math.isnan(value) else number(value)
    return shown if is_finite else f"{shown}, others not finite"


# -- causes ----------------------------------------------------------------------------------


def _cause(course: Course, accident: Accident) -> tuple[str, str]:
    kind, operation = accident.cause, accident.operation
    where = "the loss" if accident.layer == LOSS else repr(accident.layer)
    if kind == "input":
        fix = 'leave those rows out, or fill them in; nan="error" names them before training.'
        return f"the data, {accident.what} of this batch", fix
    if kind == "logarithm":
        fix = f"keep what {operation} takes above 0 in {where}: {operation}(x.clamp(min=1e-7))."
        return f"{operation} of {number(accident.low)}", fix
    if kind == "root":
        return f"{operation} of {number(accident.low)}", (
            f"keep what {operation} takes at 0 or above in {where}: x.clamp(min=0)."
        )
    if kind == "division":
        return "a division by 0", f"add a small number below the line in {where}: x / (y + 1e-7)."
    if kind == "steep":
        fix = f"stay away from it in {where}: {operation}(x + 1e-7)."
        return f"the slope of {operation} is infinite at 0", fix
    if kind == "half":
        fix = "keep large sums in float32: compute the loss and the last layer with "
        fix += 'dtype="float32", or use "mixed_bfloat16".'
        return f"numbers beyond {accident.dtype}, which ends at 65504", fix
    return of_the_numbers(course, accident)


def of_the_numbers(course: Course, accident: Accident | None) -> tuple[str, str]:
    """Why numbers grew until they ran over: inputs, targets, gradients or the learning rate.

    Args:
        course: A training that is not finite any more.
        accident: Where that was seen first.

    Returns:
        The cause, and what to type.
    """
    training = course.subject.training
    scales = [] if training is None else list(training.described.values())
    rate = course.rate
    grew = "" if accident is None or accident.growth < 2 else _grew(accident.growth)
    if course.start is not None and not math.isfinite(course.start.loss) and accident is None:
        fix = "look at what the loss or a layer computes: log, sqrt or division of 0."
        return "it was no number before the first step either", fix
    if any(numbers.rms > _LARGE_INPUT for numbers in scales):
        largest = max(max(abs(numbers.high), abs(numbers.low)) for numbers in scales)
        fix = "scale the inputs: put keras.layers.Normalization() after the Input."
        return f"inputs as large as {number(largest)}{grew}", fix
    labels: list[Any] = [head.labels for head in course.subject.heads if head.labels is not None]
    if any(head.expects == "values" for head in course.subject.heads) and any(
        math.hypot(one.mean, one.std) > _LARGE_TARGET for one in labels
    ):
        return f"targets far from 1{grew}", "scale the targets to mean 0 and deviation 1."
    if course.start is not None and course.start.total_gradient > _STEEP_START:
        fix = "clip gradients: pass clipnorm=1.0 to the optimizer, and lower its rate."
        return f"gradients that are very large from the start{grew}", fix
    shown = "" if rate is None else f" of {number(rate)}"
    return f"a learning rate{shown} that is too high{grew}", lower(course.subject.optimizer, rate)


def _grew(factor: float) -> str:
    return f"; the weights grew {number(round(factor) if factor < 1e6 else factor)} times"


CHECKS = {"nan-loss": nan_loss}

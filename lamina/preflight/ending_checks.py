"""Findings of how a training ended: too early, too late, or without having learned."""

import itertools
import math
import statistics
from collections.abc import Iterator
from typing import Any

from lamina.preflight.course import Course
from lamina.preflight.finding import Finding
from lamina.preflight.wording import counted, listed, number

_ENOUGH_UPDATES = 50
_FEW_UPDATES = 300
_LAG = 0.05  # of the start, still in the averages of BatchNormalization
_RARE = 0.5  # of its even share
_NO_BETTER = 0.99  # of the loss of a constant answer; a little less may be a weak signal
_LITTLE = 0.8  # of its first value is what a creeping loss still has


def undertrained(course: Course) -> Iterator[Finding]:
    """A loss that was still falling after very few updates."""
    losses = course.losses
    if course.updates >= _FEW_UPDATES or not losses or not course.is_finite:
        return
    yield from _averages_lag(course)
    if course.is_at_chance and not course.is_long_enough:
        yield _hardly_begun(course)
    elif not course.stops_early:
        yield from _interrupted(course)


def _interrupted(course: Course) -> Iterator[Finding]:
    """A loss that the last epochs still brought down."""
    losses = course.losses
    before = losses[-2] if len(losses) > 1 else (course.start.loss if course.start else math.nan)
    step = 0.95 if course.is_near_chance else 0.98
    falls = course.is_falling and (course.still_falls or losses[-1] < step * before)
    if not falls and not _creeps(course):
        return
    if course.chance is not None and losses[-1] < 0.03 * course.chance:
        return
    epochs = len(losses)
    yield Finding(
        "undertrained",
        "hint",
        f"the loss was still falling ({number(before)} to {number(losses[-1])}) when training "
        f"ended after {counted(course.updates, 'update')}.",
        "training until the loss stops falling.",
        f"pass epochs={max(10, 10 * epochs)} to fit(), with EarlyStopping to end in time.",
        {"updates": course.updates, "losses": losses[-5:]},
        "train",
    )


def _hardly_begun(course: Course) -> Finding:
    """Too few updates to get away from where a constant answer is."""
    return Finding(
        "undertrained",
        "hint",
        f"after {counted(course.updates, 'update')} the loss is {number(course.losses[-1])}, no "
        f"better than a constant answer ({number(course.chance or 0.0)}).",
        "some hundred updates or more.",
        f"pass epochs={max(10, 10 * len(course.losses))} to fit().",
        {"updates": course.updates, "losses": course.losses[-5:]},
        "train",
    )


def _creeps(course: Course) -> bool:
    """Whether a loss fell in every epoch about as much as in the first, and by little so far."""
    falls = [before - after for before, after in itertools.pairwise(course.losses)]
    if len(falls) < 4 or course.is_at_chance or min(falls) <= 0:
        return False
    return falls[-1] > 0.5 * falls[0] and course.losses[-1] > _LITTLE * course.losses[0]


def _averages_lag(course: Course) -> Iterator[Finding]:
    """BatchNormalization whose averages have not caught up with the batches."""
    if not course.is_out_of_step or course.lag < _LAG:
        return
    last: Any = course.last  # there is one: it was compared with training
    yield Finding(
        "undertrained",
        "hint",
        f"the loss is {number(course.losses[-1])} in training and {number(last.loss)} in "
        f"evaluation: after {counted(course.updates, 'update')} the averages of "
        "BatchNormalization have not caught up.",
        "some hundred updates, or averages that follow faster.",
        f"pass epochs={10 * len(course.losses)} to fit(), or use BatchNormalization(momentum=0.9).",
        {"updates": course.updates, "lag": course.lag, "losses": course.losses[-5:]},
        "train",
    )


def overfitting(course: Course) -> Iterator[Finding]:
    """Validation that gets worse while training gets better."""
    validation, losses = course.validation_losses, course.losses
    if len(validation) < 4 or len(losses) < 4 or not course.is_finite or course.stops_early:
        return
    best = min(validation)
    place = validation.index(best)
    last = statistics.fmean(validation[-2:])
    is_past = place < 0.75 * (len(validation) - 1)
    fell = losses[-1] < 0.95 * losses[min(place, len(losses) - 1)]
    least = 1.1 if _is_by_heart(course, last) else 1.2
    if not is_past or not fell or best <= 0 or last < least * best or course.is_out_of_step:
        return
    yield Finding(
        "overfitting",
        "warning" if last > 1.5 * best or _is_by_heart(course, last) else "hint",
        f"validation loss was best in epoch {place + 1} ({number(best)}) and rose to "
        f"{number(last)}, while training loss fell to {number(losses[-1])}.",
        "validation loss that falls with training loss.",
        "stop in time: callbacks=[keras.callbacks.EarlyStopping(restore_best_weights=True, "
        "patience=3)]; or take a smaller model, dropout or more data.",
        {"best_epoch": place + 1, "best": best, "last": last},
        "train",
    )


def _is_by_heart(course: Course, last: float) -> bool:
    """Whether training rows are known, and others answered no better than by a constant."""
    chance, constant = course.chance, course.validation_chance
    if chance is None or constant is None:
        return False
    return last > constant and course.losses[-1] < course.share_of_chance(0.25)


def majority_class_only(course: Course) -> Iterator[Finding]:
    """Predictions that are one and the same class."""
    if not course.one_class or not course.is_long_enough or course.is_out_of_step:
        return
    is_early = course.updates < _FEW_UPDATES and course.is_falling and not course.is_at_chance
    yield Finding(
        "majority-class-only",
        "hint" if is_early else "warning",
        "the model predicts one and the same class for every training row.",
        "predictions of all classes.",
        _against_one_class(course),
        {"updates": course.updates},
        "train",
    )


def _against_one_class(course: Course) -> str:
    """What to change first: weights where a class is rare, else what holds the model back."""
    labels = course.subject.heads[0].labels
    counts = [count for count in (labels.class_counts or ()) if count] if labels else []
    if not counts or min(counts) < _RARE * sum(counts) / len(counts):
        return "weigh rare classes with class_weight, and look at the other findings."
    held = [
        getattr(module, "name", "")
        for module in course.subject.model.modules()
        if getattr(module, "kernel_regularizer", None) is not None
    ]
    if held:
        return f"leave kernel_regularizer out of {listed(held)}, or make it smaller."
    return "look at the other findings; then try another learning rate, and longer training."


def no_signal(course: Course) -> Iterator[Finding]:
    """Validation no better than a constant answer, and no relation between near rows."""
    chance, validation = course.validation_chance, course.validation_losses
    if chance is None or len(validation) < 3 or course.updates < 2 * _ENOUGH_UPDATES:
        return
    if min(validation) < 0.97 * chance or course.neighbours is None or course.neighbours > 2.5:
        return
    yield Finding(
        "no-signal",
        "warning" if min(validation) > _NO_BETTER * chance else "hint",
        f"validation loss never got below {number(min(validation))}; a constant answer has "
        f"{number(chance)}, and labels of near rows agree no more than by chance.",
        "inputs that say something about the labels.",
        "check that rows of x and y belong together: shuffle both with one order, join on a key.",
        {"best": min(validation), "chance": chance, "neighbours": course.neighbours},
        "train",
    )


CHECKS = {
    "undertrained": undertrained,
    "overfitting": overfitting,
    "majority-class-only": majority_class_only,
    "no-signal": no_signal,
}

"""Findings of a training that has run: from its losses, and from a few looks at the model."""

import itertools
import math
import statistics
from collections.abc import Collection, Iterator
from typing import Any

from lamina.preflight import nan_checks
from lamina.preflight.course import Course
from lamina.preflight.finding import Finding
from lamina.preflight.pace import is_high, is_steady, lower, rate_of
from lamina.preflight.wording import counted, listed, number, percent

_ENOUGH_UPDATES = 50
_FEW_UPDATES = 300
_LEAP = 1.5  # how much a first epoch may lie above the start
_SLOW = 2e-4  # of their length is what weights move in an update, seldom less
_SLOW_FALL = 0.2  # by which a loss at least falls within a hundred good updates
_FADED = 2e-3  # a first gradient so much smaller than the largest


def check_course(course: Course, ignore: Collection[str] = ()) -> list[Finding]:
    """What the course of a training shows, the causes before their effects."""
    found = [finding for one in CHECKS.values() for finding in one(course)]
    return [finding for finding in found if finding.code not in ignore]


def lr_too_high(course: Course) -> Iterator[Finding]:
    """A loss that rises, or runs over, in the first updates."""
    start = None if course.start is None else course.start.loss
    if not course.losses or start is None or not math.isfinite(start):
        return
    after = course.losses[-1] if course.last is None else course.last.loss
    rises = min(after, course.losses[-1]) > 1.5 * max(start, course.chance or 0.0) and start > 0
    overflows = not course.is_finite and (
        course.accident is None or course.accident.cause == "exploding"
    )
    wild = course.change is not None and course.change > 30 and not course.is_falling
    stays_high = (
        course.chance is not None
        and course.losses[-1] > 1.1 * course.chance
        and is_high(course.subject.optimizer)
    )
    leap = _LEAP if is_high(course.subject.optimizer) else 3 * _LEAP
    options = course.subject.options
    is_weighted = any(options.get(w) is not None for w in ("class_weight", "sample_weight"))
    leapt = course.losses[0] > leap * max(start, course.chance or 0.0) > 0 and not is_weighted
    if not (overflows or rises or wild or stays_high or leapt):
        return
    rate = rate_of(course.subject.optimizer)
    high = course.losses[-1] if course.losses[-1] > start or overflows else max(course.losses)
    yield Finding(
        "lr-too-high",
        "warning",
        f"the loss went from {number(start)} before the first step to {number(high)}"
        + (f" with a learning rate of {number(rate)}." if rate is not None else "."),
        "a loss that falls from the first epoch on.",
        lower(course.subject.optimizer),
        {"first": start, "losses": course.losses[-5:], "learning_rate": rate},
        "train",
    )


def lr_too_low(course: Course) -> Iterator[Finding]:
    """Weights that hardly move, or a loss that creeps."""
    if course.change is None or course.updates < 5 or not course.is_finite:
        return
    each = course.change / course.updates
    look = course.last
    if look is None:
        return
    length = sum(value * value for value in look.weights.values()) ** 0.5
    is_settled = course.chance is not None and course.losses[-1] < 0.5 * course.chance
    if is_settled or look.total_gradient < 1e-3 * length:
        return
    stands = not course.is_falling and each <= 3e-5 and course.change <= 1e-2
    if not stands and not _creeps(course, each):
        return
    kind = type(course.subject.optimizer).__name__
    better = 0.001 if is_steady(course.subject.optimizer) else 0.01
    yield Finding(
        "lr-too-low",
        "warning" if stands or course.is_at_chance else "hint",
        f"{counted(course.updates, 'update')} moved the weights by {percent(course.change)} of "
        f"their length in all, and the loss from {number(course.losses[0])} to "
        f"{number(course.losses[-1])}.",
        "about a thousandth of their length in each update.",
        f"raise the rate: {kind}(learning_rate={better}).",
        {
            "change": course.change,
            "updates": course.updates,
            "learning_rate": rate_of(course.subject.optimizer),
        },
        "train",
    )


def _creeps(course: Course, each: float) -> bool:
    """Whether the loss falls slowly and evenly, and the weights hardly move."""
    losses, rate = course.losses, rate_of(course.subject.optimizer)
    low = 2e-5 if is_steady(course.subject.optimizer) else 2e-3
    if each > _SLOW or len(losses) < 3 or rate is None or rate > low:
        return False
    first, last = losses[0] - losses[1], losses[-2] - losses[-1]
    is_even = first > 0 and last > 0.4 * first
    return is_even and losses[-1] > (1 - _SLOW_FALL) * losses[0]


def vanishing_gradient(course: Course) -> Iterator[Finding]:
    """Gradients that fade on the way to the first layers."""
    looks = [look for look in (course.first, course.start) if look is not None]
    for look in looks:
        shares = [
            (name, gradient / max(look.weights[name], 1e-12))
            for name, gradient in look.gradients.items()
        ]
        if len(shares) < 3 or not all(math.isfinite(share) for _, share in shares):
            continue
        first, last = shares[0], shares[-1]
        largest = max(share for _, share in shares)
        is_still = not course.is_falling or course.is_at_chance
        if is_still and largest > 0 and first[1] < _FADED * largest:
            yield Finding(
                "vanishing-gradient",
                "warning",
                f"the gradient of {_layer(first[0])!r} is {number(largest / max(first[1], 1e-30))}"
                f" times smaller than that of {_layer(last[0])!r}, so the first layers stand "
                "still.",
                "gradients of similar size in all layers.",
                "use relu instead of sigmoid or tanh, and BatchNormalization or residual links in "
                "deep models.",
                {"gradients": look.gradients},
                "train",
            )
            return


def _layer(path: str) -> str:
    return path.split(".")[0]


def exploding_gradient(course: Course) -> Iterator[Finding]:
    """Gradients that grow by orders of magnitude."""
    for look, when in ((course.start, "at the start"), (course.last, "at the end")):
        if look is None or not look.gradients:
            continue
        weights = sum(value * value for value in look.weights.values()) ** 0.5
        share = look.total_gradient / max(weights, 1e-12)
        if math.isfinite(share) and share < 1e3:
            continue
        if course.is_falling and course.is_finite:
            continue
        yield Finding(
            "exploding-gradient",
            "warning",
            f"{when} gradients are {number(share) if math.isfinite(share) else 'infinitely'} "
            "times as long as the weights.",
            "gradients shorter than the weights.",
            "pass clipnorm=1.0 to the optimizer, and scale inputs and targets to about 1.",
            {"gradients": look.gradients, "share": share},
            "train",
        )
        return


def dying_relu(course: Course) -> Iterator[Finding]:
    """ReLU layers whose units are silent for every row."""
    looks = [look for look in (course.last, course.first) if look is not None]
    ends = {head.end.layer_name for head in course.subject.heads}
    for look in looks:
        dead = {name: share for name, share in look.dead.items() if share > 0.9}
        hidden = {name: share for name, share in dead.items() if name not in ends} or dead
        if not hidden or (course.is_falling and not course.is_at_chance):
            continue
        name = next(iter(hidden))
        yield Finding(
            "dying-relu",
            "warning",
            f"{percent(hidden[name])} of the units of {name!r} are 0 for every row, and the loss "
            "does not fall.",
            "units that answer to some rows; about half are 0 for each.",
            f'lower the learning rate, or use activation="leaky_relu" in {name!r}.',
            {"dead": look.dead},
            "train",
        )
        return


def saturated(course: Course) -> Iterator[Finding]:
    """Bounded activations that sit at their ends."""
    look = course.last
    if look is None or course.is_falling:
        return
    ends = {head.end.layer_name for head in course.subject.heads}
    stuck = [name for name, share in look.saturated.items() if share > 0.9 and name not in ends]
    if stuck:
        yield Finding(
            "saturated-activation",
            "warning",
            f"nearly all values of {listed(stuck)} sit at the ends of the activation, where its "
            "gradient is 0.",
            "values in the middle of the range for most rows.",
            "scale the inputs, and start with smaller weights.",
            {"saturated": look.saturated},
            "train",
        )


def stuck_loss(course: Course) -> Iterator[Finding]:
    """A loss that stays where a constant answer would be."""
    if course.updates < _ENOUGH_UPDATES or len(course.losses) < 3 or not course.is_near_chance:
        return
    chance: Any = course.chance  # known: the course is near it
    if min(course.losses) < 0.95 * chance or _still_falls(course.losses):
        return
    yield Finding(
        "stuck-loss",
        "warning",
        f"after {counted(course.updates, 'update')} the loss is {number(course.losses[-1])}, what "
        f"a constant answer reaches ({number(chance)}).",
        "a loss well below that of a constant answer.",
        "look at the other findings first; then at whether labels belong to their rows, and try "
        "another learning rate.",
        {"losses": course.losses[-5:], "chance": course.chance},
        "train",
    )


def _still_falls(losses: list[float]) -> bool:
    """Whether every epoch was better than the one before, the last one still by half a percent."""
    steps = [after / before for before, after in itertools.pairwise(losses) if before > 0]
    return bool(steps) and all(step < 1 for step in steps) and steps[-1] < 0.995


def oscillating_loss(course: Course) -> Iterator[Finding]:
    """A loss that goes up as often as down."""
    losses = course.losses
    if len(losses) < 8 or not course.is_finite:
        return
    half = losses[len(losses) // 2 :]
    ups = sum(b > a for a, b in itertools.pairwise(losses)) / (len(losses) - 1)
    middle = statistics.fmean(half)
    spread = statistics.pstdev(half)
    floor = 0.25 * (course.chance if course.chance else max(losses))
    drift = abs(statistics.fmean(losses[: len(losses) // 2]) - middle)
    is_restless = spread > 0.05 * abs(middle) and drift < 3 * spread
    if not 0.3 <= ups <= 0.7 or not is_restless or middle < floor:
        return
    yield Finding(
        "oscillating-loss",
        "warning",
        f"the loss rose in {percent(ups)} of {len(losses)} epochs and swings by "
        f"{percent(spread / abs(middle))} without a trend.",
        "a loss that falls in most epochs.",
        lower(course.subject.optimizer),
        {"losses": losses[-20:], "ups": ups},
        "train",
    )


def undertrained(course: Course) -> Iterator[Finding]:
    """A loss that was still falling after very few updates."""
    losses = course.losses
    if not course.is_falling or course.updates >= _FEW_UPDATES or course.stops_early:
        return
    before = losses[-2] if len(losses) > 1 else (course.start.loss if course.start else math.nan)
    is_steady_fall = len(losses) > 2 and _still_falls(losses)
    if not (is_steady_fall or losses[-1] < (0.95 if course.is_near_chance else 0.98) * before):
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
    if not is_past or not fell or best <= 0 or last < 1.2 * best:
        return
    yield Finding(
        "overfitting",
        "warning" if last > 1.5 * best else "hint",
        f"validation loss was best in epoch {place + 1} ({number(best)}) and rose to "
        f"{number(last)}, while training loss fell to {number(losses[-1])}.",
        "validation loss that falls with training loss.",
        "stop in time: callbacks=[keras.callbacks.EarlyStopping(restore_best_weights=True, "
        "patience=3)]; or take a smaller model, dropout or more data.",
        {"best_epoch": place + 1, "best": best, "last": last},
        "train",
    )


def majority_class_only(course: Course) -> Iterator[Finding]:
    """Predictions that are one and the same class."""
    if not course.one_class or course.updates < _ENOUGH_UPDATES:
        return
    yield Finding(
        "majority-class-only",
        "warning",
        "the model predicts one and the same class for every training row.",
        "predictions of all classes.",
        "weigh rare classes with class_weight, and look at the other findings.",
        {"updates": course.updates},
        "train",
    )


def no_signal(course: Course) -> Iterator[Finding]:
    """Validation no better than a constant answer, and no relation between near rows."""
    chance, validation = course.validation_chance, course.validation_losses
    if chance is None or len(validation) < 3 or course.updates < 2 * _ENOUGH_UPDATES:
        return
    if min(validation) < 0.97 * chance or course.neighbours is None or course.neighbours > 2.5:
        return
    yield Finding(
        "no-signal",
        "warning",
        f"validation loss never got below {number(min(validation))}; a constant answer has "
        f"{number(chance)}, and labels of near rows agree no more than by chance.",
        "inputs that say something about the labels.",
        "check that rows of x and y belong together: shuffle both with one order, join on a key.",
        {"best": min(validation), "chance": chance, "neighbours": course.neighbours},
        "train",
    )


CHECKS = {
    **nan_checks.CHECKS,
    "lr-too-high": lr_too_high,
    "lr-too-low": lr_too_low,
    "vanishing-gradient": vanishing_gradient,
    "exploding-gradient": exploding_gradient,
    "dying-relu": dying_relu,
    "saturated-activation": saturated,
    "stuck-loss": stuck_loss,
    "oscillating-loss": oscillating_loss,
    "undertrained": undertrained,
    "overfitting": overfitting,
    "majority-class-only": majority_class_only,
    "no-signal": no_signal,
}

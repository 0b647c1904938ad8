"""Findings of a training that has run: learning rate, gradients, units, a stuck or wild loss."""

import itertools
import math
import statistics
from collections.abc import Collection, Iterator
from typing import Any

from lamina.preflight import ending_checks, kinds, nan_checks
from lamina.preflight.course import Course
from lamina.preflight.finding import Finding
from lamina.preflight.nan_checks import of_the_numbers
from lamina.preflight.pace import is_high, is_steady, kind_of, lower
from lamina.preflight.wording import counted, listed, number, percent

_ENOUGH_UPDATES = 50
_LEAP = 1.5  # how much a first epoch may lie above the start
_LOW_STEADY, _LOW = 1e-4, 1e-3  # rates whose steps are too small to make a loss swing
_SLOW = 2e-4  # of their length is what weights move in an update, seldom less
_SLOW_FALL = 0.2  # by which a loss at least falls within a hundred good updates
_CLEARLY, _JUDGED = 2.5, 512  # deviations between two shares of so many rows
_FADED = 2e-3  # a first gradient so much smaller than the largest


def check_course(course: Course, ignore: Collection[str] = ()) -> list[Finding]:
    """What the course of a training shows, the causes before their effects."""
    found = [finding for one in CHECKS.values() for finding in one(course)]
    return [finding for finding in found if finding.code not in ignore]


def lr_too_high(course: Course) -> Iterator[Finding]:
    """A loss that rises, or runs over, in the first updates."""
    start, when = _beginning(course)
    if not course.losses or not math.isfinite(start):
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
        and is_high(course.subject.optimizer, course.rate)
    )
    leap = _LEAP if is_high(course.subject.optimizer, course.rate) else 3 * _LEAP
    options = course.subject.options
    is_weighted = any(options.get(w) is not None for w in ("class_weight", "sample_weight"))
    leapt = course.losses[0] > leap * max(start, course.chance or 0.0) > 0 and not is_weighted
    if not (overflows or rises or wild or stays_high or leapt):
        return
    rate = course.rate
    high = course.losses[-1] if course.losses[-1] > start or overflows else max(course.losses)
    yield Finding(
        "lr-too-high",
        "warning",
        f"the loss went from {number(start)} {when} to {number(high)}"
        + (f" with a learning rate of {number(rate)}." if rate is not None else "."),
        "a loss that falls from the first epoch on.",
        of_the_numbers(course, course.accident)[1]
        if overflows
        else lower(course.subject.optimizer, course.rate),
        {"first": start, "losses": course.losses[-5:], "learning_rate": rate},
        "train",
    )


def _beginning(course: Course) -> tuple[float, str]:
    """The loss that a training started from, and when that was."""
    if course.start is not None:
        return course.start.loss, "before the first step"
    is_known = len(course.losses) > 1
    return (course.losses[0] if is_known else math.nan), "in the first epoch"


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
    kind = kind_of(course.subject.optimizer)
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
            "learning_rate": course.rate,
        },
        "train",
    )


def _creeps(course: Course, each: float) -> bool:
    """Whether the loss falls slowly and evenly, and the weights hardly move."""
    losses, rate = course.losses, course.rate
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
            _against_silence(course, name),
            {"dead": look.dead},
            "train",
        )
        return


def _against_silence(course: Course, name: str) -> str:
    """What lets units answer again: another start where biases began below 0, else a bend."""
    call = next((one for one in course.subject.structure.calls if one.name == name), None)
    module = None if call is None or call.module is None else kinds.unwrapped(call.module)
    start = getattr(module, "bias_initializer", None)
    value = getattr(start, "value", 0.0)
    if isinstance(value, (int, float)) and value < 0:
        return f"leave bias_initializer out of {name!r}: it starts at {number(value)}."
    return f'lower the learning rate, or use activation="leaky_relu" in {name!r}.'


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
    yield from _learns_less_than_a_line(course)
    if not course.is_long_enough or len(course.losses) < 3 or not course.is_near_chance:
        return
    chance: Any = course.chance  # known: the course is near it
    if min(course.losses) < course.share_of_chance(0.95) or course.still_falls:
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


def _learns_less_than_a_line(course: Course) -> Iterator[Finding]:
    """A model that knows its own training rows less well than a straight line knows others."""
    ours, theirs = course.right, course.right_by_line
    if not course.is_poor or course.still_falls or ours is None or theirs is None:
        return
    if theirs - ours < _CLEARLY * (theirs * (1 - theirs) * 2 / _JUDGED) ** 0.5:
        return
    yield Finding(
        "stuck-loss",
        "warning",
        f"after {counted(course.updates, 'update')} {percent(ours)} of the training rows are "
        f"answered right; a straight-line fit answers {percent(theirs)} of rows that it has not "
        f"seen. The loss is {number(course.losses[-1])}, a constant answer has "
        f"{number(course.chance or 0.0)}.",
        "a model that learns what a straight line learns, and more.",
        "lower the learning rate first; then leave out dropout, and bring inputs to -1 to 1.",
        {"losses": course.losses[-5:], "right": ours, "right_by_line": theirs},
        "train",
    )


def oscillating_loss(course: Course) -> Iterator[Finding]:
    """A loss that goes up as often as down."""
    losses, rate = course.losses, course.rate
    low = _LOW_STEADY if is_steady(course.subject.optimizer) else _LOW
    if len(losses) < 8 or not course.is_finite or (rate is not None and rate < low):
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
        lower(course.subject.optimizer, course.rate),
        {"losses": losses[-20:], "ups": ups},
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
    **ending_checks.CHECKS,
}

"""Course: what is known of a training after some epochs, as plain numbers."""

import itertools
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lamina.preflight import kinds
from lamina.preflight.accident import Accident
from lamina.preflight.chance import floor_level
from lamina.preflight.pace import is_steady, rate_of
from lamina.preflight.probe import Probe
from lamina.preflight.subject import Subject

_ENOUGH_UPDATES = 50
_MANY_UPDATES = 500
_POOR = 0.75  # of the loss of a constant answer
_USUAL_WEIGHT = 0.1
_SLOW_RATE = 1e-4  # below it the rate itself is what to look at
_OUT_OF_STEP = 1.5


@dataclass
class Course:
    """The losses of a run, and what a few looks from outside showed.

    Args:
        subject: The model with its plan and data.
        chance: Loss of the best constant answer; `None` where it is not known.
        validation_chance: The same for the validation part.
        losses: Training loss of each epoch.
        validation_losses: Validation loss of each epoch that had one.
        updates: Updates of the weights so far.
        start: A look before the first step.
        first: A look after the first epoch.
        last: A look at the end.
        change: Length of the way that weights went, as a share of their own length.
        one_class: Whether all predictions are one class; `None` where that has no meaning.
        neighbours: How far labels of nearest neighbours agree beyond chance, in deviations.
        right: Share of training rows whose class the model gives; `None` where that was not asked.
        right_by_line: The same for a straight-line fit of a few other rows.
        stops_early: Whether a callback watches the validation loss.
        highest_rate: Largest learning rate that an epoch began with.
        accident: Where numbers stopped being finite; `None` where they did not, or it is unknown.
    """

    subject: Subject
    chance: float | None = None
    validation_chance: float | None = None
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    updates: int = 0
    start: Probe | None = None
    first: Probe | None = None
    last: Probe | None = None
    change: float | None = None
    one_class: bool | None = None
    neighbours: float | None = None
    right: float | None = None
    right_by_line: float | None = None
    stops_early: bool = False
    highest_rate: float = 0.0
    accident: Accident | None = None

    @property
    def rate(self) -> float | None:
        """The largest learning rate so far; `None` where it is no number."""
        rate = rate_of(self.subject.optimizer)
        return None if rate is None else max(rate, self.highest_rate)

    @cached_property
    def floor(self) -> float:
        """Loss of perfect answers: above 0 where labels are shares."""
        heads = self.subject.heads
        return floor_level(heads[0]) if len(heads) == 1 else 0.0

    @property
    def is_finite(self) -> bool:
        """Whether every loss is a finite number."""
        return all(math.isfinite(loss) for loss in self.losses)

    @property
    def is_falling(self) -> bool:
        """Whether the training loss went down over the run."""
        if not self.losses or not self.is_finite:
            return False
        if self.losses[-1] < 0.98 * self.losses[0]:
            return True
        after = self.last or self.first
        if self.start is None or after is None or not math.isfinite(self.start.loss):
            return False
        return after.loss < 0.98 * self.start.loss  # of the same rows

    @property
    def is_at_chance(self) -> bool:
        """Whether the loss ends where a constant answer would be, or above."""
        if self.chance is None or not self.losses or self.chance <= 0:
            return False
        return self.losses[-1] > self.share_of_chance(0.97)

    def share_of_chance(self, share: float) -> float:
        """A loss so far on the way from perfect answers to the best constant one."""
        return self.floor + share * ((self.chance or math.inf) - self.floor)

    @property
    def is_poor(self) -> bool:
        """Whether the loss ends not far below a constant answer's, after many updates."""
        if self.chance is None or len(self.losses) < 3 or self.updates < _MANY_UPDATES:
            return False
        return self.losses[-1] > self.share_of_chance(_POOR) and not self.is_at_chance

    @property
    def is_near_chance(self) -> bool:
        """Whether the loss ends within a few percent of the constant answer's."""
        return self.is_at_chance and self.losses[-1] < 1.05 * (self.chance or math.inf)

    @property
    def still_falls(self) -> bool:
        """Whether every epoch was better than the one before, by half a percent or ever more."""
        pairs = itertools.pairwise(self.losses)
        falls = [1 - after / before for before, after in pairs if before > 0]
        if not falls or min(falls) <= 0:
            return False
        is_quickening = falls[-1] > 1e-3 and falls[-1] > 0.5 * max(falls)
        return falls[-1] > 5e-3 or is_quickening

    @property
    def is_long_enough(self) -> bool:
        """Whether the updates could have moved the weights as far as learning takes.

        Adam and its kin move a weight by their rate at most, and weights are about a tenth.
        """
        if self.updates < _ENOUGH_UPDATES:
            return False
        optimizer = self.subject.optimizer
        rate = self.rate if is_steady(optimizer) else None
        return rate is None or rate * self.updates >= _USUAL_WEIGHT or rate < _SLOW_RATE

    @property
    def lag(self) -> float:
        """Share that the start still has in the averages of BatchNormalization; 0 without any."""
        norms = [m for m in self.subject.model.modules() if kinds.is_a(m, *kinds.BATCH_NORMS)]
        kept = [_momentum(kinds.unwrapped(norm)) for norm in norms]
        return max(kept, default=0.0) ** self.updates if kept else 0.0

    @property
    def is_out_of_step(self) -> bool:
        """Whether training rows do far worse in evaluation than they did in training.

        Dropout makes it the other way round: what is left are averages that lag behind.
        """
        if self.last is None or not self.losses or not self.is_finite or not self.lag:
            return False
        return self.last.loss > _OUT_OF_STEP * self.losses[-1]


def _momentum(norm: Any) -> float:
    """The share of itself that a moving average keeps in each update."""
    momentum = getattr(norm, "momentum", None)
    if momentum is None:
        return 0.0
    return float(momentum) if kinds.is_a(norm, "BatchNormalization") else 1.0 - float(momentum)

"""Course: what is known of a training after some epochs, as plain numbers."""

import math
from dataclasses import dataclass, field

from lamina.preflight.accident import Accident
from lamina.preflight.probe import Probe
from lamina.preflight.subject import Subject


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
        stops_early: Whether a callback watches the validation loss.
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
    stops_early: bool = False
    accident: Accident | None = None

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
        return self.losses[-1] > 0.97 * self.chance

    @property
    def is_near_chance(self) -> bool:
        """Whether the loss ends within a few percent of the constant answer's."""
        return self.is_at_chance and self.losses[-1] < 1.05 * (self.chance or math.inf)

"""Observer: looks at a training from outside of its steps, and says what it shows.

Nothing happens in the batch loop: before the first step, after the first epoch and at the end the
model is asked for one batch; after each epoch the losses are read. What happens when numbers stop
being finite is left to `forensics.py`.
"""

import math
from typing import Any

import torch
from torch import Tensor

from lamina.core import trees
from lamina.data import ArrayBatches, Batch
from lamina.preflight.chance import chance_level
from lamina.preflight.course import Course
from lamina.preflight.labels import describe_labels
from lamina.preflight.neighbours import agreement
from lamina.preflight.pace import rate_of
from lamina.preflight.probe import ROWS, Probe, look, undisturbed
from lamina.preflight.statistics import spread_rows
from lamina.preflight.straight import share_right
from lamina.preflight.subject import Subject
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.early_stopping import EarlyStopping
from lamina.train.forensics import Guard
from lamina.train.session import Session, leaves_of

_FEWEST_UPDATES = 20  # shorter runs show nothing that a look would be worth
_JUDGED_ROWS = 512


class Observer(Callback):
    """Collects the course of one training.

    Args:
        session: The model with its plan and objective.
        subject: What the checks before training looked at.
        batches: Training data; of a stream the batches seen before the first step are looked at.
        planned: Number of updates that the run is going to make.
        guard: Stops the training where numbers are not finite any more.
    """

    def __init__(
        self, session: Session, subject: Subject, batches: Any, planned: int, guard: Guard
    ) -> None:
        super().__init__()
        self.course = Course(subject)
        self._session, self._guard = session, guard
        is_long = planned >= _FEWEST_UPDATES or not planned  # of a stream it may not be known
        self._looks = is_long and not session.has_custom_step
        if isinstance(batches, ArrayBatches):
            self._data: Any = batches.data
        else:
            part: Any = subject.training  # what was seen of the stream beforehand
            self._data = Batch(part.x, part.y, part.sample_weight)
        self._started: list[Tensor] = []
        self._iterations = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Looks before the first step."""
        course, heads = self.course, self.course.subject.heads
        self._iterations = self._session.plan.optimizer.iterations
        if len(heads) == 1 and heads[0].loss is not None:
            course.chance = chance_level(heads[0])
            validation = course.subject.validation
            if validation is not None and len(validation.targets) == 1:
                labels = describe_labels("y", validation.targets[0])
                course.validation_chance = chance_level(heads[0], labels)
        if self._looks:
            self._started = [weight.detach().clone() for weight in self._kernels()]
            course.start = self._look()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the learning rate, which a callback may lower later."""
        rate = rate_of(self._session.plan.optimizer)
        self.course.highest_rate = max(self.course.highest_rate, rate or 0.0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Reads the losses, and has them judged by the guard."""
        logs, course = logs or {}, self.course
        loss = float(logs.get("loss", math.nan))
        course.losses.append(loss)
        if "val_loss" in logs:
            course.validation_losses.append(float(logs["val_loss"]))
        if "loss" in logs and not self._guard.epoch_ended(loss):
            course.accident = self._guard.accident
            course.losses[-1] = loss if not math.isfinite(loss) else math.nan
            return
        if self._looks and course.first is None:
            course.first = self._look()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Looks once more, and judges the predictions."""
        course = self.course
        course.updates = self._session.plan.optimizer.iterations - self._iterations
        callbacks = self._others()
        course.stops_early = any(isinstance(callback, EarlyStopping) for callback in callbacks)
        if not self._looks or not course.losses:
            return
        course.last = self._look() if course.is_finite else course.first
        course.change = self._change()
        self._judge()

    # -- looking -----------------------------------------------------------------------------

    def _others(self) -> list[Any]:
        return list(self.course.subject.options.get("callbacks") or [])

    def _kernels(self) -> list[Tensor]:
        parameters = self._session.module.parameters()
        return [weight for weight in parameters if weight.requires_grad and weight.ndim > 1]

    def _rows(self, count: int) -> Any:
        return trees.transform(
            lambda leaf: None if leaf is None else spread_rows(leaf, count), self._data
        )

    def _look(self) -> Probe:
        batch = self._rows(ROWS)
        objective = self._session.objective

        def compute() -> tuple[Tensor, list[Tensor]]:
            loss, (outputs, _) = objective.loss(leaves_of(batch))
            return loss, outputs

        return look(self._session.module, compute, self._session.device)

    def _change(self) -> float | None:
        """How far the weights went, as a share of their length at the start."""
        pairs = list(zip(self._kernels(), self._started, strict=True))
        if not pairs:
            return None
        moved = sum(float((now.detach() - old).square().sum()) for now, old in pairs)
        length = sum(float(old.square().sum()) for _, old in pairs)
        return math.sqrt(moved / length) if length > 0 and math.isfinite(moved) else None

    def _judge(self) -> None:
        """Whether predictions are one class, and whether near rows have labels alike."""
        course = self.course
        heads = course.subject.heads
        if len(heads) != 1 or heads[0].labels is None or heads[0].facts is None:
            return
        head, labels = heads[0], heads[0].labels
        is_classes = head.facts.labels in ("classes", "one_hot", "binary")
        if is_classes and labels.class_counts is not None and len(head.end.shape) == 2:
            batch = self._rows(_JUDGED_ROWS)
            session = self._session
            with undisturbed(session.module, session.device), torch.no_grad():
                answers = trees.leaves(session.forward(batch.x))[0]
            middle = 0.0 if head.expects in ("logits", "hinge") else 0.5
            one_unit = answers.shape[-1] == 1
            chosen = (answers[:, 0] > middle) if one_unit else answers.argmax(-1)
            shares = [count / sum(labels.class_counts) for count in labels.class_counts]
            is_mixed = sum(share > 0 for share in shares) > 1 and max(shares) < 0.99
            course.one_class = is_mixed and bool((chosen == chosen[0]).all())
            if course.is_poor:
                self._compare(chosen.long().cpu(), batch.y)
        chance, validation = course.validation_chance, course.validation_losses
        if chance is not None and validation and min(validation) >= 0.97 * chance:
            training = course.subject.training
            course.neighbours = agreement(
                training.inputs, training.targets[0], is_classes=is_classes
            )

    def _compare(self, chosen: Tensor, labels: Any) -> None:
        """How often the model is right about training rows, and how often a straight line is."""
        course, training = self.course, self.course.subject.training
        (y,) = (leaf for leaf in trees.leaves(labels) if isinstance(leaf, Tensor))
        y = y.cpu().reshape(len(chosen), -1)
        y = y.argmax(1) if y.shape[1] > 1 else y[:, 0].long()
        course.right = float((chosen == y).float().mean())
        course.right_by_line = share_right(training.inputs, training.targets[0])

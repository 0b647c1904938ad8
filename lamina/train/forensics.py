"""Guard: stops a training at the step that made its loss or a weight no finite number.

The step itself is never looked into. The running sum of the loss stays NaN or infinite once it is,
so one read of it, about once a second and at the end of each epoch, tells. Then the last snapshot
is put back and the steps from there are made again, which gives the very same bits, until the one
that went wrong is found; its batch is followed through the model by ordinary torch.
"""

import math
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lamina.core import randomness, trees
from lamina.data import ArrayBatches, StreamBatches
from lamina.layers.imputation import places_with_gaps
from lamina.preflight.accident import Accident, accident_of
from lamina.preflight.tracing import bad_rows, follow
from lamina.step.runner import reseed
from lamina.train import snapshot
from lamina.train.feeding import Fed, feed
from lamina.train.session import Session

SECONDS = 1.0  # from one look at the running loss to the next, within an epoch
_SHARE_OF_TIME = 100  # a snapshot is taken when this many times its own cost has passed
_USUAL_BYTES = 1 << 30  # of a snapshot: weights and the optimizer's memory, where they are
_MOST_BYTES = 8 << 30  # of one that goes to the memory of the machine, where that has room
_SHARE_OF_MEMORY = 4  # of what is free, a snapshot takes one part in so many
_KEPT_BYTES = 64 << 20  # of a stream's batches, kept since the last snapshot


@dataclass
class _Snapshot:
    """Everything that steps change, and where the run stood."""

    tensors: dict[str, Tensor]
    epoch: int
    step: int


class Guard:
    """Watches one training.

    Args:
        session: The module with its plan, prepared for training.
        batches: Training data.
        kept: Places in the user's x of the rows that are trained on; `None` for all of them.

    Attributes:
        accident: What was found, or `None`.
        is_broken: Whether the loss or a weight stopped being finite.
    """

    def __init__(self, session: Session, batches: Any, kept: Any = None) -> None:
        self.session, self.batches, self.kept = session, batches, kept
        self.accident: Accident | None = None
        self.is_broken = False
        self._loop: Any = None
        self._good: _Snapshot | None = None
        self._rates: dict[int, float | None] = {}
        self._batches: list[tuple[int, Fed]] = []
        self._bytes = 0
        self._due = 0.0
        self._length = 0.0
        sizes = [one.numel() * one.element_size() for one in self._state().values()]
        self._takes = _has_room(sum(sizes))
        self._goes_out = sum(sizes) > _USUAL_BYTES

    # -- while training goes well ------------------------------------------------------------

    def begin(self, loop: Any) -> None:
        """Is told of the loop before its first epoch."""
        self._loop = loop
        self._length = self._length_of_weights()
        self._keep()

    def watched(self, feeding: Iterator[Fed], epoch: int) -> Iterator[Fed]:
        """The batches of an epoch; those of a stream are kept, for they may never come again."""
        self._rates[epoch] = self._rate()
        if isinstance(self.batches, ArrayBatches) or not self._takes:
            return feeding
        return self._kept_batches(feeding, epoch)

    def _kept_batches(self, feeding: Iterator[Fed], epoch: int) -> Iterator[Fed]:
        for fed in feeding:
            self._batches.append((epoch, fed))
            self._bytes += sum(one.numel() * one.element_size() for one in fed.tensors)
            if self._bytes > _KEPT_BYTES:
                self._loop.watch.look_soon()
                self._due = 0.0
            yield fed

    def look(self) -> bool:
        """Reads the running loss; `False`, and the training is stopped, if it is not finite."""
        if self.is_broken:
            return False
        if self._is_finite():
            self._keep_if_due()
            return True
        self.investigate()
        return False

    def epoch_ended(self, loss: float) -> bool:
        """The same at the end of an epoch, whose loss has been read."""
        if self.is_broken:
            return False
        if math.isfinite(loss) and self._has_finite_weights():
            self._keep_if_due()
            return True
        self.investigate()
        return False

    # -- when it does not --------------------------------------------------------------------

    def investigate(self) -> None:
        """Finds the step that went wrong, and goes back to just before it."""
        self.is_broken = True
        self.session.module.__dict__["stop_training"] = True
        if self._good is None:
            return
        shown = {name: one.clone() for name, one in snapshot.totals(self.session).items()}
        was_training = self.session.module.training
        self.session.module.train()
        try:
            found = self._first_bad()
            if found is not None:
                self._go_to(found)
                self.accident = self._followed(*found)
            else:
                self._restore()
        finally:
            self.session.module.train(was_training)
            own = snapshot.totals(self.session)
            with torch.no_grad():
                for name, value in shown.items():
                    own[name].copy_(value)

    def _first_bad(self) -> tuple[int, Fed] | None:
        """The first step after whose run something is not finite."""
        self._restore()
        for epoch, fed in self._again():
            self._step(epoch, fed)
            if not self._is_finite():
                return epoch, fed
        return None

    def _go_to(self, found: tuple[int, Fed]) -> None:
        """Makes the steps before a bad one once more: these are the last good weights."""
        self._restore()
        for epoch, fed in self._again():
            if (epoch, fed.index) == (found[0], found[1].index):
                return
            self._step(epoch, fed)

    def _again(self) -> Iterator[tuple[int, Fed]]:
        """The batches from the snapshot on to where the run stands."""
        good: Any = self._good
        place = self._loop.place
        if isinstance(self.batches, StreamBatches):
            yield from self._batches
            return
        stop = self._loop.run.steps_per_epoch
        for epoch in range(good.epoch, place.epoch + 1):
            first = good.step if epoch == good.epoch else 0
            end = place.step if epoch == place.epoch else stop
            for fed in feed(self.batches, epoch, first, end):
                yield epoch, fed

    def _step(self, epoch: int, fed: Fed) -> None:
        optimizer = self.session.plan.optimizer
        rate = self._rates.get(epoch)
        if rate is not None and rate != self._rate():
            optimizer.learning_rate = rate
            self._forget_terms()
        seed = randomness.derive(self._loop.run.seed, "step", epoch)
        self._loop.step(fed, seed + fed.index)

    def _followed(self, epoch: int, fed: Fed) -> Accident:
        """Follows the batch of the bad step, and leaves everything as it was before it."""
        before = {name: self._copy(one) for name, one in self._state().items()}
        objective = self.session.objective
        leaves = list(fed.tensors)
        batch = objective.batch(leaves)
        place: dict[str, Any] = {  # numbers and rows, by the names of Accident's arguments
            "epoch": epoch + 1,
            "step": fed.index + 1,
            "update": self.session.plan.optimizer.iterations + 1,
            "rows": self._rows(epoch, fed),
            "growth": self._length_of_weights() / max(self._length, 1e-30),
        }
        try:
            gaps = places_with_gaps(self.session.module)
            given = _bad_input(batch, len(leaves[0]), gaps)
            if given is not None:
                return Accident(kind="input", what=given[0], bad_rows=given[1], **place)
            seed = randomness.derive(self._loop.run.seed, "step", epoch)
            reseed(leaves, seed + fed.index)
            trace = follow(
                self.session.module,
                lambda: self.session.forward(batch.x),
                lambda y_pred: objective.total(batch.y, y_pred, batch.sample_weight)[0],
                len(leaves[0]),
            )
            return accident_of(trace, **place)
        finally:
            self._put(before)

    def _rows(self, epoch: int, fed: Fed) -> list[int] | None:
        """The rows of a batch as places in the arrays that the user gave."""
        if not isinstance(self.batches, ArrayBatches):
            return None
        size = self.batches.batch_size
        begin = fed.index * size
        end = min(begin + size, self.batches.num_examples)
        order = self.batches.order(epoch)
        places = torch.arange(begin, end) if order is None else order[begin:end].cpu()
        if self.kept is not None:
            places = torch.as_tensor(self.kept)[places]
        return places.tolist()

    # -- snapshots ---------------------------------------------------------------------------

    def _state(self) -> dict[str, Tensor]:
        session = self.session
        return {**snapshot.model_tensors(session.module), **snapshot.optimizer_tensors(session)}

    def _keep_if_due(self) -> None:
        if time.perf_counter() >= self._due:
            self._keep()

    def _keep(self) -> None:
        """Copies the state aside, so rarely that it takes a hundredth of the time at most."""
        if not self._takes:
            return
        started = time.perf_counter()
        place = self._loop.place
        self._good = _Snapshot(self._copied(), place.epoch, place.step)
        self._rates = {place.epoch: self._rate()}
        self._batches, self._bytes = [], 0
        self._due = time.perf_counter() + _SHARE_OF_TIME * (time.perf_counter() - started)

    def _copied(self) -> dict[str, Tensor]:
        """The state as it is, in the memory of the last copy where there is one."""
        earlier = {} if self._good is None else self._good.tensors
        copies = {}
        for name, one in self._state().items():
            old = earlier.get(name)
            fits = old is not None and old.shape == one.shape and old.dtype == one.dtype
            copies[name] = old.copy_(one.detach()) if fits else self._copy(one)
        return copies

    def _copy(self, one: Tensor) -> Tensor:
        """A copy where the original is, or in the memory of the machine if the state is large."""
        one = one.detach()
        return one.to("cpu", copy=True) if self._goes_out else one.clone()

    def _restore(self) -> None:
        good: Any = self._good
        self._put(good.tensors)
        self.session.objective.reset()
        self._forget_terms()

    def _forget_terms(self) -> None:
        """Lets the loop compute the optimizer's numbers anew for the updates from here on."""
        self._loop.set_terms(self.session.plan.optimizer.iterations + 1, 64)

    def _put(self, tensors: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, one in self._state().items():
                one.copy_(tensors[name])
        snapshot.load_counters(self.session, tensors)

    def _rate(self) -> float | None:
        """The learning rate where it is a number; schedules are functions of the update."""
        rate = self.session.plan.optimizer.state().get("learning_rate")
        return None if rate is None else float(rate)

    # -- reading -----------------------------------------------------------------------------

    def _is_finite(self) -> bool:
        total = float(self.session.objective.running.total)
        return math.isfinite(total) and self._has_finite_weights()

    def _has_finite_weights(self) -> bool:
        return math.isfinite(self._length_of_weights())

    def _length_of_weights(self) -> float:
        totals = [
            torch.linalg.vector_norm(unit.value.detach(), dtype=torch.float64)
            for block in self.session.state.blocks
            for unit in block.units
        ]
        return float(torch.stack(totals).square().sum()) ** 0.5 if totals else 0.0


def _has_room(size: int) -> bool:
    """Whether a snapshot of so many bytes can be kept."""
    if size <= _USUAL_BYTES:
        return True
    return size <= min(_MOST_BYTES, _free_bytes() // _SHARE_OF_MEMORY)


def _free_bytes() -> int:
    """Memory of the machine that is free; 0 where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def _bad_input(
    batch: Any, count: int, gaps: Collection[int]
) -> tuple[str, list[int] | None] | None:
    """Which array of a batch holds something that is not finite, and in which rows.

    Inputs in which NaN are missing values, which the model fills in, are passed over.
    """
    for what, tree in zip(("x", "y", "sample_weight"), batch, strict=True):
        for place, leaf in enumerate(trees.leaves(tree)):
            if what == "x" and place in gaps:
                continue
            if isinstance(leaf, Tensor) and leaf.is_floating_point():
                rows = bad_rows(leaf, count)
                if rows:
                    return what, rows
    return None

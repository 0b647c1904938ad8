"""The training loop, readable from top to bottom.

What a step is was decided before (session, step); what happens at the end of an epoch is up to
callbacks.
"""

import sys
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from lamina.core import devices, randomness
from lamina.data import ArrayBatches, StreamBatches
from lamina.step import speed
from lamina.step.runner import Runner, reseed
from lamina.step.state import UPDATES_BETWEEN_DROPS
from lamina.train.callbacks.base import CallbackList
from lamina.train.callbacks.progress import Progress
from lamina.train.epochs import begin_epoch
from lamina.train.evaluate import Evaluation
from lamina.train.feeding import Fed, feed, show_examples
from lamina.train.forensics import SECONDS, Guard
from lamina.train.history import History, LazyLogs, Speed
from lamina.train.keeping import Keeper
from lamina.train.objective import plain
from lamina.train.session import Session
from lamina.train.snapshot import Parts, Place
from lamina.train.watch import Interrupted, Watch

Batches = ArrayBatches | StreamBatches

_MOST_TERMS = 1 << 16  # updates whose numbers are computed at once; more are when they are due


@dataclass
class Run:
    """What one call of `fit` was asked for, beside the data."""

    epochs: int = 1
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation: Evaluation | None = None
    validation_freq: Any = 1
    seed: int = 0
    threads: int | None = None
    batch_size: int | None = None


def fit(
    session: Session,
    batches: Batches,
    run: Run,
    callbacks: CallbackList,
    progress: Progress,
    model: Any,
    keeper: Keeper | None = None,
    guard: Guard | None = None,
) -> History:
    """Trains the session's module and returns what happened.

    Args:
        session: The module with its plan, prepared for batches like these.
        batches: Training data.
        run: Epochs, seed, validation and the like.
        callbacks: Told at the begin and end of everything; the History is among them.
        progress: Shows numbers while it goes on.
        model: The object callbacks know as the model; its `stop_training` ends the run.
        keeper: Saves the run on the way, and knows where it goes on; `None` to keep nothing.
        guard: Stops the run where its loss or a weight is no finite number any more.

    Raises:
        KeyboardInterrupt: SIGINT came; the step was finished, and the run saved if it is kept.
        SystemExit: SIGTERM came, likewise.
    """
    history = next(c for c in callbacks.callbacks if isinstance(c, History))
    model.__dict__["history"] = history
    kind = _CustomLoop if session.has_custom_step else _Loop
    loop = kind(session, batches, run, callbacks, progress, session.training_runner())
    loop.parts, loop.keeper, loop.guard = Parts(session, callbacks, model), keeper, guard
    model.stop_training = False
    model._initial_epoch = None  # a BackupAndRestore sets it
    with (
        Watch(
            None if keeper is None else keeper.every, None if guard is None else SECONDS
        ) as loop.watch,
        devices.threads(run.threads),
    ):
        try:
            callbacks.on_train_begin({})
            first = getattr(model, "_initial_epoch", None) or run.initial_epoch
            for epoch in range(loop.begin(first), run.epochs):
                if model.stop_training and not loop.place.step:
                    break
                _epoch(loop, epoch)
        except Interrupted:
            loop.look_up()
        finally:
            session.module.eval()
            progress.clear()
            error = sys.exception()
            if error is not None:
                callbacks.on_train_stopped(error)
            if isinstance(error, KeyboardInterrupt):
                progress.interrupted(loop.place.epoch, loop.place.step)
        frozen = None if keeper is None else keeper.freeze(loop.parts, loop.place)
        history.speed = loop.speed()
        history.tier = loop.runner.name
        history.refusals = [loop.runner.refusal] if loop.runner.refusal else []
        _say_refusals(history, progress)
        if history.epoch:
            session.plan.optimizer.finalize_variable_values(session.state.weights.values())
        callbacks.on_train_end({key: values[-1] for key, values in history.history.items()})
        if keeper is not None:
            keeper.finish(loop.parts, frozen, loop.place.done)
        loop.watch.deliver()
    return history


def _epoch(loop: "_Loop", epoch: int) -> None:
    """One epoch, from wherever the run stands in it, with its validation and its callbacks."""
    run, callbacks = loop.run, loop.callbacks
    if not loop.place.step:
        callbacks.on_epoch_begin(epoch, {})
    logs = loop.epoch(epoch) if loop.place.logs is None else dict(loop.place.logs)
    loop.place.logs = dict(logs)
    if run.validation is not None and _is_due(run.validation_freq, epoch):
        if loop.keeper is not None:
            loop.keeper.hold_random(loop.parts, with_layers=True)
        seed = randomness.derive(run.seed, "validation", epoch)
        randomness.step_generator(loop.session.device).manual_seed(seed)
        results = run.validation.run(callbacks, loop.watch)
        logs.update((f"val_{key}", value) for key, value in results.items())
        if loop.keeper is not None:
            loop.keeper.free_random()
    callbacks.on_epoch_end(epoch, logs)
    loop.progress.end_epoch(logs, loop.seconds, loop.examples / max(loop.seconds, 1e-9))
    loop.place = Place(epoch + 1, 0, loop.place.done)
    loop.look_up(ends_epoch=True)


def _say_refusals(history: History, progress: Progress) -> None:
    progress.note(str(history.speed))
    for refusal in history.refusals:
        progress.note(f"runs eagerly: {refusal}")


def _is_due(frequency: Any, epoch: int) -> bool:
    """Whether this epoch ends with a validation; epochs are counted from 1 here, as in Keras."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


class _Loop:
    """The epochs of one run: hands batch after batch to the runner."""

    parts: Parts
    keeper: Keeper | None = None
    guard: Guard | None = None
    watch: Watch
    variant: Hashable = None

    def __init__(
        self,
        session: Session,
        batches: Batches,
        run: Run,
        callbacks: CallbackList,
        progress: Progress,
        runner: Runner,
    ) -> None:
        self.session, self.batches, self.run = session, batches, run
        self.callbacks, self.progress, self.runner = callbacks, progress, runner
        self.optimizer = session.plan.optimizer
        self.accumulates = self.optimizer.gradient_accumulation_steps or 1
        self.has_hooks = callbacks.has_batch_hooks("train")
        self.seconds = 0.0
        self.examples = 0
        self.steps = 0
        self._data_seconds = 0.0
        self._total_seconds = 0.0
        self._total_examples = 0
        self.place = Place()
        self._terms: list[tuple] = []
        self._terms_start = self._terms_version = 0

    def begin(self, initial_epoch: int) -> int:
        """Goes to where a run that is kept stands; returns the epoch it is in."""
        held_out = self.run.validation
        show_examples(self.callbacks, self.batches if held_out is None else held_out.batches)
        place = None if self.keeper is None else self.keeper.place()
        self.place = place or Place(initial_epoch)
        if self.keeper is not None and place is not None:
            if isinstance(self.batches, StreamBatches):
                self.batches.skip(place.epoch - initial_epoch)
            self._skip_validations(range(initial_epoch, place.epoch))
            if place.step:
                self.callbacks.on_epoch_begin(place.epoch, {})
            self.keeper.restore(self.parts, self, place)
            self.progress.note(f"goes on in epoch {place.epoch + 1} after step {place.step}")
        self.watch.plan(self.place.done)
        if self.guard is not None:
            self.guard.begin(self)
        return self.place.epoch

    def _skip_validations(self, epochs: range) -> None:
        """Takes from a stream of validation data what these epochs took."""
        validation = self.run.validation
        if validation is not None and isinstance(validation.batches, StreamBatches):
            due = sum(_is_due(self.run.validation_freq, epoch) for epoch in epochs)
            if not validation.batches.starts_anew:
                validation.batches.skip(due)

    def look_up(self, *, ends_epoch: bool = False) -> None:
        """Saves the run if that is due, then lets a signal that came have its way."""
        if self.watch.takes_look() and self.guard is not None and not ends_epoch:
            self.guard.look()
        saves = self.watch.wants_checkpoint(self.place.done, ends_epoch=ends_epoch)
        if self.keeper is not None and saves:
            terms = (self._terms_start, len(self._terms))
            self.keeper.save(self.parts, self.place, terms, self.own_logs())
        self.watch.plan(self.place.done, saved=saves)
        self.watch.deliver()

    def _feed(self, epoch: int) -> Iterator[Fed]:
        """Batches of an epoch from where the run stands in it."""
        first, stop = self.place.step, self.run.steps_per_epoch
        if self.session.module.__dict__.get("stop_training"):
            return iter(())
        if isinstance(self.batches, StreamBatches) and self.keeper is not None:
            feeding = feed(self.batches, epoch, 0, stop)
            if first:
                self.keeper.refeed(self.parts, self.batches, feeding, self.place)
            else:
                self.keeper.note_epoch(self.parts)
            return self._repeatable(feeding, self.keeper)
        return feed(self.batches, epoch, first, stop)

    def _repeatable(self, feeding: Iterator[Fed], keeper: Keeper) -> Iterator[Fed]:
        """The batches of a stream; a signal while one is made leaves no trace in random streams."""
        while True:
            keeper.hold_random(self.parts)
            fed = next(feeding, None)
            keeper.free_random()
            if fed is None:
                return
            yield fed

    def known_steps(self) -> int | None:
        """Steps of an epoch, where they are known beforehand."""
        return self.run.steps_per_epoch or self.batches.steps_per_epoch

    def epoch(self, epoch: int) -> dict[str, float]:
        """Runs the batches of an epoch and reads the numbers, once, at its end."""
        steps = self.known_steps()
        if not self.place.step:
            self.session.objective.reset()
            self._plan_terms(min(steps or 1, _MOST_TERMS))
        self.session.module.train()
        self.variant = begin_epoch(self.session.module, epoch, self.run.seed)
        self.progress.start_epoch(epoch, self.run.epochs, steps, self.run.batch_size)
        seed = randomness.derive(self.run.seed, "step", epoch)
        started = time.perf_counter()
        self.examples = 0
        done = started_at = self.place.done
        before = done - self.place.step
        one = self._step_with_hooks if self.has_hooks else self.step
        feeding = self._feed(epoch)
        if self.guard is not None:
            feeding = self.guard.watched(feeding, epoch)
        fetched = time.perf_counter()
        try:
            for fed in feeding:
                self._data_seconds += time.perf_counter() - fetched
                one(fed, seed + fed.index)
                self.examples += fed.tensors[0].shape[0]
                self.progress.advance(fed.index + 1)
                done += 1
                if done >= self.watch.due:
                    self.place.step, self.place.done = done - before, done
                    self.look_up()
                fetched = time.perf_counter()
                if self.session.module.__dict__.get("stop_training"):
                    break
                if fed.index + 1 == self.run.steps_per_epoch:
                    break
        finally:
            self.place.step, self.place.done = done - before, done
        logs = self.read_logs()  # the one wait for the device
        self.seconds = time.perf_counter() - started
        self._total_seconds += self.seconds
        self._total_examples += self.examples
        self.steps += done - started_at
        return logs

    def read_logs(self) -> dict[str, float]:
        """Numbers of the epoch so far."""
        return self.session.objective.results()

    def own_logs(self) -> dict[str, Any] | None:
        """Numbers of the epoch so far that no metric remembers."""
        return None

    def take_logs(self, logs: dict[str, Any] | None) -> None:
        """Goes on from numbers that `own_logs` returned."""

    def step(self, fed: Fed, seed: int) -> None:
        """Runs one batch."""
        makes_update = (self.optimizer.calls + 1) % self.accumulates == 0
        key = (makes_update, self.variant, fed.key)
        inputs = (*fed.tensors, *self._term())
        self.optimizer.note_call()
        self.runner(key, self.session.training_step(makes_update), inputs, seed)
        if makes_update and self.optimizer.iterations % UPDATES_BETWEEN_DROPS == 0:
            self.session.state.drop_denormals()

    def _step_with_hooks(self, fed: Fed, seed: int) -> None:
        self.callbacks.on_train_batch_begin(fed.index, {})
        self.step(fed, seed)
        self.callbacks.on_train_batch_end(fed.index, LazyLogs(self.read_logs))
        if self.optimizer.version != self._terms_version:
            self._plan_terms(len(self._terms))

    def _plan_terms(self, steps: int) -> None:
        """Computes what the optimizer needs for the coming updates, all at once."""
        count = max(1, -(-steps // self.accumulates)) + 1
        self.set_terms(self.optimizer.iterations + 1, count)

    def set_terms(self, start: int, count: int) -> None:
        """Computes what the optimizer needs for `count` updates from number `start`."""
        self._terms_start = start
        self._terms_version = self.optimizer.version
        columns = self.session.coefficients(start, count).values()
        self._terms = list(zip(*(column.unbind() for column in columns), strict=True))

    def _term(self) -> tuple:
        """The optimizer's numbers for the update that this batch belongs to."""
        place = self.optimizer.iterations + 1 - self._terms_start
        if place >= len(self._terms):
            self._plan_terms(len(self._terms) * 2 * self.accumulates)
            place = 0
        return self._terms[place]

    def speed(self) -> Speed:
        """Examples a second over the whole run."""
        seconds = max(self._total_seconds, 1e-9)
        data, launches = speed.shares(self.runner, self.steps, seconds, self._data_seconds)
        return Speed(
            tier=self.runner.name,
            examples_per_second=self._total_examples / seconds,
            steps=self.steps,
            seconds=self._total_seconds,
            threads=torch.get_num_threads(),
            data_share=data,
            launch_share=launches,
            kernel_share=max(0.0, 1.0 - data - launches),
            verdict=speed.verdict(self.runner.name, self.steps, data, launches),
        )


class _CustomLoop(_Loop):
    """Epochs of a model whose class has a `train_step` of its own; it runs eagerly."""

    _logs: dict[str, Any] | None = None

    def step(self, fed: Fed, seed: int) -> None:
        """Hands one batch to the model's own `train_step`."""
        reseed(fed.tensors, seed)
        batch = self.session.objective.batch(fed.tensors)
        module: Any = self.session.module  # whose class has a `train_step`
        self._logs = module.train_step(tuple(batch[: 2 + (batch[2] is not None)]))

    def own_logs(self) -> dict[str, Any] | None:
        """What `train_step` returned last; no metric may remember it."""
        return None if self._logs is None else self.read_logs()

    def take_logs(self, logs: dict[str, Any] | None) -> None:
        """Goes on from what `train_step` returned before an interruption."""
        self._logs = logs

    def read_logs(self) -> dict[str, float]:
        """What `train_step` returned last."""
        return {name: plain(value) for name, value in (self._logs or {}).items()}

"""The training loop, readable from top to bottom.

What a step is was decided before (session, step); what happens at the end of an epoch is up to
callbacks.
"""

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lamina.core import devices, randomness
from lamina.data import ArrayBatches, StreamBatches
from lamina.step import speed
from lamina.step.runner import Runner, reseed
from lamina.step.state import UPDATES_BETWEEN_DROPS
from lamina.train.callbacks.base import CallbackList
from lamina.train.callbacks.progress import Progress
from lamina.train.evaluate import Evaluation
from lamina.train.feeding import Fed, feed
from lamina.train.history import History, LazyLogs, Speed
from lamina.train.objective import plain
from lamina.train.session import Session

Batches = ArrayBatches | StreamBatches


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
    model: nn.Module,
) -> History:
    """Trains the session's module and returns what happened.

    Args:
        session: The module with its plan, prepared for batches like these.
        batches: Training data.
        run: Epochs, seed, validation and the like.
        callbacks: Told at the begin and end of everything; the History is among them.
        progress: Shows numbers while it goes on.
        model: The object callbacks know as the model; its `stop_training` ends the run.
    """
    history = next(c for c in callbacks.callbacks if isinstance(c, History))
    kind = _CustomLoop if session.has_custom_step else _Loop
    loop = kind(session, batches, run, callbacks, progress, session.training_runner())
    model.stop_training = False
    model._initial_epoch = None  # a BackupAndRestore sets it
    callbacks.on_train_begin({})
    first = getattr(model, "_initial_epoch", None) or run.initial_epoch
    with devices.threads(run.threads):
        for epoch in range(first, run.epochs):
            if model.stop_training:
                break
            callbacks.on_epoch_begin(epoch, {})
            logs = loop.epoch(epoch)
            if run.validation is not None and _is_due(run.validation_freq, epoch):
                results = run.validation.run(callbacks)
                logs.update((f"val_{key}", value) for key, value in results.items())
            callbacks.on_epoch_end(epoch, logs)
            progress.end_epoch(logs, loop.seconds, loop.examples / max(loop.seconds, 1e-9))
        history.speed = loop.speed()
    history.tier = loop.runner.name
    history.refusals = [loop.runner.refusal] if loop.runner.refusal else []
    _say_refusals(history, progress)
    session.module.eval()
    if history.epoch:
        session.plan.optimizer.finalize_variable_values(session.state.weights.values())
    callbacks.on_train_end({key: values[-1] for key, values in history.history.items()})
    return history


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
        self._terms: list[tuple] = []
        self._terms_start = self._terms_version = 0

    def epoch(self, epoch: int) -> dict[str, float]:
        """Runs the batches of an epoch and reads the numbers, once, at its end."""
        steps = self.run.steps_per_epoch or self.batches.steps_per_epoch
        self.session.objective.reset()
        self.session.module.train()
        self.progress.start_epoch(epoch, self.run.epochs, steps, self.run.batch_size)
        seed = randomness.derive(self.run.seed, "step", epoch)
        started = time.perf_counter()
        self.examples = 0
        self._plan_terms(steps or 1)
        one = self._step_with_hooks if self.has_hooks else self.step
        fetched = time.perf_counter()
        for fed in feed(self.batches, epoch, stop=self.run.steps_per_epoch):
            self._data_seconds += time.perf_counter() - fetched
            one(fed, seed + fed.index)
            self.examples += fed.tensors[0].shape[0]
            self.progress.advance(fed.index + 1)
            fetched = time.perf_counter()
            if self.session.module.__dict__.get("stop_training"):
                break
            if fed.index + 1 == self.run.steps_per_epoch:
                break
        logs = self.read_logs()  # the one wait for the device
        self.seconds = time.perf_counter() - started
        self._total_seconds += self.seconds
        self._total_examples += self.examples
        self.steps += fed.index + 1
        return logs

    def read_logs(self) -> dict[str, float]:
        """Numbers of the epoch so far."""
        return self.session.objective.results()

    def step(self, fed: Fed, seed: int) -> None:
        """Runs one batch."""
        makes_update = (self.optimizer.calls + 1) % self.accumulates == 0
        key = (makes_update, fed.key)
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
        self._terms_start = self.optimizer.iterations + 1
        self._terms_version = self.optimizer.version
        columns = self.session.coefficients(self._terms_start, count).values()
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

    def step(self, fed: Fed, seed: int) -> None:
        """Hands one batch to the model's own `train_step`."""
        reseed(fed.tensors, seed)
        batch = self.session.objective.batch(fed.tensors)
        self._logs = self.session.module.train_step(tuple(batch[: 2 + (batch[2] is not None)]))

    def read_logs(self) -> dict[str, float]:
        """What `train_step` returned last."""
        return {name: plain(value) for name, value in (self._logs or {}).items()}

"""Lets the preflight look at a model, its plan and its data, and acts on what it finds.

What is checked is decided in `lamina.preflight`; here the checks get what they look at, errors
stop `fit`, and the rest is said once.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from lamina import preflight
from lamina.core import checks, trees
from lamina.core.errors import ArgumentError
from lamina.core.names import suggestion
from lamina.data import ArrayBatches, Arrays, StreamBatches
from lamina.preflight import Finding, Part, PreflightError, Report, Subject
from lamina.preflight.codes import CODES
from lamina.preflight.coherence import coherent
from lamina.preflight.deep import deep_checks
from lamina.preflight.findings import Findings
from lamina.preflight.predict_checks import known_ranges, ranges_of, shifted
from lamina.preflight.probe import ROWS
from lamina.preflight.report import wrapped
from lamina.preflight.run import check_values
from lamina.preflight.statistics import spread_rows
from lamina.preflight.train_checks import check_course
from lamina.preflight.wording import counted
from lamina.train.callbacks.base import CallbackList
from lamina.train.feeding import example_of
from lamina.train.forensics import Guard
from lamina.train.history import History
from lamina.train.observing import Observer
from lamina.train.printing import say
from lamina.train.session import Session, leaves_of
from lamina.train.settling import settle_loss

Batches = ArrayBatches | StreamBatches
_AHEAD, _AHEAD_ROWS, _AHEAD_BYTES, _AHEAD_SECONDS = 16, 1024, 32 << 20, 0.2
_LOOKED_AT = 32  # predictions and evaluations; a look takes 20 µs, as long as a small one
MODES = ("auto", "raise", "warn", "off")


class Review:
    """What the checks say about one call of `fit`.

    Args:
        model: The model.
        session: The model with its plan.
        options: Arguments of `fit`; "check" and "ignore" say what findings lead to.

    Raises:
        ArgumentError: `check` or `ignore` hold an unknown word.
        PreflightError: Training could not mean what was written.
    """

    def __init__(self, model: Any, session: Session, options: dict[str, Any]) -> None:
        self.model, self.session, self.options = model, session, options
        self.mode = checks.choice("fit", "check", options["check"], MODES)
        self.ignore = _codes(options["ignore"])
        self.findings: list[Finding] = []
        self.subject: Subject | None = None
        self.training: Batches | None = None
        self.observer: Observer | None = None
        self.guard: Guard | None = None
        self.is_finite = False  # all that the user gave, as far as it could be looked at
        self.kept: Any = None  # places in x of the rows to train on, where some are held back

    @property
    def is_on(self) -> bool:
        """Whether anything is checked."""
        return self.mode != "off"

    def reading(self) -> str:
        """How arrays are to be read: the checks look for NaN themselves, and say it with a code."""
        return "allow" if self.is_on else self.options["nan"]

    def choose_loss(self, training: Batches) -> None:
        """Puts losses in the place of "auto", from the labels and the last activations."""
        settle_loss(self.model, self.session, training, tells=self.options["verbose"] != 0)

    def look_at_values(self, whole: Arrays | None) -> None:
        """Stops at NaN and infinity, before any layer learns from the data."""
        if self.is_on and whole is not None:
            part = Part(whole.x, whole.y, column_names=whole.column_names)
            found = check_values(self._subject(part))
            self.is_finite = not found
            found = self._spoken(found)
            self._act([finding for finding in found if finding.code not in self.ignore])

    def look(self, training: Batches, held_out: Batches | None, whole: Arrays | None) -> None:
        """Runs all checks, stops at errors and says the rest."""
        if not self.is_on:
            return
        self.training = training
        self.findings = self.report(training, held_out, whole).findings
        self._act(self.findings)
        if self.options["verbose"] != 0:
            where = f"{self.model.name}.check(x, y)."
            told = self.model.__dict__.get("_findings_before", where)
            _tell(self.model, self.findings, f"All of it, and how to go on: {told}")

    def observe(self, callbacks: CallbackList) -> None:
        """Puts what was found where the user will look for it, and watches what comes."""
        history = next(c for c in callbacks.callbacks if isinstance(c, History))
        history.findings = Findings(self.findings)
        if self.is_on and not self.session.has_custom_step:
            steps = self.options["steps_per_epoch"] or self.training.steps_per_epoch or 0
            epochs = self.options["epochs"] - self.options["initial_epoch"]
            subject: Any = self.subject  # made by the report
            self.guard = Guard(self.session, self.training, self.kept)
            self.observer = Observer(
                self.session, subject, self.training, steps * epochs, self.guard
            )
            callbacks.append(self.observer)
            self.observer.set_model(self.model)

    def conclude(self, history: History) -> History:
        """Adds what the training showed, and lets the model remember its inputs."""
        if self.observer is None:
            return history
        found = check_course(self.observer.course, self.ignore)
        new = self._spoken(coherent(history.findings, found))
        history.findings = Findings([*history.findings, *new])
        self._remember_inputs()
        if self.options["verbose"] != 0:
            where = self.model.__dict__.get("_findings_after", "history.findings.")
            _tell(self.model, new, f"What the training showed: {where}")
        return history

    def _remember_inputs(self) -> None:
        """Lets the model, and its file, know the ranges of what it was trained on."""
        part: Any = None if self.subject is None else self.subject.training
        if part is not None and part.inputs:
            self.model.__dict__["input_ranges"] = ranges_of(part.inputs)
            self.model.__dict__["_inputs_to_look_at"] = _LOOKED_AT

    def report(
        self,
        training: Batches | None = None,
        held_out: Batches | None = None,
        whole: Arrays | None = None,
    ) -> Report:
        """Everything the checks find."""
        columns = None if whole is None else whole.column_names
        subject = self._subject(_part(training, columns), _part(held_out, columns))
        if isinstance(training, ArrayBatches) and subject.training is not None:
            subject.options["batch_size"] = training.batch_size
            subject.training.places = self.kept
        self.subject = subject
        report = preflight.check(subject, self.ignore)
        report.findings = Findings(self._spoken(report.findings))
        return report

    def _spoken(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings in the words of whoever has `fit` called, a command line for example."""
        speak = self.model.__dict__.get("_findings_spoken")
        return list(findings) if speak is None else [speak(finding) for finding in findings]

    def deep(self, training: Batches) -> list[Finding]:
        """What shows when the model is tried on a few rows; leaves it as it was."""
        session = self.session
        if session.plan is None or session.has_custom_step:
            return []
        example = example_of(training)
        session.prepare(example, self.model.output_names)
        data = training.data if isinstance(training, ArrayBatches) else example
        batch = trees.transform(
            lambda leaf: None if leaf is None else spread_rows(leaf, ROWS), data
        )

        def compute() -> tuple[Tensor, list[Tensor]]:
            loss, (outputs, _) = session.objective.loss(leaves_of(batch))
            return loss, outputs

        names = self.subject.input_names()
        found = deep_checks(
            session.module, compute, session.forward, batch.x, names, session.device
        )
        return self._spoken(finding for finding in found if finding.code not in self.ignore)

    def _subject(self, training: Part | None, validation: Part | None = None) -> Subject:
        plan, example = self.session.plan, None
        if training is not None and not self.model.inputs:
            example = trees.transform(lambda leaf: leaf[:2], training.x)
        is_plain = plan is not None and not self.session.has_custom_step
        return Subject(
            model=self.model,
            training=training,
            validation=validation,
            optimizer=None if plan is None else plan.optimizer,
            loss=plan.loss if is_plain else None,
            metrics=_metrics(plan) if is_plain else None,
            options=dict(self.options),
            forward=self.session.forward,
            example=example,
            is_finite=self.is_finite,
        )

    def _act(self, findings: list[Finding]) -> None:
        grave = {"auto": ("error",), "raise": ("error", "warning"), "warn": ()}[self.mode]
        if any(finding.severity in grave for finding in findings):
            raise PreflightError(findings)


def _codes(ignore: Any) -> tuple[str, ...]:
    words = [ignore] if isinstance(ignore, str) else list(ignore or ())
    for word in words:
        if word not in CODES:
            raise checks.refuse(
                "fit",
                "ignore",
                word,
                expected="codes of findings, such as 'class-imbalance'.",
                fix=suggestion(str(word), CODES),
            )
    return tuple(words)


def filled(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `fit` but for the data, with its defaults where nothing was given.

    Raises:
        ArgumentError: There is no such argument.
    """
    parameters = inspect.signature(function).parameters
    known = {name: p.default for name, p in parameters.items() if name not in ("self", "x", "y")}
    for word in given:
        if word not in known:
            raise ArgumentError(
                f"check() has no argument {word!r}.",
                expected="x, y and the arguments of fit().",
                fix=suggestion(word, known),
            )
    return {**known, **given}


def _metrics(plan: Any) -> Any:
    lists = [given for given in (plan.metrics, plan.weighted_metrics) if given]
    if any(isinstance(given, dict) for given in lists):
        return lists
    return [metric for given in lists for metric in given]


def _part(batches: Batches | None, columns: tuple[str, ...] | None) -> Part | None:
    if batches is None:
        return None
    if isinstance(batches, StreamBatches):
        return part_of_stream(batches)
    data = batches.data
    return Part(data.x, data.y, data.sample_weight, columns)


def part_of_stream(batches: StreamBatches) -> Part:
    """The first batches of a stream as one, as many as can be had cheaply."""
    ahead = batches.look_ahead(_AHEAD, _AHEAD_ROWS, _AHEAD_BYTES, _AHEAD_SECONDS)
    shapes = [[leaf.shape[1:] for leaf in leaves_of(batch)] for batch in ahead]
    same = [batch for batch, shape in zip(ahead, shapes, strict=True) if shape == shapes[0]]
    leaves = [leaves_of(batch) for batch in same]
    joined = iter([torch.cat(parts) for parts in zip(*leaves, strict=True)])
    data = trees.transform(lambda leaf: None if leaf is None else next(joined), same[0])
    return Part(data.x, data.y, data.sample_weight, is_excerpt=True, num_batches=len(same))


def _tell(model: Any, findings: Iterable[Finding], where: str) -> None:
    """Says what has not been said of this model before: warnings in full, hints by code."""
    told = model.__dict__.setdefault("_told_findings", set())
    new = [finding for finding in findings if (finding.code, finding.problem) not in told]
    told.update((finding.code, finding.problem) for finding in new)
    lines = []
    for finding in (one for one in new if one.severity != "hint"):
        lines += wrapped(f"{finding.severity} {finding.code}: ", "  ", finding.problem)
        lines += wrapped("  fix: ", "    ", finding.fix)
        lines += [f"  on the way: {detail}" for detail in finding.details]
    hints = list(dict.fromkeys(f.code for f in new if f.severity == "hint"))
    if hints:
        lines += wrapped("", "  ", f"{counted(len(hints), 'hint')}: {', '.join(hints)}.")
    if lines:
        say("\n".join([*lines, where]))


def warn_of_scale(model: Any, x: Any, verbose: Any) -> None:
    """Says it, once a training, when inputs differ grossly from those that a model learned from.

    A model that was read from a file knows the ranges of its training as well.
    """
    left = model.__dict__.get("_inputs_to_look_at", _LOOKED_AT)
    if not left:
        return
    ranges = known_ranges(model.__dict__.get("input_ranges"))
    if not ranges:
        return
    model.__dict__["_inputs_to_look_at"] = left - 1
    new = list(shifted(ranges, x))
    if not new:
        return
    model.__dict__["_inputs_to_look_at"] = 0
    history = model.__dict__.get("history")
    if history is not None:
        history.findings = Findings([*history.findings, *new])
    if verbose != 0:
        _tell(model, new, "Found by comparing with what the model was trained on.")

"""Runs the checks in order and collects what they find."""

from collections.abc import Collection, Iterator

from lamina.preflight import (
    activation_checks,
    build_checks,
    class_checks,
    compile_checks,
    data_checks,
    label_checks,
    shape_checks,
    split_checks,
    target_checks,
)
from lamina.preflight.finding import Finding
from lamina.preflight.report import Report
from lamina.preflight.subject import Subject
from lamina.preflight.wording import counted

TABLES = (
    activation_checks.CHECKS,
    build_checks.CHECKS,
    compile_checks.CHECKS,
    data_checks.EARLY,
    shape_checks.CHECKS,
    label_checks.CHECKS,
    target_checks.CHECKS,
    class_checks.CHECKS,
    data_checks.CHECKS,
    split_checks.CHECKS,
)


def check(subject: Subject, ignore: Collection[str] = ()) -> Report:
    """Runs all checks that need no training.

    Args:
        subject: Model, plan and data.
        ignore: Codes to leave out.
    """
    name = getattr(subject.model, "name", None) or type(subject.model).__name__
    found = [finding for finding in _all(subject) if finding.code not in ignore]
    return Report(found, name, [*subject.notes, *_notes(subject)], subject)


def check_values(subject: Subject) -> list[Finding]:
    """Looks for NaN and infinity alone, before any layer learns from the data."""
    return [finding for one in data_checks.EARLY.values() for finding in one(subject)]


def _all(subject: Subject) -> Iterator[Finding]:
    for table in TABLES:
        for one in table.values():
            yield from one(subject)


def _notes(subject: Subject) -> list[str]:
    notes = []
    training = subject.training
    if training is None:
        notes.append("No data was given: model and compile arguments were looked at alone.")
    elif training.is_excerpt:
        batches = counted(training.num_batches, "batch")
        rows = counted(training.num_rows, "row")
        notes.append(f"x is a stream: its first {batches} with {rows} were looked at.")
    elif any(numbers.is_sampled for numbers in training.described.values()):
        looked = min(numbers.looked_at for numbers in training.described.values())
        notes.append(f"Scale and range come from {looked:,} of {training.num_rows:,} rows.")
    return notes

"""Which outputs have labels to check, and the first label that breaks a rule."""

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor

from lamina.preflight.labels import Labels
from lamina.preflight.subject import Head, Subject
from lamina.preflight.wording import number


def labelled(subject: Subject) -> Iterator[tuple[Head, Labels]]:
    """The outputs that have both a loss and labels."""
    for head in subject.heads:
        if head.labels is not None and head.loss is not None:
            yield head, head.labels


def first_offender(
    subject: Subject, head: Head, is_wrong: Callable[[Tensor], Tensor]
) -> tuple[str, dict[str, Any]]:
    """The first label that breaks a rule, in words and as evidence."""
    target: Any = head.target  # there are labels
    wrong = is_wrong(target.detach())
    count = int(wrong.sum())
    if not count or subject.training is None:
        return "", {}
    place = wrong.nonzero()[0].tolist()
    value, row = target[tuple(place)].item(), subject.training.row(place[0])
    others = f", {count:,} in all" if count > 1 else ""
    words = f" (first {number(value)} at row {row:,}{others})"
    return words, {"row": row, "value": value, "count": count}

"""Puts losses in the place of "auto", from the labels and from what each output ends in."""

import dataclasses
from typing import Any

from lamina.core import trees
from lamina.core.errors import ArgumentError
from lamina.data import ArrayBatches, StreamBatches
from lamina.losses.base import Loss
from lamina.preflight import Part, Subject
from lamina.preflight.auto_loss import choose_loss
from lamina.preflight.subject import Head
from lamina.train.feeding import example_of
from lamina.train.printing import say
from lamina.train.session import Session

Batches = ArrayBatches | StreamBatches


def settle_loss(model: Any, session: Session, batches: Batches, *, tells: bool) -> None:
    """Chooses the losses of a plan that says "auto"; does nothing for any other.

    Args:
        model: The model.
        session: The model with its plan, which is replaced.
        batches: Data with labels, for training or evaluation.
        tells: Whether to say what was chosen, and why.

    Raises:
        ArgumentError: An output has no labels, or no loss goes with both.
    """
    plan = session.plan
    if plan is None or plan.loss != "auto":
        return
    if not model.inputs:
        session.build(example_of(batches))
    heads = _subject(model, session, batches).heads
    chosen = []
    for head in heads:
        if head.labels is None:
            raise _no_labels(head, len(heads))
        loss, why = choose_loss(head.end, head.labels)
        chosen.append(loss)
        if tells:
            of = f" of {head.end.name!r}" if len(heads) > 1 else ""
            say(f"loss{of}: {why}")
    loss_of_plan: Loss | list[Loss] = chosen[0] if len(chosen) == 1 else chosen
    session.plan = dataclasses.replace(plan, loss=loss_of_plan)
    model.__dict__["_plan"] = session.plan


def _subject(model: Any, session: Session, batches: Batches) -> Subject:
    data = batches.data if isinstance(batches, ArrayBatches) else batches.example()
    example = None if model.inputs else trees.transform(lambda leaf: leaf[:2], data.x)
    part = Part(data.x, data.y, is_excerpt=isinstance(batches, StreamBatches))
    return Subject(model=model, training=part, loss=None, forward=session.forward, example=example)


def _no_labels(head: Head, count: int) -> ArgumentError:
    which = f"output {head.end.name!r}" if count > 1 else "the model"
    return ArgumentError(
        f'compile(loss="auto"): there are no labels for {which} to choose a loss from.',
        expected="y, with one array of labels for each output.",
        fix='pass y, or name the losses in compile(), for example loss="mse".',
    )

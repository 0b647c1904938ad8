"""Says which checks data goes through once a model is built, before its first step.

Arrays are checked whole. Streams are checked batch by batch, outside the captured step.
"""

from collections.abc import Callable
from typing import Any

from lamina.core import trees
from lamina.core.errors import DataError
from lamina.data import ArrayBatches, Arrays, Batch, StreamBatches
from lamina.data.batches import rows
from lamina.train.id_checks import check_ids
from lamina.train.label_checks import check_labels
from lamina.train.rehearsal import rehearse
from lamina.train.session import Session

Batches = ArrayBatches | StreamBatches


def check_labelled(
    model: Any,
    session: Session,
    batches: Batches,
    *,
    whole: Arrays | None = None,
    names: tuple[str, str] = ("x", "y"),
) -> None:
    """Passes inputs and labels that the model and its losses can work with.

    Args:
        model: The model, built.
        session: Its losses and metrics, prepared.
        batches: What it is going to see.
        whole: The arrays as the user gave them, where `batches` holds a part of them.
        names: What messages call inputs and labels.

    Raises:
        DataError: Ids or labels do not fit; the message says where.
        LaminaError: A loss or a metric cannot be computed.
    """
    if session.has_custom_step:
        return
    objective: Any = session.objective  # there since the session was prepared
    if isinstance(batches, StreamBatches):
        inspect = _inspection(model, session)
        first = batches.example()
        for number, batch in enumerate(batches.ahead):
            inspect(batch, *batches.part_names(number)[:2])
        batches.inspect = inspect
    else:
        given = batches.data if whole is None else Batch(whole.x, whole.y, whole.sample_weight)
        check_ids(model, given.x, names[0])
        check_labels(objective, given, names[1])
        first = rows(batches.data, 0, batches.batch_size)
    if not objective.is_rehearsed or first.sample_weight is not None:
        rehearse(objective, first)
        objective.is_rehearsed = True


def check_one_batch(model: Any, session: Session, batch: Batch) -> None:
    """Passes a batch that one step can be made on.

    Raises:
        DataError: Ids or labels do not fit; the message says where.
        LaminaError: A loss or a metric cannot be computed.
    """
    if session.has_custom_step:
        return
    check_ids(model, batch.x)
    objective: Any = session.objective  # there since the session was prepared
    check_labels(objective, batch)
    if not objective.is_rehearsed:
        rehearse(objective, batch)
        objective.is_rehearsed = True


def check_inputs(model: Any, batches: Batches) -> None:
    """Passes inputs that the model can predict from.

    Raises:
        DataError: An id does not fit; the message says where.
    """
    if isinstance(batches, StreamBatches):
        batches.inspect = lambda batch, x_name, _: check_ids(model, batch.x, x_name)
    else:
        check_ids(model, batches.data.x)


def _inspection(model: Any, session: Session) -> Callable[[Batch, str, str], None]:
    objective: Any = session.objective  # there since the session was prepared

    def inspect(batch: Batch, x_name: str, y_name: str) -> None:
        check_ids(model, batch.x, x_name)
        check_labels(objective, batch, y_name)

    return inspect


def check_like(example: Batch, arrays: Arrays | Batch) -> None:
    """Passes validation data that has the shapes of the training data.

    Raises:
        DataError: A shape differs, or there are no labels.
    """
    for place, part in enumerate(("x", "y")):
        ours = trees.leaves(example[place])
        theirs = trees.leaves(getattr(arrays, part))
        shapes = [None if leaf is None else tuple(leaf.shape[1:]) for leaf in ours]
        given = [None if leaf is None else tuple(leaf.shape[1:]) for leaf in theirs]
        if given == [None] and shapes != given:
            raise DataError(
                "validation_data has no labels.",
                expected="(x, y) or (x, y, sample_weight), as the losses need y.",
                fix="pass validation_data=(x_val, y_val).",
            )
        if shapes != given:
            raise DataError(
                f"validation_data[{place}] has examples of shape {_listed(given)}, "
                f"{part} has {_listed(shapes)}.",
                expected="validation data of the same form as the training data.",
                fix="prepare both with the same steps.",
            )


def _listed(shapes: list[Any]) -> str:
    return ", ".join(str(shape) if shape is not None else "nothing" for shape in shapes)

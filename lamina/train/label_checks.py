"""Checks labels against the loss and the outputs of the model, before the first step.

One pass over the labels. What a loss wants is known from `losses.facts`; a loss that is not
known there is left alone.
"""

from typing import Any

import torch
from torch import Tensor

from lamina.core.finding import FoundError
from lamina.data.batches import Batch
from lamina.data.finite import row_chunks, words_for
from lamina.train.objective import Objective, Output, per_output

_TOLERANCE = 1e-3  # by how much rounded shares of one example may miss a sum of 1


def check_labels(objective: Objective, batch: Batch, name: str = "y") -> None:
    """Passes labels that the losses can compare with the outputs.

    Args:
        objective: Losses and outputs of a model that has been built.
        batch: Any number of examples with their labels.
        name: What messages call the labels.

    Raises:
        FoundError: Shape or values of the labels do not fit the loss; the message says where.
    """
    outputs, shapes = objective.outputs, objective.output_shapes
    targets = per_output(batch.y, len(outputs))
    for output, shape, target in zip(outputs, shapes, targets, strict=True):
        facts = getattr(output.loss, "facts", None)
        if target is None or facts is None or _uses_other_axis(output.loss, len(shape)):
            continue
        label = f"{name}[{output.name!r}]" if len(outputs) > 1 else name
        _CHECKS[facts.labels](label, target, shape, output)


def _uses_other_axis(loss: Any, rank: int) -> bool:
    return getattr(loss, "axis", -1) not in (-1, rank - 1)


# -- class numbers ---------------------------------------------------------------------------


def _check_classes(name: str, y: Tensor, shape: tuple[int, ...], output: Output) -> None:
    is_distribution = output.loss.facts.output == "distribution"
    found = tuple(y.shape)
    wanted = shape[:-1] if is_distribution else shape[:1]
    if found[1:] not in (wanted[1:], (*wanted[1:], 1)):
        if is_distribution and found[1:] == shape[1:]:
            raise FoundError(
                f"{name} has shape {found}, one column for each class: it looks one-hot.",
                expected=f"one class number for each prediction, shape {_any(wanted)}.",
                fix=f'use loss="categorical_crossentropy", or pass {name}.argmax(-1).',
                code="onehot-labels-sparse",
                evidence={"shape": list(found)},
            )
        raise FoundError(
            f"{name} has shape {found}, output {output.name!r} of the model has {_any(shape)}.",
            expected=f"one class number for each prediction, shape {_any(wanted)}.",
            fix="check the last layer of the model, and that these are the labels.",
            code="output-shape-mismatch",
            evidence={"shape": list(found), "output": list(shape)},
        )
    ignored = getattr(output.loss, "ignore_class", None)
    _check_whole(name, y)
    counts = y if ignored is None else y[y != ignored]
    if is_distribution and counts.numel():
        _check_range(name, y, counts, shape[-1], ignored)


def _check_whole(name: str, y: Tensor) -> None:
    if not y.is_floating_point():
        return
    for start, part in row_chunks(y):
        wrong = part != part.round()
        if wrong.any():
            place = _first(wrong, start)
            raise FoundError(
                f"{name} has the class number {_value(y, place)} at {words_for(place)}.",
                expected="class numbers, which are whole: 0, 1, 2 ...",
                fix='for values that are measured use loss="mse" and a last layer without softmax.',
                code="labels-not-integer",
                evidence=_at(y, place),
            )


def _check_range(name: str, y: Tensor, counts: Tensor, classes: int, ignored: Any) -> None:
    low, high = counts.min().item(), counts.max().item()
    if low >= 0 and high < classes:
        return
    where = (y < 0) if low < 0 else (y >= classes)
    if ignored is not None:
        where = where & (y != ignored)
    place = _first(where)
    outputs = f"{classes} output{'' if classes == 1 else 's'}"
    fix = f"give the last layer {int(high) + 1} units, or correct the label."
    if low < 0:
        fix = "number the classes from 0: classes, y = np.unique(y, return_inverse=True)."
    elif low == 1 and high == classes:
        fix = f"the labels start at 1: subtract 1, as in {name} - 1."
    elif classes == 1:
        fix = 'for two classes use Dense(1, "sigmoid") and loss="binary_crossentropy".'
    sign = "negative label" if low < 0 else "label"
    raise FoundError(
        f"{name} has the {sign} {_value(y, place)} at {words_for(place)}; the model has {outputs}.",
        expected=f"class numbers from 0 to {classes - 1}." if classes > 1 else "class number 0.",
        fix=fix,
        code="label-out-of-range",
        evidence={**_at(y, place), "low": low, "high": high, "units": classes},
    )


# -- one-hot rows ----------------------------------------------------------------------------


def _check_one_hot(name: str, y: Tensor, shape: tuple[int, ...], output: Output) -> None:
    classes = shape[-1]
    if classes > 1 and tuple(y.shape[1:]) in (shape[1:-1], (*shape[1:-1], 1)):
        raise FoundError(
            f"{name} has shape {tuple(y.shape)}: one number for each example, "
            f"where loss {output.loss.name!r} wants {classes}.",
            expected=f"one-hot rows, shape {_any(shape)}.",
            fix='use loss="sparse_categorical_crossentropy" for class numbers, or '
            f"keras.utils.to_categorical({name}, {classes}).",
            code="int-labels-categorical",
            evidence={"shape": list(y.shape), "units": classes},
        )
    _check_same_shape(name, y, shape, output)
    if y.ndim == len(shape) - 1:
        y = y.unsqueeze(-1)
    for start, part in row_chunks(y):
        shares = part.float()
        wrong = ((shares.sum(-1) - 1).abs() > _TOLERANCE) | (shares < 0).any(-1)
        wrong |= shares.isnan().any(-1)
        if wrong.any():
            place = _first(wrong, start)
            row = y[tuple(place)].float()
            if classes == 1:
                raise _one_unit(name, y, place, output)
            raise FoundError(
                f"row {', '.join(map(str, place))} of {name} {_fault_of(row)}.",
                expected="shares of at least 0 that sum to 1, such as one-hot rows.",
                fix='for several classes at once use a sigmoid and loss="binary_crossentropy".',
                code="target-out-of-range-for-loss",
                evidence=_at(y, place),
            )


def _one_unit(name: str, y: Tensor, place: list[int], output: Output) -> FoundError:
    """Of a loss over classes, where there is a single one: it would be 0 whatever the answer."""
    return FoundError(
        f"{name} has the label {_value(y, [*place, 0])} at {words_for(place)}, and output "
        f"{output.name!r} has one unit, which loss {output.loss.name!r} takes for the only class.",
        expected="one unit for each class, at least two.",
        fix='for yes or no end in Dense(1, activation="sigmoid") and use '
        'loss="binary_crossentropy".',
        code="units-vs-classes",
        evidence={**_at(y, place), "units": 1},
    )


def _fault_of(row: Tensor) -> str:
    if (row < 0).any():
        return f"holds {row.min().item():g}"
    return f"sums to {row.sum().item():.4g}"


# -- two classes, and values -----------------------------------------------------------------


def _check_binary(name: str, y: Tensor, shape: tuple[int, ...], output: Output) -> None:
    _check_same_shape(name, y, shape, output)
    low = -1 if output.loss.facts.output == "hinge" else 0
    for start, part in row_chunks(y):
        wrong = ~((part >= low) & (part <= 1))
        if wrong.any():
            place = _first(wrong, start)
            allowed = "-1, 0 or 1" if low else "0 or 1"
            raise FoundError(
                f"{name} has the label {_value(y, place)} at {words_for(place)}.",
                expected=f"labels that are {allowed}, as loss {output.loss.name!r} takes them.",
                fix=_binary_fix(name, y),
                code="target-out-of-range-for-loss",
                evidence=_at(y, place),
            )


def _binary_fix(name: str, y: Tensor) -> str:
    low, high = y.min().item(), y.max().item()
    if (low, high) == (-1, 1):
        return f"map -1 to 0: ({name} + 1) / 2."
    if (low, high) == (1, 2):
        return f"the labels start at 1: subtract 1, as in {name} - 1."
    if high == 255:
        return f"divide by 255: {name} / 255."
    return 'for more classes use Dense(classes, "softmax") and sparse_categorical_crossentropy.'


def _check_same_shape(name: str, y: Tensor, shape: tuple[int, ...], output: Output) -> None:
    """One label for each value of the output; a last axis of size 1 may be missing or spare."""
    found, wanted = tuple(y.shape[1:]), tuple(shape[1:])
    if found == wanted or (*found, 1) == wanted or found == (*wanted, 1):
        return
    columns = found[-1] if found else 1
    if len(found) <= 1 and len(wanted) <= 1:
        ours = wanted[-1] if wanted else 1
        raise FoundError(
            f"{name} has {_columns(columns)}, output {output.name!r} of the model has {ours}.",
            expected=f"labels of shape {_any(shape)}; they are never broadcast.",
            fix=f"end the model in {columns} unit{'' if columns == 1 else 's'}, "
            f"or pass labels with {_columns(ours)}.",
            code="target-shape-broadcast",
            evidence={"shape": list(y.shape), "output": list(shape)},
        )
    raise FoundError(
        f"{name} has shape {tuple(y.shape)}, output {output.name!r} of the model has "
        f"{_any(shape)}.",
        expected=f"labels of shape {_any(shape)}; they are never broadcast.",
        fix="check the last layers of the model, and that these are the labels.",
        code="output-shape-mismatch",
        evidence={"shape": list(y.shape), "output": list(shape)},
    )


_CHECKS = {
    "classes": _check_classes,
    "one_hot": _check_one_hot,
    "binary": _check_binary,
    "values": _check_same_shape,
}


# -- words -----------------------------------------------------------------------------------


def _columns(count: int) -> str:
    return f"{count} column{'' if count == 1 else 's'}"


def _any(shape: tuple[int, ...]) -> str:
    """A shape with its batch axis left open."""
    rest = ", ".join(map(str, shape[1:]))
    return f"(n, {rest})" if rest else "(n,)"


def _first(where: Tensor, start: int = 0) -> list[int]:
    place = where.nonzero()[0].tolist()
    return [place[0] + start, *place[1:]]


def _at(y: Tensor, place: list[int]) -> dict[str, Any]:
    """The first offender: its row, its place and its value."""
    return {"row": place[0], "place": place, "value": y[tuple(place)].tolist()}


def _value(y: Tensor, place: list[int]) -> str:
    value = y[tuple(place)]
    return f"{value.item():g}" if value.dtype != torch.bool else str(bool(value))

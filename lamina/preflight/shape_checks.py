"""Checks of the shapes of labels and outputs: what does not match, and what would broadcast."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import LaminaError
from lamina.core.weighting import same_rank
from lamina.losses.wrapper import LossFunctionWrapper
from lamina.preflight.finding import Finding
from lamina.preflight.labels import Labels
from lamina.preflight.subject import Head, Subject
from lamina.preflight.wording import counted

_ROWS = 5


def shapes(subject: Subject) -> Iterator[Finding]:
    """Labels and outputs that cannot be compared one by one."""
    for head in subject.heads:
        labels = head.labels
        if labels is None or head.loss is None or len(head.end.shape) == 0:
            continue
        if head.facts is None:
            yield from _custom(head, labels)
        elif head.expects != "embeddings":
            wants_classes = head.facts.labels == "classes"
            yield from (_classes if wants_classes else _elementwise)(head, labels)


def _classes(head: Head, labels: Labels) -> Iterator[Finding]:
    """Labels of a loss that takes one class number for each row of outputs."""
    out, y = head.end.shape, labels.shape
    positions = out[1:-1]
    fits = _same(y[1:], positions) or (y[-1:] == (1,) and _same(y[1:-1], positions))
    if fits:
        return
    if len(y) == len(out) and _same(y[1:-1], positions):
        if labels.is_one_hot or labels.is_binary or labels.is_integer:
            yield _one_hot_for_sparse(head, labels)
            if y[-1] != out[-1]:
                yield _unequal_units(head, labels)
        else:
            yield _other_shape(head, labels)
    elif len(out) > len(y) + (0 if y[-1] == 1 else 1) or (labels.is_column and len(out) > 2):
        yield _missing_flatten(head, labels)
    else:
        yield _other_shape(head, labels)


def _elementwise(head: Head, labels: Labels) -> Iterator[Finding]:
    """Labels of a loss that compares them with the outputs one by one."""
    out, y = _aligned(head.end.shape, labels.shape)
    if _same(y[1:], out[1:]):
        return
    units = head.end.units or 1
    whole_column = labels.is_column and labels.is_whole
    if len(head.end.shape) > 2 and len(labels.shape) <= 2:
        yield _missing_flatten(head, labels)
    elif head.facts.labels == "one_hot" and whole_column and units > 1:
        yield _numbers_for_categorical(head, labels)
    elif whole_column and units > 1 and labels.looks_like_classes:
        if head.facts.labels == "binary":
            yield _binary_with_units(head, labels)
    elif len(out) == len(y) and labels.is_one_hot:
        yield _unequal_units(head, labels)
    elif _broadcasts(y, out):
        yield _broadcast(head, labels)
    else:
        yield _other_shape(head, labels)


def _same(one: tuple, other: tuple) -> bool:
    return len(one) == len(other) and all(
        a is None or b is None or a == b for a, b in zip(one, other, strict=True)
    )


def _aligned(out: tuple, y: tuple) -> tuple[tuple, tuple]:
    """Both shapes with a last axis of size 1 evened out, as losses do it."""
    if len(y) == len(out) + 1 and y[-1] == 1:
        return out, y[:-1]
    if len(out) == len(y) + 1 and out[-1] == 1:
        return out[:-1], y
    return out, y


def _broadcasts(y: tuple, out: tuple) -> bool:
    if len(y) != len(out):
        return False
    pairs = zip(y[1:], out[1:], strict=True)
    return all(a is None or b is None or a == b or 1 in (a, b) for a, b in pairs)


def _one_hot_for_sparse(head: Head, labels: Labels) -> Finding:
    y = head.y_name
    return Finding(
        "onehot-labels-sparse",
        "error",
        f"{y} of shape {labels.shape} has a row for each sample, and loss {head.loss_name!r} "
        "wants a class number.",
        f"class numbers of shape ({labels.rows},), or a loss for one-hot rows.",
        f'compile with loss="categorical_crossentropy", or pass {y}.argmax(-1).',
        {"shape": list(labels.shape), "units": head.end.units},
    )


def _numbers_for_categorical(head: Head, labels: Labels) -> Finding:
    return Finding(
        "int-labels-categorical",
        "error",
        f"{head.y_name} has class numbers, and loss {head.loss_name!r} wants rows of "
        f"{counted(head.end.units, 'value')}.",  # type: ignore[arg-type]  # rows have a size
        "one-hot rows, or a loss for class numbers.",
        _sparse_or_rows(head),
        {"shape": list(labels.shape), "units": head.end.units},
    )


def _sparse_or_rows(head: Head) -> str:
    """What to type: another loss, unless metrics compare row by row with the outputs."""
    rows = f"keras.utils.to_categorical({head.y_name})"
    if head.wants_rows:
        return f"pass {rows}."
    return f'compile with loss="sparse_categorical_crossentropy", or pass {rows}.'


def _unequal_units(head: Head, labels: Labels) -> Finding:
    return Finding(
        "units-vs-classes",
        "error",
        f"rows of {head.y_name} have {labels.width} classes, and output layer "
        f"{head.end.layer_name!r} has {counted(head.end.units, 'unit')}.",  # type: ignore[arg-type]  # the size is known
        "one unit for each class.",
        f"give {head.end.layer_name!r} {labels.width} units.",
        {"units": head.end.units, "classes": labels.width},
    )


def _binary_with_units(head: Head, labels: Labels) -> Finding:
    classes = int(labels.high) + 1
    fix = f"end in one unit: give {head.end.layer_name!r} 1 unit."
    if classes == 2 and head.end.activation == "softmax":
        fix = (
            'compile with loss="sparse_categorical_crossentropy", or give '
            f'{head.end.layer_name!r} 1 unit and activation="sigmoid".'
        )
    if classes > 2:
        fix = 'use softmax and compile with loss="sparse_categorical_crossentropy".'
    return Finding(
        "units-vs-classes" if classes == 2 else "wrong-loss-for-task",
        "error",
        f"{head.y_name} has one class number a row, and loss {head.loss_name!r} compares it with "
        f"{counted(head.end.units, 'unit')} of {head.end.layer_name!r}.",  # type: ignore[arg-type]  # the size is known
        "one unit for yes or no, or a categorical loss for several classes.",
        fix,
        {"units": head.end.units, "classes": classes},
    )


def _missing_flatten(head: Head, labels: Labels) -> Finding:
    return Finding(
        "missing-flatten",
        "error",
        f"output {head.end.name!r} has shape {head.end.shape}, one answer for each position, and "
        f"{head.y_name} has shape {labels.shape}.",
        "one answer for each row: positions put together before the output layer.",
        "add keras.layers.Flatten() before the first Dense layer, or a global pooling layer.",
        {"output": list(head.end.shape), "y": list(labels.shape)},
    )


def _broadcast(head: Head, labels: Labels) -> Finding:
    units = labels.width if labels.width > 1 else 1
    return Finding(
        "target-shape-broadcast",
        "error",
        f"{head.y_name} has shape {labels.shape} and output {head.end.name!r} has "
        f"{head.end.shape}; repeated to one shape, each value would be compared with all.",
        "labels of the shape of the output.",
        f"end the model in {counted(units, 'unit')}, or bring {head.y_name} to the shape "
        f"{('n', *head.end.shape[1:])}.".replace("'", ""),
        {"output": list(head.end.shape), "y": list(labels.shape)},
    )


def _other_shape(head: Head, labels: Labels) -> Finding:
    fix = f"bring {head.y_name} to the shape {('n', *head.end.shape[1:])}.".replace("'", "")
    if len(labels.shape) == len(head.end.shape) == 2:
        fix = f"give {head.end.layer_name!r} {counted(labels.width, 'unit')}."
    return Finding(
        "output-shape-mismatch",
        "error",
        f"{head.y_name} has shape {labels.shape} and output {head.end.name!r} has "
        f"{head.end.shape}, which loss {head.loss_name!r} cannot compare.",
        "labels of the shape of the output.",
        fix,
        {"output": list(head.end.shape), "y": list(labels.shape)},
    )


# -- losses of the user ----------------------------------------------------------------------


def _custom(head: Head, labels: Labels) -> Iterator[Finding]:
    """Tries a loss of the user on small numbers, to see whether it broadcasts."""
    out, y = head.end.shape, labels.shape
    if isinstance(head.loss, LossFunctionWrapper):
        out, y = _aligned(out, y)
    if None in out[1:]:
        return
    if _same(y[1:], out[1:]):
        whole = [(_ROWS, *shape[1:]) for shape in (labels.shape, head.end.shape)]
        if None not in whole[1] and _is_pairing_all(_computed(head), *whole):
            yield _repeated_inside(head, labels)
    elif _is_broadcasting(_computed(head), (_ROWS, *y[1:]), (_ROWS, *out[1:])):
        yield _broadcast(head, labels)


def _computed(head: Head) -> Callable[[Tensor, Tensor], float | None]:
    def compute(y: Tensor, y_pred: Tensor) -> float | None:
        is_aligned = isinstance(head.loss, LossFunctionWrapper)
        try:
            values: Any = head.loss.call(*(same_rank(y, y_pred) if is_aligned else (y, y_pred)))
            return float(torch.as_tensor(values).double().mean())
        # The user's own code, on made-up labels: what it raises here says nothing.
        except (LaminaError, RuntimeError, IndexError, TypeError, ValueError, KeyError):
            return None

    return compute


def _is_broadcasting(
    compute: Callable[[Tensor, Tensor], float | None], y_shape: tuple, out_shape: tuple
) -> bool:
    """Whether a loss stays the same when one side is shuffled along an axis the other repeats."""
    generator = torch.Generator().manual_seed(0)
    y = torch.rand(y_shape, generator=generator) * 0.8 + 0.1
    y_pred = torch.rand(out_shape, generator=generator) * 0.8 + 0.1
    rolled_y, rolled_pred = y, y_pred
    for axis in range(1, max(y.ndim, y_pred.ndim) + 1):
        ours, theirs = (t.shape[-axis] if axis <= t.ndim else 1 for t in (y, y_pred))
        if ours != theirs and 1 not in (ours, theirs):
            return False
        if ours > theirs:
            rolled_y = rolled_y.roll(1, -axis)
        elif theirs > ours:
            rolled_pred = rolled_pred.roll(1, -axis)
    # One side alone: a loss that brings both to one shape itself notices that.
    pair = (y, rolled_pred) if rolled_y is y else (rolled_y, y_pred)
    before, after = compute(y, y_pred), compute(*pair)
    other = compute(y.square(), y_pred)
    if before is None or after is None or other is None:
        return False
    return abs(before - after) <= 1e-6 * abs(before) and abs(before - other) > 1e-6 * abs(before)


def _is_pairing_all(
    compute: Callable[[Tensor, Tensor], float | None], y_shape: tuple, out_shape: tuple
) -> bool:
    """Whether a loss stays the same when the labels of rows are exchanged."""
    generator = torch.Generator().manual_seed(1)
    y = torch.rand(y_shape, generator=generator) * 0.8 + 0.1
    y_pred = torch.rand(out_shape, generator=generator) * 0.8 + 0.1
    exchanged = y[torch.tensor([2, 4, 1, 0, 3])]
    values = [compute(one, y_pred) for one in (y, exchanged, y.square())]
    if any(value is None or value != value for value in values):
        return False
    before, after, other = values
    small = 1e-6 * abs(before)  # type: ignore[arg-type]  # looked at above
    return abs(before - after) <= small < abs(before - other)  # type: ignore[operator]


def _repeated_inside(head: Head, labels: Labels) -> Finding:
    y = head.y_name
    return Finding(
        "target-shape-broadcast",
        "warning",
        f"loss {head.loss_name!r} stays the same when the rows of {y} are exchanged: inside it "
        "each answer is compared with the labels of all rows.",
        "each answer compared with the label of its own row.",
        "bring both to one shape first: y_true = y_true.reshape(y_pred.shape).",
        {"output": list(head.end.shape), "y": list(labels.shape)},
    )


CHECKS = {"target-shape-broadcast": shapes}

"""Checks of labels against the outputs and losses they are compared with."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from torch import Tensor

from lamina.preflight.compile_checks import ACCURACIES, softmax_with_values
from lamina.preflight.finding import Finding, Severity
from lamina.preflight.labels import Labels
from lamina.preflight.offenders import first_offender, labelled
from lamina.preflight.subject import Head, Subject
from lamina.preflight.wording import counted, number

_UNBOUNDED = ("linear", "relu", "leaky_relu", "leakyrelu")
_FORGIVEN = 1e-6
_ROUNDING = 1e-3  # by how much rounded shares may miss a sum of 1


def labels_not_integer(subject: Subject) -> Iterator[Finding]:
    """Fractions where class numbers are wanted."""
    for head, labels in labelled(subject):
        if head.facts is None or head.facts.labels != "classes" or labels.is_whole:
            continue
        if labels.width == head.end.units and labels.width > 1:
            continue  # rows of numbers: said by wrong-loss-for-task
        first, evidence = first_offender(subject, head, lambda y: y != y.round())
        yield Finding(
            "labels-not-integer",
            "error",
            f"{head.y_name} has values with fractions{first}, from {number(labels.low)} to "
            f"{number(labels.high)}, and loss {head.loss_name!r} wants class numbers.",
            "whole numbers from 0, one for each class.",
            'compile with loss="mse" for a regression, or number the classes: '
            f"np.unique({head.y_name}, return_inverse=True)[1].",
            {"low": labels.low, "high": labels.high, **evidence},
        )


def label_out_of_range(subject: Subject) -> Iterator[Finding]:
    """Class numbers that no unit stands for."""
    for head, labels in labelled(subject):
        units = head.end.units
        if head.facts is None or head.facts.labels != "classes" or not labels.is_whole:
            continue
        if head.expects == "embeddings" or units is None or _is_rows(head, labels):
            continue
        ignored = head.loss._arguments.get("ignore_class")
        values = [v for v in (labels.values or (labels.low, labels.high)) if v != ignored]
        low, high = min(values, default=0), max(values, default=0)
        if low >= 0 and high < units:
            continue
        starts_at_one = low == 1 and high == units
        fix = f"give the output layer {number(high + 1)} units."
        if starts_at_one:
            fix = f"start at 0: {head.y_name} - 1."
        elif low < 0:
            fix = f"number the classes from 0: np.unique({head.y_name}, return_inverse=True)[1]."
        first, evidence = first_offender(
            subject, head, partial(_is_outside, units=units, ignored=ignored)
        )
        yield Finding(
            "label-out-of-range",
            "error",
            f"{head.y_name} has labels from {number(low)} to {number(high)}{first}, and output "
            f"layer {head.end.layer_name!r} has {counted(units, 'unit')}.",
            f"class numbers from 0 to {units - 1}.",
            fix,
            {"low": low, "high": high, "units": units, **evidence},
        )


def _is_outside(y: Tensor, units: int, ignored: Any) -> Tensor:
    wrong = (y < 0) | (y >= units)
    return wrong if ignored is None else wrong & (y != ignored)


def _is_rows(head: Head, labels: Labels) -> bool:
    """Whether labels are rows with one value for each class, or for nearly as many."""
    return len(labels.shape) == len(head.end.shape) and labels.width > 1


def units_vs_classes(subject: Subject) -> Iterator[Finding]:
    """More or fewer output units than classes."""
    for head, labels in labelled(subject):
        units, classes = head.end.units, labels.num_classes
        if head.facts is None or units is None or classes is None:
            continue
        if head.facts.labels == "classes" and labels.is_column and labels.is_whole:
            needed = int(max(labels.high, _highest_held_out(subject))) + 1
            if needed < units and labels.low >= 0 and units > 1:
                is_whole = subject.training is not None and not subject.training.is_excerpt
                yield _spare_units(head, labels, needed, is_whole=is_whole)
        elif _asks_yes_or_no(head, labels) and classes > 2 and labels.looks_like_classes:
            yield Finding(
                "units-vs-classes",
                "error",
                f"{head.y_name} has {classes} classes, and output layer "
                f"{head.end.layer_name!r} has 1 unit, enough for yes or no.",
                "one unit for each class, with softmax.",
                f'end in Dense({int(labels.high) + 1}, activation="softmax") and compile with '
                'loss="sparse_categorical_crossentropy".',
                {"units": units, "classes": classes},
            )


def _highest_held_out(subject: Subject) -> float:
    """The largest class number of the validation part, of one output; -1 where there is none."""
    targets = [] if subject.validation is None else subject.validation.targets
    if len(targets) != 1 or not targets[0].numel() or len(subject.heads) != 1:
        return -1.0
    return float(targets[0].max())


def _asks_yes_or_no(head: Head, labels: Labels) -> bool:
    is_binary = head.facts.labels == "binary" and head.expects != "hinge"
    return is_binary and labels.is_column and head.end.units == 1


def _spare_units(head: Head, labels: Labels, needed: int, *, is_whole: bool) -> Finding:
    units: Any = head.end.units  # known: it was compared with the classes
    is_clear = is_whole and units <= 100 and labels.looked_at >= 20 * units
    return Finding(
        "units-vs-classes",
        "warning" if is_clear else "hint",
        f"output layer {head.end.layer_name!r} has {units} units, and {head.y_name} has the "
        f"classes 0 to {needed - 1}.",
        "one unit for each class.",
        f"give {head.end.layer_name!r} {needed} units.",
        {"units": units, "classes": needed},
    )


def softmax_on_multilabel(subject: Subject) -> Iterator[Finding]:
    """Classes that compete although several can be right."""
    for head, labels in labelled(subject):
        competes = head.end.activation == "softmax" or (
            head.facts is not None
            and head.facts.labels == "one_hot"
            and head.expects in ("logits", "distribution")
        )
        if not competes or not labels.is_multilabel or labels.row_sums is None:
            continue
        low, high = labels.row_sums
        yield Finding(
            "softmax-on-multilabel",
            "error" if _wants_shares(head) else "warning" if high > 1 else "hint",
            f"rows of {head.y_name} have {number(low)} to {number(high)} right answers, and "
            f"output layer {head.end.layer_name!r} shares probability 1 among all.",
            "sigmoid and a binary loss where several answers can be right.",
            f'give {head.end.layer_name!r} activation="sigmoid" and compile with '
            'loss="binary_crossentropy".',
            {"row_sums": [low, high]},
        )


def _wants_shares(head: Head) -> bool:
    """Whether the loss takes rows that sum to 1 alone."""
    return head.facts is not None and head.facts.labels == "one_hot"


def target_out_of_range_for_loss(subject: Subject) -> Iterator[Finding]:
    """Labels that the loss has no meaning for."""
    for head, labels in labelled(subject):
        found = _outside(head, labels)
        if found is None:
            continue
        severity, expected, fix = found
        low = -1.0 if head.expects == "hinge" else 0.0
        first, evidence = first_offender(subject, head, partial(_lies_outside, low))
        yield Finding(
            "target-out-of-range-for-loss",
            severity,
            f"{head.y_name} has values from {number(labels.low)} to {number(labels.high)}{first}, "
            "which "
            f"loss {head.loss_name!r} is not defined for.",
            expected,
            fix,
            {"low": labels.low, "high": labels.high, **evidence},
        )


def _lies_outside(low: float, y: Tensor) -> Tensor:
    return (y < low - _FORGIVEN) | (y > 1 + _FORGIVEN)


def _outside(head: Head, labels: Labels) -> tuple[Severity, str, str] | None:
    if head.facts is None:
        return None
    y, low, high = head.y_name, labels.low, labels.high
    wants_shares = head.facts.labels == "binary" and head.expects != "hinge"
    if wants_shares and (low < -_FORGIVEN or high > 1 + _FORGIVEN):
        fix = 'compile with loss="mse" for a regression.'
        if labels.values is not None and len(labels.values) == 2:
            fix = f"turn the labels into 0 and 1: {y} == {number(high)}."
        elif labels.looks_like_classes:
            fix = (
                f'end in Dense({int(high) + 1}, activation="softmax") and compile with '
                'loss="sparse_categorical_crossentropy".'
            )
        elif low >= 0 and high <= 255 and not labels.is_column:
            fix = f"scale to 0 to 1: {y} / {number(high)}."
        return "error", "labels from 0 to 1.", fix
    is_pairs = head.facts.labels == "binary" and head.expects == "hinge"
    if is_pairs and labels.values is not None and not set(labels.values) <= {-1, 0, 1}:
        severity: Severity = "error" if low < -1 or high > 1 else "warning"
        return severity, "labels -1 and 1, or 0 and 1.", f"turn them: np.where({y} > 0, 1, -1)."
    if head.loss_word == "poisson" and low < 0:
        return "error", "counts: 0 or more.", 'compile with loss="mse".'
    if head.loss_word == "mean_squared_logarithmic_error" and low <= -1:
        return "warning", "values above -1.", 'compile with loss="mse".'
    is_rows = head.facts.labels == "one_hot" and labels.width > 1
    if is_rows and labels.row_sums is not None and not labels.is_multilabel:
        least, most = labels.row_sums
        if low < 0 or least < 1 - _ROUNDING or most > 1 + _ROUNDING:
            return "error", "rows that sum to 1.", f"divide: {y} / {y}.sum(-1, keepdims=True)."
    return None


def wrong_loss_for_task(subject: Subject) -> Iterator[Finding]:
    """A loss made for another kind of answer than the labels give."""
    for head, labels in labelled(subject):
        if head.facts is None:
            continue
        wants = head.facts.labels
        accuracy = any(isinstance(metric, ACCURACIES) for metric in head.metrics)
        is_class_loss = wants in ("classes", "one_hot") and head.expects != "embeddings"
        is_outside = (is_class_loss and not _is_distribution(labels)) or (
            wants == "binary" and _is_far_outside(labels)
        )
        if labels.is_continuous and is_outside:
            yield _continuous(head, labels)
        elif wants != "values" or head.loss_word == "cosine_similarity":
            continue
        elif head.end.activation == "softmax" and (head.end.units or 0) > 1:
            if labels.is_one_hot or labels.looks_like_classes:
                yield softmax_with_values(head, "data")
        elif labels.is_one_hot and (labels.num_classes or 0) > 2:
            yield _distance_of_classes(head, labels)
        elif labels.is_column and labels.looks_like_classes:
            yield from _numbers_for_classes(head, labels, accuracy)


def _is_distribution(labels: Labels) -> bool:
    sums = labels.row_sums
    return sums is not None and labels.low >= 0 and sums[0] > 0.98 and sums[1] < 1.02


def _is_far_outside(labels: Labels) -> bool:
    return labels.low < -_FORGIVEN or labels.high > 1 + _FORGIVEN


def _continuous(head: Head, labels: Labels) -> Finding:
    return Finding(
        "wrong-loss-for-task",
        "error",
        f"{head.y_name} has numbers with fractions from {number(labels.low)} to "
        f"{number(labels.high)}, and loss {head.loss_name!r} is one for classes.",
        "a loss for numbers, and a linear output.",
        f'make {head.end.layer_name!r} linear and compile with loss="mse".',
        {"loss": head.loss_name, "low": labels.low, "high": labels.high},
    )


def _numbers_for_classes(head: Head, labels: Labels, accuracy: bool) -> Iterator[Finding]:
    """A loss for numbers on class numbers: one unit, or one a class."""
    severity: Severity
    classes, units = int(labels.high) + 1, head.end.units or 1
    if classes == 2 and units == 1:
        severity = "warning" if accuracy and head.end.activation in _UNBOUNDED else "hint"
        fix = f'give {head.end.layer_name!r} activation="sigmoid" and compile with '
        fix += 'loss="binary_crossentropy".'
    elif units > 1:
        severity = "error"
        fix = 'compile with loss="sparse_categorical_crossentropy" and softmax at the end.'
    else:
        severity = "warning" if accuracy else "hint"
        fix = f'end in Dense({classes}, activation="softmax") and compile with '
        fix += 'loss="sparse_categorical_crossentropy".'
    yield Finding(
        "wrong-loss-for-task",
        severity,
        f"{head.y_name} looks like {classes} classes, and loss {head.loss_name!r} measures "
        "distances between numbers.",
        "a cross-entropy, unless the numbers are amounts.",
        fix,
        {"loss": head.loss_name, "classes": classes, "units": units},
    )


def _distance_of_classes(head: Head, labels: Labels) -> Finding:
    """A loss for numbers on one-hot rows, the output being no softmax."""
    return Finding(
        "wrong-loss-for-task",
        "warning",
        f"rows of {head.y_name} are one-hot, {labels.width} classes, and loss {head.loss_name!r} "
        f"measures distances between numbers, with {head.end.activation} at the end.",
        "softmax and a cross-entropy, whose gradient does not fade where the answer is wrong.",
        f'give {head.end.layer_name!r} activation="softmax" and compile with '
        'loss="categorical_crossentropy".',
        {"loss": head.loss_name, "classes": labels.num_classes, "units": head.end.units},
    )


def wrong_output_activation(subject: Subject) -> Iterator[Finding]:
    """An activation made for another kind of answer than the labels give."""
    for head, labels in labelled(subject):
        word = head.end.activation
        if head.expects == "values" and word == "softmax" and (head.end.units or 0) > 1:
            if labels.is_continuous and not _is_distribution(labels):
                yield Finding(
                    "wrong-output-activation",
                    "warning",
                    f"output layer {head.end.layer_name!r} shares 1 among its units, and rows of "
                    f"{head.y_name} are free numbers.",
                    "a linear output for numbers.",
                    f"leave the activation of {head.end.layer_name!r} out.",
                    {"activation": word},
                )
        elif word == "sigmoid" and labels.is_one_hot and labels.width > 2 and _is_binary(head):
            yield Finding(
                "wrong-output-activation",
                "hint",
                f"each row of {head.y_name} has exactly one right answer, and the units of "
                f"{head.end.layer_name!r} answer independently.",
                "softmax and a categorical cross-entropy where one answer is right.",
                f'give {head.end.layer_name!r} activation="softmax" and compile with '
                'loss="categorical_crossentropy".',
                {"activation": word},
            )


def _is_binary(head: Head) -> bool:
    return head.facts is not None and head.facts.labels == "binary"


CHECKS = {
    "labels-not-integer": labels_not_integer,
    "label-out-of-range": label_out_of_range,
    "units-vs-classes": units_vs_classes,
    "softmax-on-multilabel": softmax_on_multilabel,
    "target-out-of-range-for-loss": target_out_of_range_for_loss,
    "wrong-loss-for-task": wrong_loss_for_task,
    "wrong-output-activation": wrong_output_activation,
}

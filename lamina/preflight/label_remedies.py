"""Remedies that bring output, loss and labels together."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import metrics
from lamina.preflight.edits import Edits, with_activation, with_units
from lamina.preflight.finding import Finding
from lamina.preflight.labels import Labels
from lamina.preflight.subject import Head, Subject

_OF_A_FORM = (
    metrics.BinaryAccuracy,
    metrics.CategoricalAccuracy,
    metrics.SparseCategoricalAccuracy,
)
"""Accuracies for labels and outputs of one form; the word "accuracy" chooses among them."""


def suit_labels(place: int, head: Head) -> Edits | None:
    """The end and the loss that go with the labels of an output."""
    labels = head.labels
    if labels is None:
        return None
    units, word, loss = _suited(head, labels)
    edits: Edits | None = Edits(f"{word} with {units} units at the end, and loss={loss!r}.")
    if units != head.end.units:
        edits = with_units(edits, head, units)  # type: ignore[arg-type]  # just made
    if edits is not None and word != head.end.activation:
        edits = with_activation(edits, head, word)
    if edits is not None:
        edits.losses[place] = loss
        for metric in head.metrics:
            if isinstance(metric, _OF_A_FORM):
                edits.metrics[metric.name] = "mae" if loss == "mse" else "accuracy"
    return edits


def _suited(head: Head, labels: Labels) -> tuple[int, str, str]:
    """Units, activation and loss."""
    if labels.is_one_hot:
        return labels.width, "softmax", "categorical_crossentropy"
    if labels.is_multilabel:
        return labels.width, "sigmoid", "binary_crossentropy"
    if labels.is_column and labels.looks_like_classes:
        classes = int(labels.high) + 1
        if classes <= 2 and head.end.units == 1:
            return 1, "sigmoid", "binary_crossentropy"
        return max(2, classes), "softmax", "sparse_categorical_crossentropy"
    return labels.width, "linear", "mse"


def _suit(finding: Finding, subject: Subject) -> Edits | None:
    found = _head(finding, subject)
    return None if found is None else suit_labels(*found)


def _head(finding: Finding, subject: Subject) -> tuple[int, Head] | None:
    heads = [(i, head) for i, head in enumerate(subject.heads) if head.labels is not None]
    if len(heads) == 1 and len(subject.heads) == 1:
        return heads[0]
    return next(((i, head) for i, head in heads if head.y_name in finding.problem), None)


def _loss(word: str) -> Callable[[Finding, Subject], Edits | None]:
    def make(finding: Finding, subject: Subject) -> Edits | None:
        found = _head(finding, subject)
        if found is None:
            return None
        return Edits(f"compile(loss={word!r}).", losses={found[0]: word})

    return make


def _for_class_numbers(finding: Finding, subject: Subject) -> Edits | None:
    """A loss for class numbers, or rows where a metric needs them."""
    found = _head(finding, subject)
    if found is None or not found[1].wants_rows:
        return _loss("sparse_categorical_crossentropy")(finding, subject)
    units: Any = found[1].end.units
    is_plain = len(subject.heads) == 1 and subject.training is not None
    if not is_plain or subject.training.is_excerpt:  # type: ignore[union-attr]  # just seen
        return None
    return Edits(
        "y as one-hot rows.",
        y=lambda y: np.eye(units, dtype="float32")[np.asarray(y).astype(int).reshape(-1)],
    )


def _linear(finding: Finding, subject: Subject) -> Edits | None:
    found = _head(finding, subject)
    if found is None:
        return None
    head = found[1]
    return with_activation(Edits(f"a linear output in {head.end.layer_name!r}."), head, "linear")


def _labels_in_range(finding: Finding, subject: Subject) -> Edits | None:
    """Labels from 1 are shifted, those with gaps or below 0 numbered anew; else more units."""
    low, high = int(finding.evidence["low"]), int(finding.evidence["high"])
    found = _head(finding, subject)
    if found is None:
        return None
    _, head = found
    units: Any = head.end.units
    if subject.training is not None and subject.training.is_excerpt and (low < 0 or low == 1):
        return None  # labels of a stream are made where it is made
    if low == 1 and high == units and len(subject.heads) == 1:
        return Edits("y - 1: classes from 0.", y=lambda y: np.asarray(y) - 1)
    if low < 0:
        if len(subject.heads) != 1:
            return None
        count = len(head.labels.values or ())  # type: ignore[union-attr]  # heads with labels
        edits = Edits(
            "classes numbered from 0 in their order.",
            y=lambda y: np.unique(np.asarray(y), return_inverse=True)[1].reshape(np.shape(y)),
        )
        return edits if count <= units else with_units(edits, head, count)
    return with_units(Edits(f"{high + 1} units in {head.end.layer_name!r}."), head, high + 1)


def _units(finding: Finding, subject: Subject) -> Edits | None:
    found = _head(finding, subject)
    if found is None:
        return None
    place, head = found
    labels: Any = head.labels
    if labels.is_one_hot or (labels.is_column and head.facts.labels == "classes"):
        needed = labels.width if labels.is_one_hot else int(labels.high) + 1
        return with_units(Edits(f"{needed} units in {head.end.layer_name!r}."), head, needed)
    if labels.is_column and labels.is_binary and head.end.activation == "softmax":
        return _loss("sparse_categorical_crossentropy")(finding, subject)
    if labels.is_column and labels.is_binary:
        edits = with_units(Edits(f"1 unit with sigmoid in {head.end.layer_name!r}."), head, 1)
        return None if edits is None else with_activation(edits, head, "sigmoid")
    return suit_labels(place, head)


def _same_width(finding: Finding, subject: Subject) -> Edits | None:
    """As many units as the labels have columns, or labels with the axis that the output has."""
    found = _head(finding, subject)
    if found is None:
        return None
    head = found[1]
    labels: Any = head.labels
    if (len(labels.shape), head.end.shape[1:]) == (1, (1,)) and len(subject.heads) == 1:
        return Edits("y with an axis of its own: y[:, None].", y=lambda y: np.asarray(y)[:, None])
    if len(labels.shape) > len(head.end.shape) or labels.width == head.end.units:
        return None
    says = f"{labels.width} units in {head.end.layer_name!r}."
    return with_units(Edits(says), head, labels.width)


def _targets_in_range(finding: Finding, subject: Subject) -> Edits | None:
    """Two values become 0 and 1, bytes shares; what is no class gets a loss for numbers."""
    found = _head(finding, subject)
    if found is None or len(subject.heads) != 1:
        return None
    place, head = found
    labels: Any = head.labels
    low, high = labels.low, labels.high
    if head.facts.labels == "one_hot" and labels.width > 1 and low >= 0:
        return Edits(
            "rows of y divided by their sum.",
            y=lambda y: np.asarray(y) / np.asarray(y).sum(-1, keepdims=True),
        )
    if head.expects == "hinge":
        return Edits("y above 0 is 1, else -1.", y=lambda y: np.where(np.asarray(y) > 0, 1, -1))
    if labels.values is not None and len(labels.values) == 2:
        return Edits(
            f"labels {low:g} and {high:g} as 0 and 1.",
            y=lambda y: (np.asarray(y) == high).astype("float32"),
        )
    if not labels.looks_like_classes and low >= 0 and high <= 255 and not labels.is_column:
        return Edits(f"y / {high:g}.", y=lambda y: np.asarray(y) / np.float32(high))
    return suit_labels(place, head)


def _loss_for_sign(finding: Finding, subject: Subject) -> Edits | None:
    found = _head(finding, subject)
    head = None if found is None else found[1]
    if head is not None and head.loss_word in ("poisson", "mean_squared_logarithmic_error"):
        return _loss("mse")(finding, subject)
    return _targets_in_range(finding, subject)


REMEDIES: dict[str, Callable[[Finding, Subject], Edits | None]] = {
    "softmax-one-unit": _suit,
    "wrong-loss-for-task": _suit,
    "wrong-output-activation": _suit,
    "labels-not-integer": _suit,
    "softmax-on-multilabel": _suit,
    "int-labels-categorical": _for_class_numbers,
    "onehot-labels-sparse": _loss("categorical_crossentropy"),
    "label-out-of-range": _labels_in_range,
    "units-vs-classes": _units,
    "output-range-mismatch": _linear,
    "target-shape-broadcast": _same_width,
    "output-shape-mismatch": _same_width,
    "target-out-of-range-for-loss": _loss_for_sign,
}

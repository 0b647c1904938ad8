"""Checks of model, loss, metrics and optimizer together."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina import metrics
from lamina.optimizers import rate as rates
from lamina.preflight import kinds
from lamina.preflight.finding import Finding
from lamina.preflight.outputs import UNKNOWN
from lamina.preflight.pace import kind_of, plain
from lamina.preflight.subject import Head, Subject
from lamina.preflight.suiting import suiting_end
from lamina.preflight.wording import number

ACCURACIES = (
    metrics.Accuracy,
    metrics.BinaryAccuracy,
    metrics.CategoricalAccuracy,
    metrics.SparseCategoricalAccuracy,
    metrics.TopKCategoricalAccuracy,
    metrics.SparseTopKCategoricalAccuracy,
)
_SCORES_OF_CLASSES = (*ACCURACIES, metrics.Precision, metrics.Recall, metrics.AUC)
_STEADY = {"adam", "adamw", "nadam", "adamax", "rmsprop", "lion", "lamb", "muon"}
_USUAL_BATCH = 32
_SAMPLED_UPDATES = (1, 2, 10, 100, 1000, 10_000)


def missing_output_activation(subject: Subject) -> Iterator[Finding]:
    """A linear output whose loss takes probabilities."""
    for head in subject.heads:
        if head.expects not in ("probabilities", "distribution"):
            continue
        if head.end.activation != "linear" or _shares_among_one(head):
            continue
        word = "sigmoid" if head.expects == "probabilities" else "softmax"
        yield Finding(
            "missing-output-activation",
            "warning",
            f"output layer {head.end.layer_name!r} is linear, and loss {head.loss_name!r} takes "
            "its results for probabilities.",
            f"{word} on the output layer, or from_logits=True in the loss.",
            f'give {head.end.layer_name!r} activation="{word}".',
            {"loss": head.loss_word, "activation": "linear", "units": head.end.units},
            "compile",
        )


def double_softmax(subject: Subject) -> Iterator[Finding]:
    """Probabilities handed to a loss that makes them itself."""
    for head in subject.heads:
        if head.expects != "logits" or head.end.activation not in ("softmax", "sigmoid"):
            continue
        yield Finding(
            "double-softmax",
            "warning",
            f"output layer {head.end.layer_name!r} ends in {head.end.activation}, and "
            f"loss {head.loss_name!r} with from_logits=True applies it again.",
            "probabilities with from_logits=False, or a linear output with from_logits=True.",
            "leave from_logits=True out of the loss.",
            {"loss": head.loss_word, "activation": head.end.activation},
            "compile",
        )


def loss_activation_mismatch(subject: Subject) -> Iterator[Finding]:
    """A last activation that does not give what the loss takes."""
    for head in subject.heads:
        found = None if head.end.activation == UNKNOWN else _mismatch(head)
        if found is None:
            continue
        severity, what, expected, fix = found
        yield Finding(
            "loss-activation-mismatch",
            severity,
            f"output layer {head.end.layer_name!r} ends in {head.end.activation}, {what}.",
            expected,
            fix,
            {
                "loss": head.loss_name,
                "activation": head.end.activation,
                "units": head.end.units,
            },
            "compile",
        )


def _mismatch(head: Head) -> tuple[Any, str, str, str] | None:
    """Severity, what is wrong, the rule and the fix; `None` where all is well."""
    word, loss, end = head.end.activation, head.loss_name, head.end
    layer = repr(end.layer_name)
    if head.expects == "probabilities" and word not in _PROBABILITIES | {"linear"}:
        what = f"whose results are no probabilities, and loss {loss!r} takes them for such"
        return "warning", what, "sigmoid on the output layer.", _use(layer, "sigmoid")
    if head.expects == "probabilities" and word == "softmax" and (end.units or 0) > 1:
        return _softmax_under_binary(head)
    if _shares_among_one(head):
        what = f"one unit, and loss {loss!r} shares probability 1 among the units: it is always 0"
        if word == "softmax":
            return None  # said by softmax-one-unit
        fix = suiting_end(end.layer_name, head.labels)
        return "error", what, "one unit for each class, or a binary loss.", fix
    if head.expects == "distribution" and word not in ("softmax", "linear"):
        what = f"and loss {loss!r} wants probabilities that sum to 1"
        return "warning", what, "softmax on the output layer.", _use(layer, "softmax")
    if head.expects == "logits" and word not in ("linear", "softmax", "sigmoid"):
        what = f"and loss {loss!r} with from_logits=True wants scores of any sign and size"
        return "warning", what, "a linear output layer.", f"leave the activation of {layer} out."
    if head.expects == "positive" and (end.bounds[0] is None or end.bounds[0] < 0):
        what = f"which can fall below 0, where loss {loss!r} is not defined"
        severity = "warning" if head.loss_word == "poisson" else "hint"
        return severity, what, "an output that is never negative.", _use(layer, "softplus")
    if head.expects == "hinge" and word in ("sigmoid", "softmax", "relu"):
        what = f"and loss {loss!r} wants scores on both sides of 0"
        return "warning", what, "a linear output, or tanh.", _use(layer, "tanh")
    return None


def _shares_among_one(head: Head) -> bool:
    """Whether a loss for several classes, made here or elsewhere, meets a single unit."""
    is_shared = head.facts is not None and head.facts.labels in ("classes", "one_hot")
    return is_shared and head.expects in ("distribution", "logits") and head.end.units == 1


_PROBABILITIES = {"sigmoid", "hard_sigmoid", "hardsigmoid", "softmax"}


def _use(layer: str, word: str) -> str:
    return f'give {layer} activation="{word}".'


def _softmax_under_binary(head: Head) -> tuple[Any, str, str, str] | None:
    labels = head.labels
    if labels is not None and labels.is_multilabel:
        return None  # said by softmax-on-multilabel
    few = head.end.units == 2
    what = (
        f"and loss {head.loss_name!r} asks each of its {head.end.units} units a yes-or-no question"
    )
    name = "categorical_crossentropy"
    if labels is not None and labels.is_column:
        name = "sparse_categorical_crossentropy"
    expected = "a categorical cross-entropy with softmax, or a binary one with sigmoid."
    return "hint" if few else "warning", what, expected, f'compile with loss="{name}".'


def wrong_loss_without_labels(subject: Subject) -> Iterator[Finding]:
    """A loss for numbers on a softmax output, where labels are not at hand."""
    for head in subject.heads:
        is_known = head.expects == "values" and head.labels is None
        if is_known and head.end.activation == "softmax" and (head.end.units or 0) > 1:
            yield softmax_with_values(head, "compile")


def softmax_with_values(head: Head, stage: Any) -> Finding:
    """The finding for a softmax output under a loss for numbers."""
    column = head.labels is not None and head.labels.is_column
    name = "sparse_categorical_crossentropy" if column else "categorical_crossentropy"
    return Finding(
        "wrong-loss-for-task",
        "warning",
        f"output layer {head.end.layer_name!r} gives probabilities of {head.end.units} classes, "
        f"and loss {head.loss_name!r} is one for numbers.",
        "a cross-entropy for classes; its gradient does not fade where the answer is wrong.",
        f'compile with loss="{name}".',
        {"loss": head.loss_name, "activation": "softmax", "units": head.end.units},
        stage,
    )


def lr_invalid(subject: Subject) -> Iterator[Finding]:
    """A learning rate, or schedule, that is no positive finite number."""
    values = _rates(subject)
    if values is None:
        return
    bad = values[~(values.isfinite() & (values >= 0))]
    if not len(bad) and bool((values > 0).any()):
        return
    shown = number(float(bad[0])) if len(bad) and bool(bad[0].isfinite()) else "0"
    shown = str(float(bad[0])) if len(bad) and not bool(bad[0].isfinite()) else shown
    kind = kind_of(subject.optimizer)
    first = _SAMPLED_UPDATES[int((~(values.isfinite() & (values >= 0))).long().argmax())]
    when = f" at update {first:,}" if first > 1 and len(bad) else ""
    yield Finding(
        "lr-invalid",
        "error",
        f"the learning rate of {subject.optimizer.name!r} is {shown}{when}.",
        "a positive finite number, or a schedule of such.",
        f"make the optimizer with a rate above 0: {kind}(learning_rate=0.001).",
        {"rates": values.tolist(), "updates": list(_SAMPLED_UPDATES)},
        "compile",
    )


def lr_far_off(subject: Subject) -> Iterator[Finding]:
    """A learning rate far outside of what the optimizer is used with."""
    values = _rates(subject)
    if values is None or not bool((values.isfinite() & (values >= 0)).all()):
        return
    high = float(values.max())
    name = kind_of(subject.optimizer)
    is_steady = name.lower() in _STEADY
    if high >= (0.1 if is_steady else 5.0):
        yield Finding(
            "lr-too-high",
            "warning" if high >= (0.5 if is_steady else 10.0) else "hint",
            f"{name} has a learning rate of {number(high)}"
            + (", so each weight moves by about that much in each step." if is_steady else "."),
            "about 0.001 for Adam and its kin, 0.01 to 0.1 for SGD.",
            f"make the optimizer with learning_rate={0.001 if is_steady else 0.01}.",
            {"learning_rate": high},
            "compile",
        )
    if 0 < high < (5e-5 if is_steady else 2e-4):
        yield Finding(
            "lr-too-low",
            "warning" if high < 1e-6 else "hint",
            f"{name} has a learning rate of {number(high)}, so weights move slowly.",
            "about 0.001 for Adam and its kin, 0.01 to 0.1 for SGD.",
            f"make the optimizer with learning_rate={0.001 if is_steady else 0.01}.",
            {"learning_rate": high},
            "compile",
        )


def _rates(subject: Subject) -> Tensor | None:
    """The learning rates of the first updates and some later ones."""
    held = getattr(plain(subject.optimizer), "_rate", None)
    if held is None:
        return None
    return rates.at(held, torch.tensor(_SAMPLED_UPDATES, dtype=torch.float64))


def metric_mismatch(subject: Subject) -> Iterator[Finding]:
    """A metric that counts right answers where there are none to count, or of another form."""
    for head in subject.heads:
        for metric in head.metrics:
            problem = _metric_problem(head, metric)
            if problem is None:
                continue
            severity, text, expected, fix = problem
            evidence = {"metric": metric.name, "loss": head.loss_name}
            yield Finding("metric-mismatch", severity, text, expected, fix, evidence, "compile")


def _metric_problem(head: Head, metric: Any) -> tuple[Any, str, str, str] | None:
    labels, name = head.labels, getattr(metric, "name", "")
    if labels is None or not isinstance(metric, _SCORES_OF_CLASSES):
        return None
    if labels.is_continuous and head.facts is not None and head.facts.labels == "values":
        text = f"metric {name!r} counts right answers, and {head.y_name} holds numbers such as "
        text += f"{number(labels.low)} and {number(labels.high)}."
        return "warning", text, "a metric for numbers.", 'compile with metrics=["mae"].'
    if type(metric) is metrics.Accuracy and head.end.activation in (
        "softmax",
        "sigmoid",
    ):
        text = "metric Accuracy() counts outputs that equal the label to the last bit, and the "
        text += f"outputs are {head.end.activation} values."
        return "warning", text, "an accuracy for probabilities.", 'use metrics=["accuracy"].'
    is_apart = isinstance(metric, metrics.BinaryAccuracy) and labels.is_one_hot
    if is_apart and labels.width == head.end.units and labels.width > 2:
        text = f"metric {name!r} judges each of {labels.width} classes alone, so zeros count as "
        text += "right answers."
        fix = 'use metrics=["categorical_accuracy"].'
        if head.facts is not None and head.facts.labels == "binary":
            fix = 'compile with loss="categorical_crossentropy" and metrics=["accuracy"].'
        return "warning", text, "categorical accuracy for classes.", fix
    return None


def batchnorm_tiny_batch(subject: Subject) -> Iterator[Finding]:
    """Batch statistics of a single row."""
    training = subject.training
    if training is None or training.is_excerpt:
        return
    calls = [
        call
        for call in subject.structure.calls
        if kinds.is_a(call.module, *kinds.BATCH_NORMS)
        and any(weight.requires_grad for weight in call.module.parameters())
    ]
    if not calls:
        return
    call = calls[0]
    is_flat = len(call.in_shape) == 2
    size, rest = subject.batch_size, training.num_rows % subject.batch_size
    if size != 1 and not (rest == 1 and is_flat and training.num_rows > 1):
        return
    where = "each batch has" if size == 1 else "the last batch of an epoch has"
    result = ", so its result is the same for every row" if is_flat else ""
    better = 32 if size == 1 else size + 1
    yield Finding(
        "batchnorm-tiny-batch",
        "warning" if size == 1 and is_flat else "hint",
        f"{call.name!r} normalizes over the batch, and {where} one row{result}.",
        "batches of 16 rows or more.",
        f"pass batch_size={better} to fit().",
        {"batch_size": size, "rows": training.num_rows},
        "compile",
    )


def batch_size(subject: Subject) -> Iterator[Finding]:
    """Batches that leave an epoch with hardly an update, or with a noisy one for each row."""
    training = subject.training
    if training is None or training.is_excerpt:
        return
    count, size = training.num_rows, subject.batch_size
    epochs = subject.options.get("epochs", 1)
    updates = math.ceil(count / size) * epochs
    if size > _USUAL_BATCH and 2 * size > count and updates < 100:
        yield Finding(
            "too-large-batch",
            "hint",
            f"batch_size={size} of {count:,} rows makes {updates} updates in all.",
            "some hundred updates or more.",
            "pass batch_size=32 to fit().",
            {"updates": updates},
            "compile",
        )
    if size < 4 and count > 2000:
        yield Finding(
            "tiny-batch",
            "hint",
            f"batch_size={size} makes {math.ceil(count / size):,} noisy updates an epoch.",
            "batches of 16 rows or more.",
            "pass batch_size=32 to fit().",
            {"batch_size": size},
            "compile",
        )


CHECKS = {
    "missing-output-activation": missing_output_activation,
    "double-softmax": double_softmax,
    "loss-activation-mismatch": loss_activation_mismatch,
    "wrong-loss-for-task": wrong_loss_without_labels,
    "lr-invalid": lr_invalid,
    "lr-too-high": lr_far_off,
    "metric-mismatch": metric_mismatch,
    "batchnorm-tiny-batch": batchnorm_tiny_batch,
    "tiny-batch": batch_size,
}

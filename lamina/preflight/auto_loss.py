"""Chooses the loss from the labels and the last activation, and says why."""

from lamina import losses
from lamina.core.errors import ArgumentError
from lamina.losses.base import Loss
from lamina.preflight.labels import Labels
from lamina.preflight.outputs import OutputEnd


def choose_loss(end: OutputEnd, labels: Labels) -> tuple[Loss, str]:
    """The loss for an output and its labels, with one sentence about the choice.

    Args:
        end: What the model ends in.
        labels: The labels seen in `fit`.

    Raises:
        ArgumentError: No loss goes with both.
    """
    units, is_linear = end.units or 1, end.activation == "linear"
    kind = _kind(units, labels)
    if kind == "numbers" and end.activation in ("softmax", "sigmoid") and not _is_share(labels):
        raise ArgumentError(
            f'loss="auto": {labels.name} holds numbers, and output layer {end.layer_name!r} ends '
            f"in {end.activation}.",
            expected="a linear output for numbers.",
            fix=f"leave the activation of {end.layer_name!r} out.",
        )
    if kind == "numbers":
        return losses.MeanSquaredError(), f"{labels.name} holds numbers: mean squared error."
    made = {
        "yes or no": losses.BinaryCrossentropy,
        "class numbers": losses.SparseCategoricalCrossentropy,
        "one-hot rows": losses.CategoricalCrossentropy,
        "several answers": losses.BinaryCrossentropy,
    }[kind]
    logits = ", from scores" if is_linear else ""
    name = made.__name__
    return made(from_logits=is_linear), f"{labels.name} holds {kind}: {name}{logits}."


def _kind(units: int, labels: Labels) -> str:
    if labels.is_one_hot and units > 1:
        return "one-hot rows"
    if labels.is_multilabel:
        return "several answers"
    if labels.is_column and units == 1 and labels.is_binary:
        return "yes or no"
    if labels.is_column and units > 1 and labels.is_whole and labels.low >= 0:
        return "class numbers"
    return "numbers"


def _is_share(labels: Labels) -> bool:
    return labels.low >= 0 and labels.high <= 1

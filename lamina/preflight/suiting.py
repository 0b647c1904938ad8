"""What to type at the end of a model so that it suits the labels."""

from lamina.preflight.labels import Labels
from lamina.preflight.subject import Head


def suiting_end(layer: str, labels: Labels | None) -> str:
    """The last activation and the loss for labels, as an instruction.

    Args:
        layer: What messages call the last layer.
        labels: The labels; yes or no is assumed where they are not at hand.
    """
    if labels is not None and labels.is_one_hot and labels.width > 1:
        return _several(labels.width, "categorical_crossentropy")
    if labels is None or labels.is_binary or labels.is_multilabel:
        return f'give {layer!r} activation="sigmoid" and compile with loss="binary_crossentropy".'
    if labels.looks_like_classes and labels.low >= 0:
        return _several(int(labels.high) + 1, "sparse_categorical_crossentropy")
    return f'leave the activation of {layer!r} out and compile with loss="mse".'


def _several(classes: int, loss: str) -> str:
    return f'end in Dense({classes}, activation="softmax") and compile with loss="{loss}".'


def head_of(heads: list[Head], layer: str) -> Head | None:
    """The output that ends in a layer."""
    return next((head for head in heads if head.end.layer_name == layer), None)

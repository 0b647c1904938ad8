"""The outputs of a model as answers: probabilities of classes, or one number an example."""

from typing import Any

import numpy as np

from lamina.core.errors import ShapeError
from lamina.data.dataset import Inputs, Schema

_SUM_TOLERANCE = 1e-2  # half precision is off by a few thousandths
_PICTURES_AT_ONCE, _ROWS_AT_ONCE = 256, 1_024


def predict(model: Any, x: Inputs, schema: Schema) -> np.ndarray:
    """What a model answers to some examples.

    Outputs that are no probabilities (logits) become some: by a softmax, or by a sigmoid where
    there is one output for two classes.

    Args:
        model: A built model.
        x: The examples.
        schema: What is predicted.

    Returns:
        Probabilities (n, classes) or numbers (n,), float32.

    Raises:
        ShapeError: The model has other outputs than the classes or the number asked for.
    """
    is_wide = not isinstance(x, dict) and x.ndim > 2
    batch_size = _PICTURES_AT_ONCE if is_wide else _ROWS_AT_ONCE
    outputs = model.predict(x, batch_size=batch_size, verbose=0, nan="allow")
    if not isinstance(outputs, np.ndarray):
        raise _unfit(model, f"{len(outputs)} outputs", schema)
    outputs = np.asarray(outputs, dtype=np.float32)
    if schema.task == "regression":
        if outputs.size != len(outputs):
            raise _unfit(model, f"outputs of shape {outputs.shape}", schema)
        return outputs.reshape(-1)
    return as_probabilities(_two_dimensional(model, outputs, schema))


def _two_dimensional(model: Any, outputs: np.ndarray, schema: Schema) -> np.ndarray:
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    wanted = {schema.num_classes, 1} if schema.num_classes == 2 else {schema.num_classes}
    if outputs.ndim != 2 or outputs.shape[1] not in wanted:
        raise _unfit(model, f"outputs of shape {outputs.shape}", schema)
    return outputs


def as_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Outputs (n, classes) or (n, 1) as probabilities (n, classes); NaN becomes 0."""
    outputs = np.nan_to_num(outputs, nan=0.0)
    is_share = bool(((outputs >= 0) & (outputs <= 1)).all())
    if outputs.shape[1] == 1:
        second = outputs if is_share else 1 / (1 + np.exp(-outputs.astype(np.float64)))
        return np.concatenate([1 - second, second], axis=1).astype(np.float32)
    sums = outputs.sum(axis=1)
    if is_share and bool((np.abs(sums - 1) < _SUM_TOLERANCE).all()):
        return outputs
    powers = np.exp((outputs - outputs.max(axis=1, keepdims=True)).astype(np.float64))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def _unfit(model: Any, what: str, schema: Schema) -> ShapeError:
    wanted = "one number" if schema.task == "regression" else f"{schema.num_classes} classes"
    return ShapeError(
        f"model '{getattr(model, 'name', 'model')}' gives {what}; the data has {wanted}.",
        expected="one output of shape (batch, classes), or (batch, 1) for a number.",
        fix="let the last layer be Dense(classes) or Dense(1).",
    )

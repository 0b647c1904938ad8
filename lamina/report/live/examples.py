"""A few labelled examples with what the model says of them, as plain data for the page."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lamina.core import trees
from lamina.core.errors import LaminaError

MOST = 8
_MOST_VALUES = 12
_MOST_PIXELS = 96
_SMALLEST_SIDE = 6


class Examples:
    """Examples of the validation, asked of the model again and again.

    Args:
        x: Inputs of a few examples, nested as the model takes them.
        y: Their labels: class numbers, one-hot rows or numbers.
        class_names: Names of the classes, by number.
        column_names: Names of the columns of a table.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        class_names: Sequence[str] = (),
        column_names: Sequence[str] | None = None,
    ) -> None:
        self._x = trees.transform(lambda leaf: leaf[:MOST], x)
        self._y = _array(y)[:MOST]
        self._class_names = [str(name) for name in class_names]
        self._shown = _shown_inputs(self._x, column_names)

    def asked_of(self, model: Any) -> list[dict[str, Any]]:
        """What the page shows of each example; empty where the model's answers are too many."""
        try:
            answers = model.predict(self._x, verbose=0)
        except LaminaError:  # the model takes something else than what was kept
            return []
        if not isinstance(answers, np.ndarray) or answers.ndim > 2:
            return []
        answers = answers.reshape(len(answers), -1).astype(np.float64)
        told = _told(model, answers, self._y, self._class_names)
        return [{**shown, **said} for shown, said in zip(self._shown, told, strict=True)]


def _told(model: Any, answers: np.ndarray, y: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    """Label and answer in words, and whether they agree; agreement is unknown for numbers."""
    chances = _probabilities(model, answers)
    labels = _class_numbers(y, 2 if answers.shape[1] == 1 else answers.shape[1])
    if chances is None or labels is None:
        return [
            {"label": _numbers(row), "answer": _numbers(said), "right": None}
            for row, said in zip(y.reshape(len(y), -1), answers, strict=True)
        ]
    chosen = chances.argmax(1)
    return [
        {
            "label": _name(label, names),
            "answer": _name(choice, names),
            "chance": round(float(row[choice]), 4),
            "right": bool(choice == label),
        }
        for label, choice, row in zip(labels, chosen, chances, strict=True)
    ]


def _probabilities(model: Any, answers: np.ndarray) -> np.ndarray | None:
    """One probability a class, or `None` where the answers are numbers."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    if "crossentropy" not in str(name) and name not in ("auto", "ce", "bce"):
        return None
    values = torch.as_tensor(answers)
    if getattr(loss, "from_logits", False):
        values = values.sigmoid() if values.shape[1] == 1 else values.softmax(1)
    if values.shape[1] == 1:
        values = torch.cat([1 - values, values], 1)
    return np.nan_to_num(values.numpy(), nan=0.0)


def _class_numbers(y: np.ndarray, num_classes: int) -> np.ndarray | None:
    if y.ndim == 2 and y.shape[1] == num_classes and num_classes > 1:
        return y.argmax(1)
    flat = y.reshape(len(y), -1)
    if flat.shape[1] != 1 or (flat != np.round(flat)).any():
        return None
    return flat[:, 0].astype(np.int64)


def _name(number: int, names: list[str]) -> str:
    return names[number] if 0 <= number < len(names) else f"class {number}"


def _numbers(row: np.ndarray) -> str:
    return ", ".join(f"{value:.4g}" for value in row[:3]) + (" ..." if len(row) > 3 else "")


# -- inputs ---------------------------------------------------------------------------------------


def _shown_inputs(x: Any, column_names: Sequence[str] | None) -> list[dict[str, Any]]:
    """One entry an example: "picture", an address with the data in it, or "values", a table."""
    if isinstance(x, dict):
        columns = {str(name): _array(value) for name, value in x.items()}
    else:
        leaves = trees.leaves(x)
        first = _array(leaves[0])
        if len(leaves) == 1 and _is_picture(first):
            return [{"picture": _as_png(picture, first)} for picture in first]
        flat = first.reshape(len(first), -1)
        names = list(column_names or [f"x{i}" for i in range(flat.shape[1])])
        columns = dict(zip(names, flat.T, strict=False))
    chosen = list(columns.items())[:_MOST_VALUES]
    count = len(next(iter(columns.values())))
    return [
        {"values": [[name, _cell(column[row])] for name, column in chosen]} for row in range(count)
    ]


def _cell(value: Any) -> str:
    if np.ndim(value):
        return f"{np.shape(value)}"
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)[:40]


def _is_picture(x: np.ndarray) -> bool:
    if x.dtype.kind not in "uif" or x.ndim not in (3, 4) or min(x.shape[1:3]) < _SMALLEST_SIDE:
        return False
    return x.ndim == 3 or x.shape[3] in (1, 3, 4)


def _as_png(picture: np.ndarray, all_of_them: np.ndarray) -> str:
    from PIL import Image  # noqa: PLC0415 (slow to import)

    step = -(-max(picture.shape[:2]) // _MOST_PIXELS)
    small = picture[::step, ::step]
    if small.dtype != np.uint8:
        low, high = _range_of(all_of_them)
        small = ((small - low) / (high - low) * 255).round().clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(small[..., 0] if small.ndim == 3 and small.shape[2] == 1 else small).save(
        file, "PNG"
    )
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _range_of(x: np.ndarray) -> tuple[float, float]:
    """Values of black and white: 0 to 1 or 0 to 255 where they fit, else the extremes."""
    low, high = float(x.min()), float(x.max())
    if low >= 0:
        return 0.0, 1.0 if high <= 1 else max(255.0, high)
    return low, max(high, low + 1e-9)


def _array(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)

"""The pictures a recipe learns from, and those it is watched on."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lamina.core import checks
from lamina.core.errors import DataError
from lamina.data import to_arrays, to_categorical, train_validation_split
from lamina.data.dataset import Dataset


@dataclass(frozen=True)
class Examples:
    """Pictures with their classes, divided into those to learn from and those to watch.

    Args:
        x: Pictures to learn from, (n, height, width, channels), uint8 as a rule.
        y: Their classes, one-hot, (n, classes), float32.
        held_x: Pictures that are kept back; none of them is learned from.
        held_y: Their classes as numbers, (m,).
    """

    x: np.ndarray
    y: np.ndarray
    held_x: np.ndarray
    held_y: np.ndarray

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return self.y.shape[1]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one picture: height, width, channels."""
        return self.x.shape[1:]

    @classmethod
    def of(cls, data: Any, *, validation: float = 0.0, seed: int = 0) -> Self:
        """Takes the training part of a data set, or a pair (x, y), and divides it.

        Args:
            data: A `Dataset`, whose test part is never looked at, or pictures and class numbers.
            validation: Share kept back, with all classes in proportion; a `Dataset` that has a
                validation part of its own keeps back that one.
            seed: Chooses the pictures that are kept back.

        Raises:
            ArgumentError: `validation` is not from 0 to 1.
            DataError: The examples are no pictures, or have no classes.
        """
        checks.number("Examples.of", "validation", validation, low=0.0, high=0.9, example=0.1)
        own = data.validation if isinstance(data, Dataset) else None
        x, y = _pictures(data.train.x, data.train.y) if isinstance(data, Dataset) else _pair(data)
        num_classes = data.schema.num_classes if isinstance(data, Dataset) else int(y.max()) + 1
        if own is not None:
            held_x, held_y = _pictures(own.x, own.y)
        elif validation:
            x, held_x, y, held_y = _divided(x, y, validation, seed)
        else:
            held_x, held_y = x[:0], y[:0]
        return cls(x, to_categorical(y, num_classes).astype(np.float32), held_x, held_y)


def _pair(data: Any) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise DataError(
            f"a recipe received {type(data).__name__} as its data.",
            expected="a Dataset, or a pair of arrays (x, y).",
            fix='pass lamina.data.load("cifar10"), or (train_x, train_y).',
        )
    return _pictures(*data)


def _pictures(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x), np.asarray(y).reshape(-1)
    x = x[..., None] if x.ndim == 3 else x
    if x.ndim != 4 or len(x) != len(y) or y.dtype.kind not in "iu":
        raise DataError(
            f"a recipe received x of shape {x.shape} and y of shape {y.shape}, {y.dtype}.",
            expected="pictures (n, height, width, channels) and n class numbers.",
            fix="pass pictures of one size with whole numbers from 0 as labels.",
        )
    return x, y


def _divided(x: np.ndarray, y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, ...]:
    parts = train_validation_split(to_arrays(x, y), share, seed=seed)
    kept, held = (rows.numpy() for rows in parts)
    return x[kept], x[held], y[kept], y[held]

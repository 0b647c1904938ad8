"""What a preset needs to know of the training data, learned from the training part alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lamina.data.dataset import Dataset
from lamina.data.tables import inputs_of

MOST_WORDS = 1_000
_FEW_ROWS = 200


@dataclass(frozen=True)
class InputFacts:
    """One input of a model for a table.

    Args:
        name: Name of the input.
        columns: What its features are called; a category has one.
        has_gaps: Whether numbers are missing.
        words: The categories that the model is to know, the most frequent first; `None` for
            numbers.
    """

    name: str
    columns: tuple[str, ...]
    has_gaps: bool = False
    words: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DataFacts:
    """What a preset needs to know of the training data.

    Args:
        name: What messages call the data.
        input_shape: Shape of one example; empty where the inputs are those of a table.
        num_examples: Examples in the training part.
        num_classes: Number of classes; 0 for regression.
        value_range: Lowest and highest input, where they are fixed; otherwise the model learns
            mean and variance of each feature in `fit`.
        label_mean: Mean of the labels of the training part, for regression.
        label_deviation: Their standard deviation, above 0.
        inputs: The inputs of a table.
    """

    name: str
    input_shape: tuple[int, ...]
    num_examples: int
    num_classes: int = 0
    value_range: tuple[float, float] | None = None
    label_mean: float = 0.0
    label_deviation: float = 1.0
    inputs: tuple[InputFacts, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether the inputs are those of a table, by name."""
        return bool(self.inputs)

    @property
    def picture_shape(self) -> tuple[int, int, int] | None:
        """Height, width and channels where one example can be a picture."""
        shape = self.input_shape
        if len(shape) == 2:
            return (shape[0], shape[1], 1)
        return (shape[0], shape[1], shape[2]) if len(shape) == 3 else None

    @property
    def num_features(self) -> int:
        """Numbers in one example, each category counted as one."""
        if self.is_table:
            return sum(len(entry.columns) for entry in self.inputs)
        return int(np.prod(self.input_shape, dtype=np.int64))


def facts_of(dataset: Dataset) -> DataFacts:
    """Looks at the training part of a divided data set.

    Args:
        dataset: With its validation part apart.
    """
    train, schema = dataset.train, dataset.schema
    mean, deviation = 0.0, 1.0
    if schema.task == "regression" and train.y is not None:
        values = train.y.astype(np.float64)
        mean, deviation = float(values.mean()), float(values.std()) or 1.0
    is_table = isinstance(train.x, dict)
    return DataFacts(
        name=dataset.name.replace("_", "-"),
        input_shape=() if isinstance(train.x, dict) else tuple(train.x.shape[1:]),
        num_examples=train.num_examples,
        num_classes=schema.num_classes,
        value_range=schema.value_range,
        label_mean=mean,
        label_deviation=deviation,
        inputs=_inputs(dataset) if is_table else (),
    )


def _inputs(dataset: Dataset) -> tuple[InputFacts, ...]:
    arrays = dict(dataset.train.x) if isinstance(dataset.train.x, dict) else {}
    columns = {entry.name: entry.columns for entry in inputs_of(dataset.schema)}
    found = []
    for name, values in arrays.items():
        if values.dtype.kind in "USO":
            words = known_words(values.reshape(-1).tolist())
            found.append(InputFacts(name, columns.get(name, (name,)), words=words))
        else:
            width = values.reshape(len(values), -1).shape[1]
            own = columns.get(name) or tuple(f"{name} {place + 1}" for place in range(width))
            found.append(InputFacts(name, own, has_gaps=bool(np.isnan(values).any())))
    return tuple(found)


def known_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words that a model learns about: those frequent enough, and not too many.

    A word that occurs once among hundreds teaches the model nothing but its row; it is treated
    as an unknown word, so that unknown words have been seen in training too.

    Args:
        words: The words of the training part.

    Example:
        >>> known_words(["b", "a", "b"])
        ('b', 'a')
    """
    least = 1 if len(words) < _FEW_ROWS else 2 + len(words) // 20_000
    counts = Counter(words)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    frequent = [word for word in ordered if counts[word] >= least]
    return tuple((frequent or ordered[:1])[:MOST_WORDS])

"""What is known of a test, as plain data; `evidence` fills it, `storing` keeps it on the disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lamina.data.dataset import Schema


@dataclass(frozen=True)
class Sample:
    """One example that is shown.

    Args:
        id: Its file, or the number of its row.
        part: "train" or "test".
        label: Its class or number.
        picture: Its place among the kept pictures; `None` for a row.
        cells: Its values, in the order of the columns; empty for a picture.
    """

    id: str
    part: str
    label: float
    picture: int | None = None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importance:
    """What shuffling one column costs.

    Args:
        name: The column.
        mean: Fall of the accuracy (classification) or of R² (regression), mean over the repeats.
        spread: Standard deviation over the repeats.
        loss: Rise of the log loss, or of the mean squared error; tells equal falls apart.
    """

    name: str
    mean: float
    spread: float
    loss: float


@dataclass(frozen=True)
class Mistake:
    """A test example that was answered badly.

    Args:
        sample: The example.
        row: Its place in the test part.
        answer: The class or number that the model gave.
        confidence: Probability of that class; NaN for a number.
    """

    sample: Sample
    row: int
    answer: float
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """What was seen on the test part, as plain data and arrays of numbers.

    Args:
        schema: How an example is read.
        ids: What each test example is called.
        y: Class numbers or numbers of the test part; `None` where unknown.
        predicted: Probabilities (n, classes), or numbers (n,).
        sizes: Number of examples of each part.
        class_counts: Examples of each class, by part; empty for regression.
        label_edges: Borders of the bars of a histogram of the labels, for regression.
        label_counts: Heights of those bars, by part.
        constant: The class most frequent in training, or the mean of the training labels.
        features: Names of the columns that `cells` of a sample follow.
        examples: A few training examples.
        mistakes: The worst answers of the test part, the worst first.
        importance: What shuffling each column costs, the most important first.
        overlap: Test examples that also are training examples; -1 where not looked.
        repeats: Test examples that equal an earlier test example.
        pictures: (pictures, height, width, channels), uint8, which samples refer to.
        saliency: (mistakes, height, width), uint8.
    """

    schema: Schema
    ids: Sequence[str]
    y: np.ndarray | None
    predicted: np.ndarray
    sizes: dict[str, int]
    class_counts: dict[str, list[int]] = field(default_factory=dict)
    label_edges: list[float] = field(default_factory=list)
    label_counts: dict[str, list[int]] = field(default_factory=dict)
    constant: float = 0.0
    features: tuple[str, ...] = ()
    examples: tuple[Sample, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    importance: tuple[Importance, ...] = ()
    overlap: int = -1
    repeats: int = -1
    pictures: np.ndarray | None = None
    saliency: np.ndarray | None = None

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.schema.task == "classification"

    @property
    def answers(self) -> np.ndarray:
        """The class or number given to each test example."""
        return self.predicted.argmax(axis=1) if self.is_classification else self.predicted

    @property
    def confidence(self) -> np.ndarray:
        """Probability of the given class of each test example; ones for numbers."""
        if self.is_classification:
            return self.predicted.max(axis=1).astype(np.float64)
        return np.ones(len(self.predicted))

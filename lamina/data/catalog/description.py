"""What the catalogue knows about a public data set, and the form in which it is handed out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lamina.files.downloads import RemoteFile

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""((x_train, y_train), (x_test, y_test))"""


@dataclass(frozen=True)
class Description:
    """A public data set in words and numbers.

    Args:
        name: Name in the catalogue.
        title: Name for people.
        task: "classification" or "regression".
        input_shape: Shape of one example.
        num_train: Examples in the training part.
        num_test: Examples in the test part.
        source: "download", or "scikit-learn" for sets that come with that package.
        licence: Under which terms the data may be used.
        citation: The paper to cite.
        class_names: Names of the classes in the order of their numbers; empty for regression.
        feature_names: Names of the columns of a table.
        value_range: Lowest and highest input value, where they are fixed.
        files: What is downloaded, with mirrors and hashes.
        note: What a user should know.
    """

    name: str
    title: str
    task: Literal["classification", "regression"]
    input_shape: tuple[int, ...]
    num_train: int
    num_test: int
    source: Literal["download", "scikit-learn"]
    licence: str
    citation: str
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    value_range: tuple[int, int] | None = None
    files: tuple[RemoteFile, ...] = ()
    note: str = ""

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.class_names)


@dataclass(frozen=True)
class PublicDataset:
    """A loaded data set: two parts and its description. Unpacks like Keras's `load_data()`."""

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    description: Description

    @property
    def name(self) -> str:
        """Name in the catalogue."""
        return self.description.name

    @property
    def task(self) -> str:
        """What is predicted: classes or numbers."""
        return self.description.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in the order of their numbers."""
        return self.description.class_names

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the training part, then the test part."""
        return iter((self.train, self.test))

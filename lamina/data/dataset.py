"""A loaded source of examples: its parts, and the schema by which unseen examples are read.

Every kind of source (catalogue, pictures, table, arrays) ends in the same form, so that what
trains, checks, draws and reports never asks where examples came from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

Inputs = np.ndarray | dict[str, np.ndarray]
"""One array, or one array an input of the model, by name."""


@dataclass(frozen=True)
class Column:
    """One column of a table, as it was understood.

    Args:
        name: Its name in the header.
        kind: "number", "boolean", "category", "date", "text", or "ignored".
        missing: Number of empty cells in the training part.
        distinct: Number of different values in the training part.
        note: Why it is ignored, or what a user should know.
        form: How its cells are written where that must be known: the order of a date.
        low: Lowest number in the training part (of dates, seconds since 1970), to tell values that
            are far from all that was learned from; `None` where unknown.
        high: The highest one.
    """

    name: str
    kind: Literal["number", "boolean", "category", "date", "text", "ignored"]
    missing: int = 0
    distinct: int = 0
    note: str = ""
    form: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Schema:
    """How an example is read: all that is needed to read unseen ones in the same way.

    It is plain data, travels in the model's file, and never holds what was learned from values
    (means, vocabularies): that is in the layers of the model.

    Args:
        form: "pictures", "table" or "arrays".
        task: "classification" or "regression".
        class_names: Names of the classes in the order of their numbers; empty for regression.
        target: Name of the column to predict, for tables.
        columns: The columns of a table in their order, the target not among them.
        picture_size: Height and width, for pictures read from files.
        color_mode: "grayscale", "rgb" or "rgba", for pictures read from files.
        input_shape: Shape of one example, where the input is one array.
        value_range: Lowest and highest input value, where they are fixed.
    """

    form: Literal["pictures", "table", "arrays"]
    task: Literal["classification", "regression"]
    class_names: tuple[str, ...] = ()
    target: str | None = None
    columns: tuple[Column, ...] = ()
    picture_size: tuple[int, int] | None = None
    color_mode: str | None = None
    input_shape: tuple[int, ...] | None = None
    value_range: tuple[float, float] | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.class_names)

    def to_dict(self) -> dict[str, Any]:
        """The schema as plain data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schema":
        """The schema that `to_dict` described."""
        fields: dict[str, Any] = {key: _frozen(value) for key, value in values.items()}
        fields["columns"] = tuple(Column(**dict(c)) for c in values.get("columns", ()))
        return cls(**fields)


@dataclass(frozen=True)
class Part:
    """Examples that belong together: for training, validation, the test, or to be predicted.

    Args:
        x: Inputs, one array or several by name.
        y: Class numbers (int64) or numbers (float32), one an example; `None` where unknown.
        ids: What each example is called: its file, or the number of its row in the source.
        kept: Columns of an unseen table that are not read by the model but name its rows (or were
            asked for), by name, as the table has them.
    """

    x: Inputs
    y: np.ndarray | None
    ids: Sequence[str]
    kept: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def num_examples(self) -> int:
        """Number of examples."""
        return len(self.ids)


@dataclass(frozen=True)
class Dataset:
    """A source of examples, read and divided.

    Args:
        name: Short name, fit for a folder's name.
        title: Name for people.
        source: What the user named: a catalogue name or a path.
        schema: How an example is read.
        train: Examples to learn from.
        validation: Examples to watch while training; cut from `train` later when `None`.
        test: Examples for the last question.
        fingerprint: SHA-256 over all examples.
        notes: Lines that a user should read: what was ignored, skipped or assumed.
    """

    name: str
    title: str
    source: str
    schema: Schema
    train: Part
    validation: Part | None
    test: Part
    fingerprint: str
    notes: tuple[str, ...] = field(default=())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

"""A data set of the catalogue made ready for a run: its parts, and what a preset needs to know."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from lamina.data import Arrays, to_arrays, train_validation_split
from lamina.data.catalog import Description, PublicDataset
from lamina.data.fingerprint import fingerprint
from lamina.workbench.presets import DataFacts

VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Parts:
    """The examples of a run: trained on, watched while it trains, and kept for the test."""

    train: Arrays
    validation: Arrays
    test: Arrays


def divide(dataset: PublicDataset, seed: int) -> Parts:
    """Keeps a share of the training part for validation, all classes in proportion.

    Args:
        dataset: A loaded data set.
        seed: The same seed keeps the same examples.
    """
    arrays, test = (_with_columns(to_arrays(*part), dataset.task) for part in dataset)
    kept, held_out = train_validation_split(arrays, VALIDATION_SHARE, seed=seed)
    return Parts(
        train=Arrays(arrays.x[kept], arrays.y[kept]),
        validation=Arrays(arrays.x[held_out], arrays.y[held_out]),
        test=test,
    )


def _with_columns(arrays: Arrays, task: str) -> Arrays:
    """Labels that are numbers become a column, as the outputs of a regression are."""
    if task == "classification":
        return arrays
    return Arrays(arrays.x, arrays.y.reshape(arrays.num_examples, -1))


def facts_of(description: Description, train: Arrays) -> DataFacts:
    """What a preset needs to know, learned from the training part alone.

    Args:
        description: What the catalogue knows.
        train: The training part.
    """
    mean, deviation = _centre(train.y) if description.task == "regression" else (0.0, 1.0)
    return DataFacts(
        name=description.name.replace("_", "-"),
        input_shape=description.input_shape,
        num_examples=train.num_examples,
        num_classes=description.num_classes,
        value_range=description.value_range,
        label_mean=mean,
        label_deviation=deviation,
    )


def _centre(y: Tensor) -> tuple[float, float]:
    values = y.double()
    return float(values.mean()), float(values.std(correction=0)) or 1.0


def described(dataset: PublicDataset, parts: Parts) -> dict[str, Any]:
    """What the record of a run says about its data.

    Args:
        dataset: The loaded data set.
        parts: What became of it.
    """
    description = dataset.description
    return {
        "name": description.name,
        "title": description.title,
        "task": description.task,
        "input_shape": description.input_shape,
        "class_names": description.class_names,
        "num_train": parts.train.num_examples,
        "num_validation": parts.validation.num_examples,
        "num_test": parts.test.num_examples,
        "fingerprint": fingerprint(map(np.asarray, (*dataset.train, *dataset.test))),
    }

"""What a finished run knows of its test: answers, mistakes, examples, and what they rest on.

`collect` looks at the model and the data once; pages are made from what it kept, in `storing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lamina.data.dataset import Dataset, Part, Schema
from lamina.report import answers, features, samples, storing
from lamina.report import saliency as saliency_maps
from lamina.report.features import Feature
from lamina.report.importance import Importance, importances
from lamina.report.records import Evidence, Mistake
from lamina.report.samples import Album

Say = Callable[[str], Any]
"""Is told each line that a person should read."""

MOST_MISTAKES = 24
_MOST_BARS = 24
_MOST_COLUMNS = 200  # whose cells are kept with a row


def look(model: Any, dataset: Dataset, *, say: Say | None = None) -> Evidence:
    """Lets a model answer the test part, and finds out what its answers rest on.

    Args:
        model: A built, trained model.
        dataset: The source it was trained on, divided as it was for training.
        say: Is told what happens, line by line.

    Raises:
        ShapeError: The model's outputs do not suit the data.
    """
    schema, test = dataset.schema, dataset.test
    if say is not None:
        say(f"looking at the answers to {test.num_examples:,} test examples")
    y = None if test.y is None else test.y.reshape(-1)
    test = Part(test.x, y, test.ids)
    predicted = answers.predict(model, test.x, schema)
    columns = features.features_of(schema, test.x)
    album = Album(schema, test.x)
    shown = columns[:_MOST_COLUMNS]
    examples = samples.choose(_flat(dataset), album, shown)
    mistakes = _mistakes(test, predicted, schema, album, shown)
    overlap, repeats = _overlaps(dataset)
    return Evidence(
        schema=schema,
        ids=[features.plain(name) for name in test.ids],
        y=y,
        predicted=predicted,
        sizes={name: part.num_examples for name, part in _parts(dataset).items()},
        **_labels(dataset),
        features=tuple(features.plain(column.name) for column in shown),
        examples=tuple(examples),
        mistakes=tuple(mistakes),
        importance=() if y is None else _importance(model, test, schema, columns, say),
        overlap=overlap,
        repeats=repeats,
        pictures=album.as_array(),
        saliency=_saliency(model, test, mistakes, album, schema),
    )


def collect(model: Any, dataset: Dataset, *, folder: Path, say: Say | None = None) -> Evidence:
    """Looks at a model's answers to the test part, and writes what was seen into a run folder.

    Writes evidence.json and evidence.npz, each whole or not at all.

    Args:
        model: A built, trained model.
        dataset: The source it was trained on, divided as it was for training.
        folder: The run folder.
        say: Is told what happens, line by line.

    Raises:
        ShapeError: The model's outputs do not suit the data.
        StorageError: The folder cannot be written.
    """
    evidence = look(model, dataset, say=say)
    storing.write(evidence, folder)
    return evidence


def load(run_path: Path) -> Evidence:
    """Reads what `collect` wrote; never runs code that a file holds.

    Raises:
        LoadError: A file is damaged, or is not what `collect` writes.
        StorageError: A file is missing.
    """
    return storing.read(run_path)


def _parts(dataset: Dataset) -> dict[str, Part]:
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    return {name: part for name, part in parts.items() if part is not None}


def _flat(dataset: Dataset) -> Dataset:
    """The same data set, with training labels of one axis."""
    part = dataset.train
    if part.y is None or part.y.ndim == 1:
        return dataset
    return replace(dataset, train=Part(part.x, part.y.reshape(-1), part.ids))


def _labels(dataset: Dataset) -> dict[str, Any]:
    """How the labels are spread over the parts, and the answer that is best without inputs."""
    labels = {
        name: part.y.reshape(-1) for name, part in _parts(dataset).items() if part.y is not None
    }
    train = labels.get("train", np.zeros(0))
    if dataset.schema.task == "classification":
        size = dataset.schema.num_classes
        counts = {
            name: np.bincount(y.astype(np.int64), minlength=size)[:size].tolist()
            for name, y in labels.items()
        }
        constant = int(np.argmax(counts["train"])) if len(train) else 0
        return {"class_counts": counts, "constant": float(constant)}
    if not len(train):
        return {}
    every = np.concatenate([y[np.isfinite(y)] for y in labels.values()]).astype(np.float64)
    edges = np.histogram_bin_edges(every, min(_MOST_BARS, max(5, round(len(every) ** 0.5))))
    return {
        "label_edges": edges.tolist(),
        "label_counts": {name: np.histogram(y, edges)[0].tolist() for name, y in labels.items()},
        "constant": float(train.astype(np.float64).mean()),
    }


def _mistakes(
    test: Part, predicted: np.ndarray, schema: Schema, album: Album, columns: Sequence[Feature]
) -> list[Mistake]:
    """Wrong answers given with the greatest confidence, or the largest errors."""
    if test.y is None:
        return []
    if schema.task == "classification":
        given, confidence = predicted.argmax(axis=1), predicted.max(axis=1)
        order = np.argsort(np.where(given == test.y, 1.0, -confidence), kind="stable")
        order = order[: int((given != test.y).sum())]
    else:
        given, confidence = predicted, np.full(len(predicted), np.nan)
        errors = np.nan_to_num(np.abs(predicted - test.y), nan=np.inf)
        order = np.argsort(-errors, kind="stable")
    return [
        Mistake(
            samples.sample_of(test, "test", int(row), album, columns),
            int(row),
            float(given[row]),
            float(confidence[row]),
        )
        for row in order[:MOST_MISTAKES]
    ]


def _overlaps(dataset: Dataset) -> tuple[int, int]:
    """Test examples seen in training, and those that are in the test part before."""
    test = features.fingerprints(dataset.test.x, dataset.test.num_examples)
    seen = [
        features.fingerprints(part.x, part.num_examples)
        for name, part in _parts(dataset).items()
        if name != "test"
    ]
    return int(np.isin(test, np.concatenate(seen)).sum()), len(test) - len(np.unique(test))


def _importance(
    model: Any, test: Part, schema: Schema, columns: Sequence[Feature], say: Say | None
) -> tuple[Importance, ...]:
    if test.y is None or not columns:
        return ()
    if say is not None:
        say(f"shuffling each of {len(columns):,} columns to see which ones matter")
    return tuple(importances(model, test.x, test.y, schema, columns))


def _saliency(
    model: Any, test: Part, mistakes: Sequence[Mistake], album: Album, schema: Schema
) -> np.ndarray | None:
    if not (mistakes and album.is_open and schema.task == "classification"):
        return None
    rows = np.array([mistake.row for mistake in mistakes])
    given = np.array([int(mistake.answer) for mistake in mistakes])
    wanted = np.array([int(mistake.sample.label) for mistake in mistakes])
    maps = saliency_maps.saliency(model, np.asarray(features.take(test.x, rows)), given, wanted)
    if maps is None:
        return None
    return np.stack([samples.as_thumbnail(one, (0.0, 255.0))[..., 0] for one in maps])

"""A data set made ready for a run: its validation part, and what the record says of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from lamina.data import Arrays, train_validation_split
from lamina.data.dataset import Column, Dataset, Inputs, Part, Schema
from lamina.data.tables import inputs_of

_TEXT_NOTE = "free text, which the models of `lamina train` do not read"


def divide(dataset: Dataset, seed: int, share: float) -> Dataset:
    """Keeps a share of the training part for validation, all classes in proportion.

    A data set that has a validation part keeps it. Labels that are numbers become a column, as
    the outputs of a regression are.

    Args:
        dataset: A loaded data set.
        seed: The same seed keeps the same examples.
        share: Share of the training part.

    Raises:
        DataError: One of the parts would be empty.
    """
    dataset = _with_columns(_without_text(dataset))
    if dataset.validation is not None:
        return dataset
    labels = torch.from_numpy(np.ascontiguousarray(dataset.train.y))
    kept, held_out = train_validation_split(Arrays(labels, labels), share, seed=seed)
    return replace(
        dataset,
        train=rows_of(dataset.train, kept.numpy()),
        validation=rows_of(dataset.train, held_out.numpy()),
    )


def rows_of(part: Part, rows: np.ndarray) -> Part:
    """Some examples of a part, in the order of their numbers."""
    return Part(
        _taken(part.x, rows),
        None if part.y is None else part.y[rows],
        [part.ids[row] for row in rows.tolist()],
    )


def _taken(x: Inputs, rows: np.ndarray) -> Inputs:
    if isinstance(x, dict):
        return {name: array[rows] for name, array in x.items()}
    return x[rows]


def _with_columns(dataset: Dataset) -> Dataset:
    if dataset.schema.task == "classification":
        return dataset
    return _mapped(dataset, lambda part: replace(part, y=_column(part.y)))


def _column(y: np.ndarray | None) -> np.ndarray | None:
    return None if y is None else y.reshape(len(y), -1)


def _without_text(dataset: Dataset) -> Dataset:
    """The same data set without columns of free text; its schema says that they are left out."""
    schema = dataset.schema
    if not any(column.kind == "text" for column in schema.columns):
        return dataset
    names = {entry.name for entry in inputs_of(schema) if entry.kind == "text"}
    columns = tuple(
        replace(column, kind="ignored", note=_TEXT_NOTE) if column.kind == "text" else column
        for column in schema.columns
    )
    left_out = [column.name for column in schema.columns if column.kind == "text"]
    note = f"left out as free text: {', '.join(left_out)}"
    bare = _mapped(dataset, lambda part: replace(part, x=_without(part.x, names)))
    return replace(bare, schema=replace(schema, columns=columns), notes=(*dataset.notes, note))


def _without(x: Inputs, names: set[str]) -> Inputs:
    return (
        {key: array for key, array in x.items() if key not in names} if isinstance(x, dict) else x
    )


def _mapped(dataset: Dataset, change: Any) -> Dataset:
    validation = dataset.validation
    return replace(
        dataset,
        train=change(dataset.train),
        validation=None if validation is None else change(validation),
        test=change(dataset.test),
    )


def described(dataset: Dataset) -> dict[str, Any]:
    """What the record of a run says about its data.

    Args:
        dataset: A divided data set.
    """
    schema, validation = dataset.schema, dataset.validation
    return {
        "name": dataset.name,
        "title": dataset.title,
        "source": dataset.source,
        "form": schema.form,
        "task": schema.task,
        "input_shape": _shape(dataset.train.x, schema),
        "class_names": schema.class_names,
        "target": schema.target,
        "columns": [_column_facts(column) for column in schema.columns],
        "num_train": dataset.train.num_examples,
        "num_validation": 0 if validation is None else validation.num_examples,
        "num_test": dataset.test.num_examples,
        "notes": dataset.notes,
        "fingerprint": dataset.fingerprint,
    }


def _shape(x: Inputs, schema: Schema) -> tuple[int, ...]:
    if isinstance(x, dict):
        return (len([column for column in schema.columns if column.kind != "ignored"]),)
    return tuple(x.shape[1:])


def _column_facts(column: Column) -> dict[str, Any]:
    pairs = {"name": column.name, "kind": column.kind}
    return {**pairs, "missing": column.missing, "distinct": column.distinct, "note": column.note}

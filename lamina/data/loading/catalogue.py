"""Public data sets of the catalogue in the form of every other source."""

from dataclasses import replace

import numpy as np

from lamina.data import catalog
from lamina.data.catalog import Description
from lamina.data.dataset import Column, Dataset, Inputs, Part, Schema
from lamina.data.fingerprint import fingerprint
from lamina.data.loading.parts import numbered
from lamina.data.tables.inputs import NUMBERS


def load_public(name: str) -> Dataset:
    """Loads a data set of the catalogue; its test part is the published one.

    Pictures get an axis of channels, tables one input of numbers with the names of its columns.

    Raises:
        ArgumentError: There is no data set of this name.
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    public = catalog.load(name)
    description = public.description
    (x_train, y_train), (x_test, y_test) = public
    schema = _schema(description, x_train)
    return Dataset(
        name=description.name.replace("_", "-"),
        title=description.title,
        source=description.name.replace("_", "-"),
        schema=schema,
        train=_part(schema, x_train, y_train, "train row"),
        validation=None,
        test=_part(schema, x_test, y_test, "test row"),
        fingerprint=fingerprint(map(np.asarray, (x_train, y_train, x_test, y_test))),
        notes=(description.note,) if description.note else (),
    )


def _schema(description: Description, x: np.ndarray) -> Schema:
    shape = description.input_shape
    empty = Schema("arrays", description.task, description.class_names, input_shape=shape)
    if description.value_range is not None and len(shape) in (2, 3):
        return replace(
            empty,
            form="pictures",
            picture_size=(shape[0], shape[1]),
            color_mode="grayscale" if len(shape) == 2 else "rgb",
            input_shape=(*shape, 1)[:3],
            value_range=description.value_range,
        )
    if len(description.feature_names) == x.shape[1]:
        columns = tuple(
            Column(name, "number", distinct=len(np.unique(x[:, index])))
            for index, name in enumerate(description.feature_names)
        )
        return replace(empty, form="table", target="target", columns=columns, input_shape=None)
    return empty


def _part(schema: Schema, x: np.ndarray, y: np.ndarray, word: str) -> Part:
    y = y.reshape(len(y)).astype(np.int64 if schema.class_names else np.float32)
    inputs: Inputs = x
    if schema.form == "pictures":
        inputs = x.reshape(len(x), *(schema.input_shape or ()))
    elif schema.form == "table":
        inputs = {NUMBERS: x.astype(np.float32)}
    return Part(inputs, y, numbered(word, len(x)))

"""Small models and data from which the rows of bad input are made."""

from pathlib import Path

import numpy as np
from PIL import Image

import lamina as keras

layers = keras.layers
made = []  # the models of a test, so that it can ask whether a step was taken


def x(n=64, features=8):
    return np.random.RandomState(0).rand(n, features).astype("float32")


def y(n=64, classes=3):
    return np.arange(n) % classes


def one_hot(n=64, classes=3):
    return np.eye(classes, dtype="float32")[y(n, classes)]


def changed(array, place, value, dtype=None):
    """A copy with another value at one place."""
    array = array.astype(dtype or array.dtype)
    array[place] = value
    return array


def compiled(model, loss="sparse_categorical_crossentropy", **options):
    model.compile(**{"optimizer": "adam", **options}, loss=loss)
    made.append(model)
    return model


def uncompiled(units=3, shape=(8,), activation=None):
    inputs = layers.Input(shape, name="in")
    h = layers.Flatten()(inputs) if len(shape) > 1 else inputs
    model = keras.Model(inputs, layers.Dense(units, activation, name="out")(h), name="m")
    made.append(model)
    return model


def classifier(loss="sparse_categorical_crossentropy", shape=(8,), units=3, **options):
    return compiled(uncompiled(units, shape, "softmax"), loss, **options)


def binary(**options):
    return compiled(uncompiled(1, activation="sigmoid"), "binary_crossentropy", **options)


def regressor(units=1, loss="mse", **options):
    return compiled(uncompiled(units), loss, **options)


def two_inputs():
    a, b = layers.Input((8,), name="a"), layers.Input((4,), name="b")
    h = layers.Dense(3, "softmax")(layers.Concatenate()([a, b]))
    return compiled(keras.Model([a, b], h, name="m"))


def with_ids():
    inputs = layers.Input((3,), name="ids")
    h = layers.Flatten()(layers.Embedding(40, 2, name="words")(inputs))
    return compiled(keras.Model(inputs, layers.Dense(3, "softmax")(h), name="m"))


def ids(value=0, dtype="int64"):
    return changed((np.arange(192).reshape(64, 3) % 40), (5, 1), value, dtype)


def fit(model, x=None, y=None, **options):
    """The last number of each curve."""
    history = model.fit(x, y, **{"verbose": 0, **options})
    return {key: round(float(values[-1]), 5) for key, values in history.history.items()}


def fresh(build, *data, **options):
    """Trains a model whose weights are always the same."""
    keras.utils.set_random_seed(1)
    return fit(build(), *data, **options)


def batches(*items):
    """A generator of the items; an error among them is raised."""
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item


def batch(n=4, features=8):
    return x(n, features), y(n)


class Pictures(keras.utils.PyDataset):
    """Two batches of random numbers."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return batch()


class Broken(Pictures):
    """Two batches that cannot be made."""

    def __getitem__(self, index):
        return batch()[5]


def folder(**classes):
    """A folder `pictures` with a folder a class; values are sizes of pictures, or bytes."""
    Path("pictures").mkdir()
    for name, files in classes.items():
        home = Path("pictures", name)
        home.mkdir()
        for file, content in files.items():
            if isinstance(content, bytes):
                (home / file).write_bytes(content)
            else:
                Image.new("RGB", content).save(home / file)
    return "pictures"


def pictures(_path=None, **options):
    path = folder(a={"1.png": (8, 8)}, b={"2.png": (8, 8)}) if _path is None else _path
    options = {"image_size": (8, 8), "verbose": False, **options}
    data = keras.utils.image_dataset_from_directory(path, **options)
    return data.class_names, tuple(next(iter(data))[0].shape)

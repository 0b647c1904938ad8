"""Small models and data from which the rows of bad input are made."""

import io
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

import lamina as keras
from lamina.core.errors import LaminaError

layers = keras.layers
made = []  # the models of a test, so that it can ask whether a step was taken
defaults = {"verbose": 0, "check": "off"}  # what fit is called with, unless a row says otherwise


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
    history = model.fit(x, y, **{**defaults, **options})
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


def frame():
    return pd.DataFrame(x(), columns=list("abcdefgh"))


def series(values):
    """The values in their order, under an index that counts down."""
    return pd.Series(values, index=range(len(values))[::-1])


def dataset():
    return torch.utils.data.TensorDataset(torch.tensor(x()), torch.tensor(y()))


def read_only(array):
    array.flags.writeable = False
    return array


def mapped(array):
    array.tofile("numbers.bin")
    return np.memmap("numbers.bin", array.dtype, "r", shape=array.shape)


def loss_of_zeros(labels):
    """What a model that outputs 0 for everything reports."""
    model = regressor()
    model.set_weights([np.zeros((8, 1)), np.zeros(1)])
    return model.evaluate(x(), labels, verbose=0)


def adds_to_ids(number):
    inputs = layers.Input((3,), name="ids")
    h = layers.Embedding(40, 2, name="words")(inputs + number)
    return compiled(keras.Model(inputs, layers.Dense(3, "softmax")(layers.Flatten()(h)), name="m"))


def recompiled(loss):
    model = classifier()
    fit(model, x(), y())
    return compiled(model, loss)


def weights_move_after_freezing():
    """Whether the frozen layer and the other one learn in a second fit."""
    inputs = layers.Input((8,))
    parts = [layers.Dense(4), layers.Dense(3, "softmax")]
    model = compiled(keras.Model(inputs, parts[1](parts[0](inputs)), name="m"))
    fit(model, x(), y())
    parts[0].trainable = False
    before = [part.get_weights()[0] for part in parts]
    fit(model, x(), y())
    return [
        not np.array_equal(part.get_weights()[0], old)
        for part, old in zip(parts, before, strict=True)
    ]


def twice(layer):
    return keras.Sequential([layers.Input((3,)), layer, layer])


def on_two_widths(layer):
    layer(torch.zeros(2, 8))
    layer(torch.zeros(2, 5))


def _in_the_middle(model, action):
    """Runs `action` when the first batch has been trained on."""
    done = []

    def once(batch, logs):
        if not done:
            done.append(True)
            action()

    fit(model, x(), y(), callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=once)])


def fit_within_fit():
    model = classifier()
    _in_the_middle(model, lambda: fit(model, x(), y()))


def fit_in_two_threads():
    model = classifier()
    raised = []

    def second():
        try:
            fit(model, x(), y())
        except LaminaError as error:
            raised.append(error)

    def other_thread():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    _in_the_middle(model, other_thread)
    raise raised[0]


def predict_during_fit():
    model = classifier()
    shapes = []
    _in_the_middle(model, lambda: shapes.append(model.predict(x(), verbose=0).shape))
    return shapes[0]


def saved_twice():
    uncompiled().save("m.lamina")
    uncompiled().save("m.lamina", overwrite=False)


def saved_and_loaded(path):
    uncompiled().save(path)
    return keras.models.load_model(path).name


def damaged(path):
    uncompiled().save(path)
    content = bytearray(Path(path).read_bytes())
    content[-200] ^= 255
    Path(path).write_bytes(content)
    return path


def cut_jpeg():
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "jpeg")
    return stream.getvalue()[:-100]


def huge_png():
    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


def rows_of_nan(model, inputs):
    """The rows of a prediction that are not finite."""
    predicted = model.predict(inputs, nan="allow", verbose=0)
    return np.isnan(predicted).all(1).nonzero()[0].tolist()


def class_names(*names):
    return pictures(folder(**{name: {"1.png": (8, 8)} for name in names}))[0]


def fit_with(callback):
    model = classifier(metrics=["accuracy"])
    return fit(model, x(), y(), validation_split=0.5, callbacks=[callback])

"""The jobs as a Keras program. Keras and Lamina both run this very file."""

from typing import Any

import numpy as np

from benchmarks.parts.jobs import EPSILON, LEARNING_RATE, SEED, Job
from benchmarks.parts.watch import Watch

Weights = list[tuple[np.ndarray, np.ndarray]]


def build(keras: Any, job: Job, weights: Weights, *, as_bytes: bool = False) -> Any:
    """The model with its first weights."""
    layers = keras.layers
    x = first = layers.Input(shape=job.shape, dtype="uint8" if as_bytes else "float32")
    if as_bytes:
        x = layers.Rescaling(1 / 255)(x)
    filled = []
    for layer in (one for entry in job.layers for one in _layers(layers, entry)):
        x = layer(x)
        if isinstance(layer, layers.Dense | layers.Conv2D):
            filled.append(layer)
    for layer, (kernel, bias) in zip(filled, weights, strict=True):
        layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
    return keras.Model(first, x)


def _layers(layers: Any, entry: tuple) -> list[Any]:
    kind, *numbers = entry
    if kind == "dense":
        return [layers.Dense(numbers[0], activation=numbers[1])]
    if kind == "conv":
        return [layers.Conv2D(numbers[0], 3, padding="same", activation="relu")]
    if kind == "conv-norm":
        return [
            layers.Conv2D(numbers[0], 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
        ]
    plain = {
        "pool": layers.MaxPooling2D,
        "flatten": layers.Flatten,
        "flip": lambda: layers.RandomFlip("horizontal"),
        "shift": lambda: layers.RandomTranslation(0.1, 0.1),
    }
    return [plain[kind]()]


def train(
    keras: Any,
    job: Job,
    x: np.ndarray,
    y: np.ndarray,
    weights: Weights,
    watch: Watch,
    *,
    as_bytes: bool = False,
    **compiling: Any,
) -> Any:
    """Trains as a user would; returns what `fit` returns."""
    keras.utils.set_random_seed(SEED)
    model = build(keras, job, weights, as_bytes=as_bytes)
    losses = keras.losses
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE, epsilon=EPSILON),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True)
        if job.loss == "classes"
        else losses.MeanSquaredError(),
        **compiling,
    )
    return model.fit(
        x,
        y,
        batch_size=job.batch,
        epochs=watch.most_epochs,
        verbose=0,
        callbacks=[timer(keras, watch)],
    )


def timer(keras: Any, watch: Watch) -> Any:
    """A callback that tells the watch of each epoch's end and stops when it has enough."""

    class Timer(keras.callbacks.Callback):
        """Tells the watch of each epoch's end."""

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            if not watch.lap(logs["loss"]):
                self.model.stop_training = True

    return Timer()


def predictor(keras: Any, job: Job, weights: Weights, **compiling: Any) -> Any:
    """A function from an array to an array."""
    model = build(keras, job, weights)
    if compiling:
        model.compile(loss="mse", **compiling)
    return lambda rows: model.predict(rows, verbose=0)

"""A small training program with every kind of state, and the hash of what comes out of it.

Run as a script it becomes a warm interpreter: it imports everything once, then forks a child for
each request on standard input, which saves the start-up of torch for each kill.
"""

import hashlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import torch

import lamina as keras

FEATURES = (
    "shuffle",
    "dropout",
    "batch_normalization",
    "augmentation",
    "schedule",
    "ema",
    "accumulation",
    "early_stopping",
)
EPOCHS, EXAMPLES, BATCH = 4, 50, 8  # 40 to train on: 5 batches an epoch


class At(keras.callbacks.Callback):
    """Does something after so many batches of this process."""

    def __init__(self, step, action):
        super().__init__()
        self.left, self.action = step, action

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            self.action()


class Slow(keras.callbacks.Callback):
    """Makes each batch last a while."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_train_batch_end(self, batch, logs=None):
        time.sleep(self.seconds)


def data():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(EXAMPLES, 4, 4, 1)).astype("float32")
    return images, rng.integers(0, 3, EXAMPLES)


def model(features=FEATURES, seed=1, units=6):
    if seed is not None:
        keras.utils.set_random_seed(seed)
    layers, wanted = keras.layers, set(features)
    stack = [layers.Input((4, 4, 1))]
    if "augmentation" in wanted:
        stack += [layers.RandomFlip(), layers.RandomBrightness(0.2, value_range=(0, 1), seed=7)]
    stack += [layers.Flatten(), layers.Dense(units, activation="relu")]
    if "batch_normalization" in wanted:
        stack.append(layers.BatchNormalization())
    if "dropout" in wanted:
        stack += [layers.Dropout(0.3), layers.GaussianNoise(0.1, seed=3)]
    network = keras.Sequential([*stack, layers.Dense(3, activation="softmax")])
    rate = keras.optimizers.schedules.CosineDecay(0.02, 15) if "schedule" in wanted else 0.02
    optimizer = keras.optimizers.AdamW(
        rate,
        use_ema="ema" in wanted,
        gradient_accumulation_steps=2 if "accumulation" in wanted else None,
    )
    network.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


def fit(network, features=FEATURES, callbacks=(), **options):
    x, y = data()
    own = []
    if "early_stopping" in features:
        own.append(keras.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True))
    settings = {"epochs": EPOCHS, "batch_size": BATCH, "verbose": 0, "validation_split": 0.2}
    settings |= {"shuffle": "shuffle" in features, **options}
    return network.fit(x, y, callbacks=[*own, *callbacks], **settings)


def digest(network, history):
    """SHA-256 of weights, buffers, optimizer and history."""
    found = hashlib.sha256()
    tensors = [*network.state_dict().values(), *network.optimizer.state().values()]
    for tensor in tensors:
        plain = tensor.detach().as_subclass(torch.Tensor).contiguous().reshape(-1)
        found.update(plain.view(torch.uint8).numpy().tobytes())
    found.update(repr([history.epoch, history.history]).encode())
    return found.hexdigest()


def run(features=FEATURES, callbacks=(), **options):
    """Trains once and returns the hash of the outcome."""
    network = model(features)
    return digest(network, fit(network, features, callbacks, **options))


def answer(request):
    """What a child does: trains, and leaves the hash of the outcome in a file."""
    callbacks = [Slow(request["pause"])] if request.get("pause") else []
    if request.get("die_at"):
        callbacks.append(At(request["die_at"], lambda: os.kill(os.getpid(), signal.SIGKILL)))
    found = run(
        tuple(request.get("features", FEATURES)),
        callbacks,
        checkpoint=request["folder"],
        every=request.get("every"),
    )
    Path(request["result"]).write_text(found)


def serve():
    """Forks a child for each line of JSON; writes its number, and how it ended.

    A short run beforehand loads what is loaded late. With one thread, none is alive at the fork.
    """
    run(epochs=1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                answer(json.loads(line))
                code = 0
            except KeyboardInterrupt:
                code = 130
            except SystemExit as error:
                code = error.code
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"child {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"code {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()

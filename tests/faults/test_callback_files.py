"""ModelCheckpoint: an old file stays until the new one is whole."""

import errno
import os
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest

import lamina as keras
from lamina.core.errors import StorageError
from lamina.files import atomic
from tests.faults.test_effects import Counted, StopError

MOST_EFFECTS = 40
X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


def network():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def train(model, callback):
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[callback], check="off")


def weights(model):
    return np.concatenate([value.ravel() for value in model.get_weights()]).tolist()


def saved(path, weights_only):
    """The weights in a file that has to be whole."""
    if not weights_only:
        return weights(keras.models.load_model(path))
    model = network()
    model.load_weights(path)
    return weights(model)


@pytest.mark.parametrize("error", [None, errno.ENOSPC, errno.EIO], ids=["stop", "full", "broken"])
@pytest.mark.parametrize("name", ["m.lamina", "m.weights.safetensors"])
def test_model_checkpoint_survives_at_every_effect(tmp_path, monkeypatch, name, error):
    path, weights_only = tmp_path / name, name.endswith("safetensors")
    states, wrong = [], []
    for stop_at in range(1, MOST_EFFECTS):
        model = network()
        train(model, keras.callbacks.ModelCheckpoint(path, save_weights_only=weights_only))
        seen = [saved(path, weights_only)]
        effects = Counted(stop_at, error)
        monkeypatch.setattr(atomic, "effects", effects)
        with suppress(StopError, StorageError):
            train_noting(model, path, weights_only, seen)
        monkeypatch.setattr(atomic, "effects", atomic.Effects())
        if saved(path, weights_only) not in seen:
            wrong.append(stop_at)
        states.append(effects.done)
        if effects.done < stop_at:
            break

    assert wrong == []
    assert states[-1] >= 8  # two saves of create, write, sync, rename, sync


def train_noting(model, path, weights_only, seen):
    """Trains with a checkpoint; `seen` receives the weights at the end of each epoch."""
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(weights(model)))
    keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=weights_only)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[note, keep], check="off")


def test_what_a_killed_process_left_half_written_goes_at_the_next_start(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in ("m-01.lamina", "other.lamina", "m-01.txt"):
        (tmp_path / f"{name}.tmp.{gone.pid}").write_bytes(b"half")
    (tmp_path / f"m-02.lamina.tmp.{os.getpid()}").write_bytes(b"half")

    train(network(), keras.callbacks.ModelCheckpoint(tmp_path / "m-{epoch:02d}.lamina"))

    assert sorted(os.listdir(tmp_path)) == [
        "m-01.lamina",
        f"m-01.txt.tmp.{gone.pid}",
        "m-02.lamina",
        f"other.lamina.tmp.{gone.pid}",
    ]

"""Asking for a shape computes little, imports no compiler and leaves no trace."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import lamina as keras
from lamina.graph import shapes

TRAINING = """
import sys
import numpy as np
import lamina as keras

pictures = keras.layers.Input(shape=(8, 8, 3))
h = keras.layers.Rescaling(1 / 255)(pictures)
h = keras.layers.Conv2D(4, 3, activation="relu")(h)
h = keras.layers.BatchNormalization()(h)
h = keras.layers.MaxPooling2D()(h)
h = keras.layers.Flatten()(h)
h = keras.layers.Dropout(0.5)(h)
h = 2 * keras.layers.Dense(8, activation="swish")(h) + 1
model = keras.Model(pictures, keras.layers.Dense(3, activation="softmax")(h))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
x = np.random.default_rng(1).integers(0, 255, (96, 8, 8, 3))
model.fit(x.astype("float32"), np.arange(96) % 3, epochs=3, verbose=0)
print(model.output_shape, [name for name in ("torch._dynamo", "sympy") if name in sys.modules])
"""


class Counting(keras.layers.Layer):
    """Counts its calls, and moves torch's random stream."""

    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x):
        self.calls.assign_add(1.0)
        return x + torch.rand(1)


def test_a_small_model_trains_without_importing_torchs_compiler():
    done = subprocess.run(
        [sys.executable, "-c", TRAINING], capture_output=True, text=True, timeout=120, check=True
    )

    assert done.stdout.strip().endswith("(None, 3) []")


def test_finding_a_shape_leaves_state_and_random_streams_alone():
    layer = Counting()
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)

    shape = layer(keras.layers.Input(shape=(5,))).shape

    assert tuple(shape) == (None, 5)
    assert float(layer.calls) == 0.0
    assert torch.equal(torch.rand(1), wanted)


def test_batch_statistics_are_those_of_data_alone():
    layer = keras.layers.BatchNormalization()

    layer(keras.layers.Input(shape=(4,)))

    np.testing.assert_array_equal(layer.moving_mean.numpy(), np.zeros(4))
    np.testing.assert_array_equal(layer.moving_variance.numpy(), np.ones(4))


LAYERS = {
    "small": (lambda: keras.layers.Dense(5), (4,), "cpu"),
    "many weights": (lambda: keras.layers.Dense(3_000), (3_000,), "meta"),
    "large picture": (lambda: keras.layers.Conv2D(8, 3), (512, 512, 8), "meta"),
}


@pytest.mark.parametrize(("make", "shape", "device"), LAYERS.values(), ids=LAYERS)
def test_only_small_operations_run_on_real_zeros(monkeypatch, make, shape, device):
    seen = []
    plain = shapes.probe_tensor
    monkeypatch.setattr(
        shapes, "probe_tensor", lambda *args: (seen.append(args[-1]), plain(*args))[1]
    )

    make()(keras.layers.Input(shape=shape))

    assert set(seen) == {device}

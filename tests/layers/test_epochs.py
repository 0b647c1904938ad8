"""Layers that know the epoch: alternating flips, growing images, and what fit tells them."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError

X = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3)).astype("uint8")
Y = np.random.default_rng(1).integers(0, 3, 64)


def flipped(epoch, x=X, seed=5):
    layer = layers.AlternatingFlip()
    layer.begin_epoch(epoch, seed)
    images = torch.from_numpy(x)
    seen = layer(images, training=True)
    return ~(seen == images).reshape(len(x), -1).all(1).numpy()


def test_every_image_is_mirrored_in_every_other_epoch():
    first, second, third = (flipped(epoch) for epoch in range(3))

    np.testing.assert_array_equal(first, ~second)
    np.testing.assert_array_equal(first, third)
    assert 16 < first.sum() < 48


@pytest.mark.parametrize("x", [X, X / np.float32(255)], ids=["uint8", "float32"])
def test_an_image_keeps_its_rhythm_wherever_it_stands(x):
    order = np.random.default_rng(2).permutation(64)[:37]

    np.testing.assert_array_equal(flipped(3, x[order]), flipped(3, x)[order])


def test_another_seed_begins_with_others():
    assert (flipped(0, seed=1) != flipped(0, seed=2)).any()


def test_mirrored_images_are_mirrored_left_to_right():
    layer = layers.AlternatingFlip()
    turned = flipped(0)
    layer.begin_epoch(0, 5)

    seen = layer(torch.from_numpy(X), training=True).numpy()

    np.testing.assert_array_equal(seen[turned], X[turned][:, :, ::-1])
    np.testing.assert_array_equal(layer(torch.from_numpy(X), training=False), X)


def growing():
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.AlternatingFlip(),
            layers.RandomCrop(8, 8, padding=2),
            layers.ProgressiveResizing([(0, 4), (2, (6, 5)), (3, None)]),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def trained(jit, **options):
    model = growing()
    model.compile("adam", "sparse_categorical_crossentropy", jit=jit)
    history = model.fit(X, Y, batch_size=16, epochs=5, verbose=0, **options)
    return model, history


def test_captured_epochs_equal_eager_ones():
    eager, first = trained(False)
    captured, second = trained(True)

    assert second.history == first.history
    assert all(map(torch.equal, captured.weights, eager.weights))
    assert (second.tier, second.refusals) == ("captured", [])


def test_each_size_is_captured_once(monkeypatch):
    from lamina.step.runner import Runner  # noqa: PLC0415

    made = []
    original = Runner._capture

    def counted(self, key, recording):
        made.append(key)
        original(self, key, recording)

    monkeypatch.setattr(Runner, "_capture", counted)
    trained(True)

    assert len(made) == 3


def test_size_is_that_of_the_epoch_while_training():
    layer = layers.ProgressiveResizing([(0, 4), (2, (6, 5)), (3, None)])

    assert [layer.size_in(epoch) for epoch in range(5)] == [(4, 4), (4, 4), (6, 5), None, None]
    images = torch.zeros(2, 8, 8, 3)
    assert layer(images, training=True).shape == (2, 4, 4, 3)
    assert layer(images, training=False).shape == (2, 8, 8, 3)


def test_files_keep_the_sizes(tmp_path):
    model, _ = trained(True)
    model.save(tmp_path / "model.lamina")

    again = keras.models.load_model(tmp_path / "model.lamina")

    assert again.layers[2].sizes == model.layers[2].sizes
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("sizes", [24, [], [24], [(0, 0)], [(-1, 24)]])
def test_other_sizes_are_refused(sizes):
    with pytest.raises(ArgumentError, match=r"ProgressiveResizing\(sizes="):
        layers.ProgressiveResizing(sizes)


MODES = {"reflect": "reflect", "nearest": "edge", "wrap": "wrap", "constant": "constant"}


@pytest.mark.parametrize(("mode", "numpy_mode"), MODES.items())
def test_crops_are_cut_out_of_padded_images(mode, numpy_mode):
    layer = layers.RandomCrop(8, 8, padding=3, fill_mode=mode, seed=4)
    padded = np.pad(X, ((0, 0), (3, 3), (3, 3), (0, 0)), mode=numpy_mode)

    seen = layer(torch.from_numpy(X), training=True).numpy()

    windows = np.lib.stride_tricks.sliding_window_view(padded, (8, 8), axis=(1, 2))
    windows = windows.transpose(0, 1, 2, 4, 5, 3)
    hits = (windows == seen[:, None, None]).all((3, 4, 5)).sum((1, 2))
    assert (hits == 1).all()

"""Whitening2D: filters by NumPy's eigenvectors, learned in fit, kept fixed, kept in files."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import ShapeError

X = np.random.default_rng(0).normal(size=(40, 6, 5, 3)).cumsum(2).astype("float32")


def patches(x, size):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size * size * x.shape[-1])


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [None, 7])
def test_filters_are_scaled_eigenvectors_of_the_covariance(size, batch_size):
    layer = layers.Whitening2D(size, epsilon=0.01)
    layer.adapt(X, batch_size=batch_size)

    rows = patches(X.astype("float64"), size)
    values, vectors = np.linalg.eigh(np.cov(rows.T, bias=True))
    wanted = (vectors / np.sqrt(values + 0.01))[:, ::-1]
    got = layer.kernel.numpy().reshape(rows.shape[1], -1)
    half = rows.shape[1]
    np.testing.assert_allclose(abs(got[:, :half]), abs(wanted), rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(got[:, half:], -got[:, :half])


def test_outputs_are_uncorrelated_and_of_variance_one():
    layer = layers.Whitening2D(2, epsilon=0.0, both_signs=False)
    layer.adapt(X)

    outputs = layer(torch.from_numpy(X)).detach().reshape(-1, 12).numpy()

    np.testing.assert_allclose(np.cov(outputs.T, bias=True), np.eye(12), atol=1e-3)


def test_fit_learns_the_filters_and_trains_only_the_bias(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Input((6, 5, 3)),
            layers.RandomFlip("horizontal"),
            layers.Whitening2D(2, name="white"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    y = np.random.default_rng(1).normal(size=(40, 1))

    model.fit(X, y, verbose=0)

    alone = layers.Whitening2D(2)
    alone.adapt(X)
    white = model.get_layer("white")
    np.testing.assert_allclose(white.kernel, alone.kernel, rtol=1e-4, atol=1e-5)
    assert [weight.path for weight in white.trainable_weights] == ["white/bias"]
    assert (white.bias != 0).any()
    model.save(tmp_path / "model.lamina")
    again = keras.models.load_model(tmp_path / "model.lamina")
    assert again.get_layer("white").is_adapted
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_images_smaller_than_a_patch_are_refused():
    with pytest.raises(ShapeError, match="a kernel of"):
        layers.Whitening2D(7).adapt(X)

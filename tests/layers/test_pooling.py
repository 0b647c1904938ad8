"""Pooling where Keras's torch backend is no measure: uneven "same" padding, against the formula."""

import math

import numpy as np
import pytest
import torch

from lamina import layers


def windows_of(size: int, window: int, stride: int) -> list[slice]:
    """The places each window covers: padding is shared, the odd one at the end, none counts."""
    count = math.ceil(size / stride)
    before = max((count - 1) * stride + window - size, 0) // 2
    starts = [number * stride - before for number in range(count)]
    return [slice(max(start, 0), min(start + window, size)) for start in starts]


@pytest.mark.parametrize("size", [4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("window", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["Average", "Max"])
def test_same_pooling_of_a_sequence_follows_the_definition(kind, size, window, stride):
    x = np.random.default_rng(0).normal(size=(2, size, 3)).astype("float32")
    reduce = {"Average": np.mean, "Max": np.max}[kind]
    wanted = np.stack([reduce(x[:, part], axis=1) for part in windows_of(size, window, stride)], 1)
    layer = getattr(layers, f"{kind}Pooling1D")(window, stride, padding="same")
    np.testing.assert_allclose(layer(torch.tensor(x)), wanted, rtol=1e-6)


@pytest.mark.parametrize("window", [(2, 3), (3, 2), (2, 2)])
@pytest.mark.parametrize("stride", [(1, 2), (2, 1), (1, 1), (2, 2)])
def test_same_average_of_images_averages_only_what_is_there(window, stride):
    x = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype("float32")
    rows, columns = (windows_of(n, w, s) for n, w, s in zip((5, 6), window, stride, strict=True))
    wanted = np.stack(
        [np.stack([x[:, r, c].mean(axis=(1, 2)) for c in columns], 1) for r in rows], 1
    )
    layer = layers.AveragePooling2D(window, stride, padding="same")
    np.testing.assert_allclose(layer(torch.tensor(x)), wanted, rtol=1e-5, atol=1e-6)


def test_same_average_of_volumes_averages_only_what_is_there():
    y = layers.AveragePooling3D(2, 1, padding="same")(torch.ones(1, 3, 3, 3, 2))
    torch.testing.assert_close(y, torch.ones(1, 3, 3, 3, 2))


@pytest.mark.parametrize("kind", ["MaxPooling2D", "AveragePooling2D"])
def test_padding_words_may_be_in_capitals(kind):
    assert getattr(layers, kind)(2, padding="SAME").padding == "same"

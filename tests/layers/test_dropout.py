"""Noise is drawn in training only, from the step's generator or one of the layer's own."""

import copy
import math

import pytest
import torch

from lamina import layers
from lamina.core import randomness

ONES = torch.ones(200, 50)


def redrawn(layer: layers.Layer, x: torch.Tensor) -> torch.Tensor:
    randomness.step_generator(x.device).manual_seed(3)
    return layer(x, training=True)


NOISE = [
    layers.Dropout(0.3),
    layers.Dropout(0.3, noise_shape=(None, 1)),
    layers.GaussianDropout(0.3),
    layers.GaussianNoise(0.3),
]


@pytest.mark.parametrize("layer", NOISE, ids=lambda layer: layer.name)
def test_mean_is_kept(layer):
    torch.testing.assert_close(redrawn(layer, ONES).mean(), torch.tensor(1.0), rtol=0.1, atol=0)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_a_share_and_scales_it(rate):
    y = redrawn(layers.Dropout(rate), ONES)
    kept = y != 0
    torch.testing.assert_close(y[kept], torch.full_like(y[kept], 1 / (1 - rate)))
    assert abs(kept.float().mean().item() - (1 - rate)) < 0.02


@pytest.mark.parametrize("layer", NOISE, ids=lambda layer: layer.name)
def test_draws_follow_the_generator_of_the_step(layer):
    again = redrawn(layer, ONES)
    assert torch.equal(redrawn(layer, ONES), again)
    assert not torch.equal(layer(ONES, training=True), again)


def test_a_seeded_layer_has_a_stream_of_its_own():
    first, second = layers.Dropout(0.5, seed=7), layers.Dropout(0.5, seed=7)
    y = first(ONES, training=True)
    redrawn(layers.Dropout(0.5), ONES)
    assert torch.equal(second(ONES, training=True), y)
    assert not torch.equal(second(ONES, training=True), y)


def test_a_seeded_layer_can_be_copied():
    layer = layers.Dropout(0.5, seed=7)
    layer(ONES, training=True)
    other = copy.deepcopy(layer)
    assert torch.equal(other(ONES, training=True), layer(ONES, training=True))


def test_gradient_is_the_mask_itself():
    x = torch.ones(20, 5, requires_grad=True)
    y = redrawn(layers.Dropout(0.5), x)
    assert torch.equal(torch.autograd.grad(y.sum(), x)[0], y)


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.5), (4, 5, 6), (1,)),
        (layers.SpatialDropout2D(0.5), (4, 3, 2, 6), (1, 2)),
        (layers.SpatialDropout2D(0.5, "channels_first"), (4, 6, 3, 2), (2, 3)),
        (layers.SpatialDropout3D(0.5), (4, 3, 2, 2, 6), (1, 2, 3)),
        (layers.SpatialDropout3D(0.5, "channels_first"), (4, 6, 3, 2, 2), (2, 3, 4)),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_spatial_dropout_drops_whole_channels(layer, shape, axes):
    y = redrawn(layer, torch.ones(shape))
    assert torch.equal(y, y.amax(axes, keepdim=True).expand(shape))
    assert set(y.unique().tolist()) == {0.0, 2.0}


def test_noise_shape_repeats_the_mask():
    y = redrawn(layers.Dropout(0.5, noise_shape=(None, 1, None)), torch.ones(4, 5, 6))
    assert torch.equal(y, y[:, :1].expand(4, 5, 6))


def test_gaussian_dropout_has_the_deviation_of_dropout():
    deviation = redrawn(layers.GaussianDropout(0.2), ONES).std().item()
    assert deviation == pytest.approx(math.sqrt(0.2 / 0.8), rel=0.05)


def test_gaussian_noise_has_the_deviation_it_was_given():
    assert redrawn(layers.GaussianNoise(0.2), ONES).std().item() == pytest.approx(0.2, rel=0.05)


def test_alpha_dropout_keeps_mean_and_variance_of_normal_values():
    x = torch.randn(400, 100, generator=torch.Generator().manual_seed(0))
    y = redrawn(layers.AlphaDropout(0.3), x)
    assert y.mean().item() == pytest.approx(0.0, abs=0.03)
    assert y.var().item() == pytest.approx(1.0, abs=0.03)


def test_alpha_dropout_drops_to_one_value():
    y = redrawn(layers.AlphaDropout(0.3), ONES)
    low = -1.6732632423543772 * 1.0507009873554805
    a = (0.7 * (1 + 0.3 * low**2)) ** -0.5
    b = -a * low * 0.3
    wanted = torch.tensor([a * low + b, a + b])
    torch.testing.assert_close(y.unique(), wanted)

"""Normalization where Keras is no measure: axes in the middle, statistics, first layers."""

import pytest
import torch

from lamina import layers


@pytest.mark.parametrize("axis", [1, [1, 2], [2, 1], [1, 3]], ids=str)
def test_layer_normalization_over_axes_in_the_middle_follows_the_formula(axis):
    layer = layers.LayerNormalization(axis=axis, epsilon=0.1)
    x = torch.randn(2, 3, 4, 5)
    layer(x)
    sizes = layer.gamma.shape
    layer.set_weights([torch.rand(sizes).numpy(), torch.rand(sizes).numpy()])
    axes = sorted([axis] if isinstance(axis, int) else axis)
    beside = [n if i in axes else 1 for i, n in enumerate(x.shape)]
    centred = x - x.mean(axes, keepdim=True)
    wanted = centred / (x.var(axes, correction=0, keepdim=True) + 0.1).sqrt()
    wanted = wanted * layer.gamma.reshape(beside) + layer.beta.reshape(beside)
    torch.testing.assert_close(layer(x), wanted)


@pytest.mark.parametrize("axis", [1, [1, 2]], ids=str)
def test_rms_normalization_over_axes_in_the_middle_follows_the_formula(axis):
    layer = layers.RMSNormalization(axis=axis, epsilon=0.1)
    x = torch.randn(2, 3, 4, 5)
    wanted = x / (x.square().mean(axis, keepdim=True) + 0.1).sqrt()
    torch.testing.assert_close(layer(x), wanted)


def test_moving_averages_follow_mean_and_biased_variance():
    layer = layers.BatchNormalization(momentum=0.75)
    x = torch.tensor([[1.0, -2.0], [3.0, 6.0]])
    layer(x, training=True)
    torch.testing.assert_close(layer.moving_mean.value, torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(layer.moving_variance.value, torch.tensor([1.0, 4.75]))


def test_moving_averages_are_updated_in_place():
    layer = layers.BatchNormalization()
    layer(torch.randn(4, 3))
    mean, variance = layer.moving_mean, layer.moving_variance
    layer(torch.randn(4, 3), training=True)
    assert layer.moving_mean is mean
    assert layer.moving_variance is variance
    assert mean.abs().sum() > 0


def test_moving_averages_carry_no_gradient():
    layer = layers.BatchNormalization()
    layer(torch.randn(4, 3, requires_grad=True), training=True)
    assert not layer.moving_mean.requires_grad
    assert layer.moving_mean.grad_fn is None


@pytest.mark.parametrize("shape", [(3, 4), (3, 5, 4), (3, 5, 6, 4), (3, 2, 5, 6, 4)], ids=str)
def test_group_normalization_can_be_the_first_layer(shape):
    layer = layers.GroupNormalization(2)
    y = layer(torch.randn(shape))
    gradients = torch.autograd.grad(y.square().sum(), [layer.gamma, layer.beta])
    assert [tuple(gradient.shape) for gradient in gradients] == [(4,), (4,)]


def test_unit_normalization_leaves_zeros_alone():
    assert torch.equal(layers.UnitNormalization()(torch.zeros(2, 3)), torch.zeros(2, 3))


def test_half_precision_statistics_are_taken_in_float32():
    x = 300 + torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    layer = layers.BatchNormalization(dtype="mixed_bfloat16", momentum=0.0)
    layer(x, training=True)
    wanted = x.bfloat16().float()
    torch.testing.assert_close(layer.moving_mean.value, wanted.mean(0))


def test_spectral_normalization_leaves_a_kernel_of_zeros_alone():
    layer = layers.SpectralNormalization(layers.Dense(3, kernel_initializer="zeros"))
    y = layer(torch.ones(2, 4), training=True)
    assert torch.equal(y, torch.zeros(2, 3))


def test_spectral_normalization_ends_with_a_largest_singular_value_of_one():
    layer = layers.SpectralNormalization(layers.Dense(3), power_iterations=50)
    layer(torch.ones(2, 4), training=True)
    assert torch.linalg.matrix_norm(layer.layer.kernel, 2).item() == pytest.approx(1.0, rel=1e-4)

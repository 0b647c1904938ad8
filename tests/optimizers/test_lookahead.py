"""Lookahead by its formula, and Muon on the kernels of convolutions."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers, optimizers
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.optimizers import schedules

GRADIENTS = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")


def slow_weights(rate, alphas, period):
    """Plain gradient descent under lookahead, in NumPy."""
    fast = slow = np.ones(3)
    for number, gradient in enumerate(GRADIENTS, start=1):
        fast = fast - rate * gradient
        meets = number % period == 0
        slow = slow + alphas[number - 1] * (fast - slow) if meets else slow
        fast = slow if meets else fast
    return fast, slow


@pytest.mark.parametrize("period", [1, 2, 3])
@pytest.mark.parametrize(
    ("alpha", "alphas"),
    [(0.5, [0.5] * 7), (schedules.PolynomialDecay(1.0, 7, 0.3), 1 - 0.1 * np.arange(7))],
)
def test_slow_weights_follow_the_fast_ones(alpha, alphas, period):
    optimizer = optimizers.Lookahead(optimizers.SGD(0.1), alpha, period)
    weight = torch.nn.Parameter(torch.ones(3))

    for gradient in GRADIENTS:
        optimizer.apply([torch.from_numpy(gradient)], [weight])

    fast, slow = slow_weights(0.1, alphas, period)
    np.testing.assert_allclose(weight.detach(), fast, rtol=1e-5)
    optimizer.finalize_variable_values([weight])
    np.testing.assert_allclose(weight.detach(), slow, rtol=1e-5)


def test_fit_ends_on_the_slow_weights():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile(optimizers.Lookahead(optimizers.SGD(0.1), 0.5, period=100), "mse")
    x = GRADIENTS

    before = [weight.numpy() for weight in model.weights]
    model.fit(x, x.sum(1), epochs=2, verbose=0)

    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_settings_are_those_of_the_inner_optimizer():
    inner = optimizers.Adam(0.1, clipnorm=1.0, gradient_accumulation_steps=2)
    optimizer = optimizers.Lookahead(inner)

    optimizer.learning_rate = 0.05

    assert (optimizer.clipnorm, optimizer.gradient_accumulation_steps) == (1.0, 2)
    assert float(inner.learning_rate) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("sgd",), ArgumentTypeError),
        ((optimizers.LossScaleOptimizer(optimizers.SGD()),), ArgumentError),
        ((optimizers.SGD(), 1.5), ArgumentError),
        ((optimizers.SGD(), 0.5, 0), ArgumentError),
    ],
)
def test_impossible_arguments_are_refused(arguments, error):
    with pytest.raises(error, match="Lookahead"):
        optimizers.Lookahead(*arguments)


def newton_schulz(x):
    a, b, c = 3.4445, -4.775, 2.0315
    is_tall = x.shape[0] > x.shape[1]
    x = x.T if is_tall else x
    x = x / (np.linalg.norm(x) + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if is_tall else x


@pytest.mark.parametrize(("dtype", "tolerance"), [(None, 1e-5), ("bfloat16", 0.3)])
@pytest.mark.parametrize("shape", [(3, 3, 4, 6), (1, 2, 3, 8), (3, 2, 5)])
def test_muon_takes_a_kernel_as_a_matrix_of_filters(shape, dtype, tolerance):
    gradient = np.random.default_rng(1).normal(size=shape)
    weight = torch.nn.Parameter(torch.zeros(shape))
    optimizer = optimizers.Muon(0.1, weight_decay=None, exclude_convolutions=False, ns_dtype=dtype)

    optimizer.apply([torch.tensor(gradient, dtype=torch.float32)], [weight])

    matrix = (1.95 * gradient).reshape(-1, shape[-1])
    wanted = -0.1 * 0.2 * max(matrix.shape) ** 0.5 * newton_schulz(matrix).reshape(shape)
    np.testing.assert_allclose(weight.detach(), wanted, atol=tolerance * abs(wanted).max())

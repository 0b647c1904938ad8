"""Kernel gradients over images laid side by side are those of the ordinary convolution."""

import pytest
import torch
from torch.nn import functional as F

from lamina.layers import Conv2D
from lamina.layers.side_by_side import convolve_small, convolves_faster


def tensors(window, batch=24):
    generator = torch.Generator().manual_seed(0)
    shapes = [(batch, 5, 4, 6), (7, 5, *window), (7,)]
    return [
        torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_()
        for shape in shapes
    ]


@pytest.mark.parametrize("window", [(3, 3), (1, 3), (5, 3), (1, 1)])
@pytest.mark.parametrize("batch", [24, 13, 70])
def test_gradients_are_those_of_torch(window, batch):
    x, kernel, bias = tensors(window, batch)
    y = convolve_small(x, kernel, bias)
    wanted = F.conv2d(x, kernel, bias, padding=[size // 2 for size in window])
    direction = torch.randn_like(y)

    torch.testing.assert_close(y, wanted)
    torch.testing.assert_close(
        torch.autograd.grad(y, [x, kernel, bias], direction),
        torch.autograd.grad(wanted, [x, kernel, bias], direction),
    )


def test_second_gradients_are_right():
    x, kernel, _ = tensors((3, 3), batch=8)
    x = x[:, :2, :3, :3].detach().requires_grad_()
    kernel = kernel[:2, :2].detach().requires_grad_()

    assert torch.autograd.gradgradcheck(lambda x, k: convolve_small(x, k, None), (x, kernel))


def choice(batch=16, size=8, channels=128, dtype=torch.bfloat16, window=3, margin=1, stride=1):
    x = torch.empty(batch, channels, size, size, dtype=dtype)
    kernel = torch.empty(128, channels, window, window, dtype=dtype, requires_grad=True)
    return convolves_faster(x, kernel, (stride,) * 2, (margin,) * 2, (1, 1), 1)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, True),
        ({"size": 9}, False),
        ({"channels": 32}, False),
        ({"dtype": torch.float32}, False),
        ({"batch": 13}, True),
        ({"batch": 37}, False),
        ({"margin": 0}, False),
        ({"stride": 2}, False),
    ],
)
def test_choice_follows_from_counts(change, wanted):
    assert choice(**change) is wanted


def test_layer_computes_the_same_as_in_float32():
    torch.manual_seed(0)
    half, whole = (Conv2D(128, 3, padding="same", dtype=d) for d in ("mixed_bfloat16", "float32"))
    x = torch.randn(16, 3, 3, 64)
    half.build(x.shape)
    whole.build(x.shape)
    whole.set_weights(half.get_weights())
    wanted, got = (
        torch.autograd.grad(layer(x).float().square().mean(), layer.kernel)[0]
        for layer in (whole, half)
    )

    torch.testing.assert_close(got, wanted, atol=0.02 * float(wanted.abs().max()), rtol=0)

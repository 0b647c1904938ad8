"""Kernel gradients of convolutions over many small images, laid side by side as few wide ones.

In bfloat16 on CPUs torch's kernel pays for every row of every image: 256 filters over 3 x 3 places
take 5 times as long as the arithmetic, over 7 x 7 places twice. Wide images cost what they should.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_WIDEST = 8  # places in a row of one image, above which laying them out costs more than it saves
_MOST, _FEWEST = 32, 8  # images in a row
_LEAST_PAIRS = 64 * 128  # channels times filters, below which there is little to save


def convolves_faster(
    x: Tensor, kernel: Tensor, strides: tuple, margins: tuple, dilation: tuple, groups: int
) -> bool:
    """Whether `convolve_small` applies to this convolution and is faster, judged by counts only.

    Args:
        x: Images, channels second.
        kernel: In torch's order.
        strides: Steps of the window.
        margins: Zeros on both sides of each axis.
        dilation: Distance between places of the window.
        groups: Groups of channels.
    """
    keeps_size = all(
        window == 2 * margin + 1 for window, margin in zip(kernel.shape[2:], margins, strict=True)
    )
    return (
        x.dtype == torch.bfloat16
        and x.device.type == "cpu"
        and x.ndim == 4
        and x.shape[3] <= _WIDEST
        and kernel.shape[0] * kernel.shape[1] >= _LEAST_PAIRS
        and groups == 1
        and keeps_size
        and set(strides) == set(dilation) == {1}
        and kernel.requires_grad
        and torch.is_grad_enabled()
        and _in_a_row(x.shape[0]) >= _FEWEST
    )


def convolve_small(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    """Slides a kernel of odd size over images that keep their size; channels second."""
    return _SmallConvolution.apply(x, kernel, bias)


class _SmallConvolution(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
        return F.conv2d(x, kernel, bias, padding=_margins(kernel))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Tensor) -> None:
        x, kernel, bias = inputs
        ctx.save_for_backward(x, kernel)
        ctx.num_biases = 0 if bias is None else bias.shape[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        x, kernel = ctx.saved_tensors
        wants_x, _, wants_bias = ctx.needs_input_grad
        for_x = _backward(gradient, x, kernel, wants_kernel=False)[0] if wants_x else None
        count = _in_a_row(x.shape[0])
        wide_gradient, wide_x = (_side_by_side(v, count, kernel) for v in (gradient, x))
        for_kernel = _backward(wide_gradient, wide_x, kernel, wants_kernel=True)[1]
        return for_x, for_kernel, gradient.sum((0, 2, 3)) if wants_bias else None


def _backward(gradient: Tensor, x: Tensor, kernel: Tensor, *, wants_kernel: bool) -> tuple:
    one = [1, 1]
    wanted = [not wants_kernel, wants_kernel, False]
    return torch.ops.aten.convolution_backward(
        gradient, x, kernel, None, one, _margins(kernel), one, False, [0, 0], 1, wanted
    )


def _margins(kernel: Tensor) -> list[int]:
    return [size // 2 for size in kernel.shape[2:]]


def _in_a_row(batch: int) -> int:
    """How many images stand in a row: the largest divisor of their number up to a bound."""
    return max(count for count in range(1, _MOST + 1) if batch % count == 0) if batch else 0


def _side_by_side(x: Tensor, count: int, kernel: Tensor) -> Tensor:
    """Images (batch, c, h, w) as (batch / count, c, h, count * (w + gap)), zeros in the gaps."""
    batch, channels, height, width = x.shape
    gap = kernel.shape[3] // 2
    rows = x.permute(0, 2, 3, 1).reshape(batch // count, count, height, width, channels)
    rows = F.pad(rows.transpose(1, 2), (0, 0, 0, gap))
    wide = rows.reshape(batch // count, height, count * (width + gap), channels)
    return wide.permute(0, 3, 1, 2)

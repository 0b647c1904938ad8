"""What layers share that slide a window over an image: axes, padding, the convolution itself.

Images have their channels last; torch's kernels want them second. Both are views of one memory
(channels-last strides), so nothing is copied. One spatial axis is treated as an image of height 1.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core import checks
from lamina.core.errors import ShapeError
from lamina.layers.precision import in_compute_dtype
from lamina.layers.side_by_side import convolve_small, convolves_faster

CHANNELS_LAST, CHANNELS_FIRST = "channels_last", "channels_first"
_AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


def data_format(layer: object, value: Any) -> str:
    """Accepts where the channels are; `None` means last."""
    options = (CHANNELS_LAST, CHANNELS_FIRST)
    return checks.choice(layer, "data_format", CHANNELS_LAST if value is None else value, options)


def padding(layer: object, value: Any, *others: str) -> str:
    """Accepts "valid", "same" or one of the other words, in either case."""
    word = value.lower() if isinstance(value, str) else value
    return checks.choice(layer, "padding", word, ("valid", "same", *others))


def check_rank(layer: Any, shape: tuple) -> None:
    """Refuses an input that is no batch of images of the layer's rank."""
    if len(shape) == layer.rank + 2:
        return
    axes = _AXES[layer.rank]
    form = f"batch, {axes}, channels" if _is_last(layer) else f"batch, channels, {axes}"
    fix = "check the shapes of the layers before it with summary()."
    if len(shape) == layer.rank + 1:
        fix = "add the missing axis, for one channel with x[..., None] or Reshape((..., 1))."
    raise ShapeError(
        f"{layer.name} received an input of shape {tuple(shape)}.",
        expected=f"{layer.rank + 2} axes, ({form}).",
        fix=fix,
    )


def channels(layer: Any, shape: tuple) -> int:
    """Number of channels of an input, which must be known to make weights."""
    check_rank(layer, shape)
    size = shape[-1 if _is_last(layer) else 1]
    if size is None:
        raise ShapeError(
            f"{layer.name} received an input of shape {tuple(shape)}, its channels unknown.",
            expected="a channel axis of known size, from which the kernel gets its shape.",
            fix="give the number of channels in Input(shape=...).",
        )
    return size


def check_channels(layer: Any, shape: tuple, wanted: int) -> None:
    """Refuses an input whose channels are not those that the kernel was made for."""
    check_rank(layer, shape)
    if shape[-1 if _is_last(layer) else 1] != wanted:
        where = "last axis" if _is_last(layer) else "second axis"
        raise ShapeError(
            f"{layer.name} received an input of shape {tuple(shape)}.",
            expected=f"{wanted} channels on the {where}, as at its first call.",
            fix="give every call the same number of channels, or make a new layer.",
        )


def check_window(layer: Any, what: str, window: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Refuses a window that is larger than the image it slides over without padding."""
    if any(one > size for one, size in zip(window, sizes, strict=True)):
        raise ShapeError(
            f"{layer.name} has a {what} of {window} and received an image of {tuple(sizes)}.",
            expected=f"a {what} no larger than the image on any axis.",
            fix=f'use a smaller {what}, padding="same", or fewer pooling layers before it.',
        )


def spatial(layer: Any, shape: tuple) -> tuple[int, ...]:
    """Sizes of the axes that the window slides over."""
    return tuple(shape[1:-1] if _is_last(layer) else shape[2:])


def channels_second(layer: Any, x: Tensor) -> Tensor:
    """View of a batch of images that torch's kernels take: channels second, at least 4 axes."""
    if not _is_last(layer):
        return x.unsqueeze(2) if layer.rank == 1 else x
    if layer.rank == 1:
        x = x.unsqueeze(1)
    x = x.contiguous()  # a view of other memory would make every later kernel take the slow way
    return x.permute(0, x.ndim - 1, *range(1, x.ndim - 1))


def channels_back(layer: Any, y: Tensor) -> Tensor:
    """The reverse of `channels_second`."""
    if not _is_last(layer):
        return y.squeeze(2) if layer.rank == 1 else y
    y = y.permute(0, *range(2, y.ndim), 1)
    return y.squeeze(1) if layer.rank == 1 else y


def planar(values: tuple[int, ...], fill: int = 1) -> tuple[int, ...]:
    """Numbers for every spatial axis, of which there are at least two."""
    return (fill, *values) if len(values) == 1 else values


def same_padding(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Zeros before and after an axis so that it comes out ceil(size / stride) long."""
    reach = (window - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def torch_kernel(kernel: Tensor) -> Tensor:
    """View of a kernel (spatial axes, a, b) as torch orders it: (b, a, spatial axes)."""
    if kernel.ndim == 3:
        kernel = kernel.unsqueeze(0)
    last = kernel.ndim - 1
    return kernel.permute(last, last - 1, *range(last - 1))


def convolve(layer: Any, x: Tensor, kernel: Tensor, bias: Tensor | None, groups: int) -> Tensor:
    """Slides a kernel (spatial axes, in, out) over images, as the layer's arguments say."""
    x, kernel, bias = in_compute_dtype(layer, x, kernel, bias)
    if layer.padding == "valid":
        reach = _reach(kernel.shape[: layer.rank], layer.dilation_rate)
        what = "dilated kernel" if max(layer.dilation_rate) > 1 else "kernel"
        check_window(layer, what, reach, spatial(layer, x.shape))
    x, kernel = channels_second(layer, x), torch_kernel(kernel)
    strides, dilation = planar(layer.strides), planar(layer.dilation_rate)
    margins = _margins(layer.padding, x.shape[2:], kernel.shape[2:], strides, dilation)
    both = tuple(before for before, _ in margins)
    if any(before != after for before, after in margins):
        x = F.pad(x, [size for pair in reversed(margins) for size in pair])
        both = (0,) * len(margins)
    if convolves_faster(x, kernel, strides, both, dilation, groups):
        return channels_back(layer, convolve_small(x, kernel, bias))
    function = F.conv3d if layer.rank == 3 else F.conv2d
    return channels_back(layer, function(x, kernel, bias, strides, both, dilation, groups))


def _margins(
    kind: str, sizes: torch.Size, windows: torch.Size, strides: tuple, dilation: tuple
) -> list[tuple[int, int]]:
    axes = list(zip(sizes, windows, strides, dilation, strict=True))
    if kind == "same":
        return [same_padding(*axis) for axis in axes]
    if kind == "causal":
        return [((window - 1) * step, 0) for _, window, _, step in axes]
    return [(0, 0)] * len(axes)


def _reach(windows: torch.Size, dilation: tuple[int, ...]) -> tuple[int, ...]:
    return tuple((one - 1) * step + 1 for one, step in zip(windows, dilation, strict=True))


def _is_last(layer: Any) -> bool:
    return layer.data_format == CHANNELS_LAST

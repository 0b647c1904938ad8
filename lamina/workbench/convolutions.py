"""The convolutional bodies of the presets cnn and resnet, sized to the pictures.

Pooling stands before normalization and activation: the maximum of the same numbers, at a quarter
of their cost.
"""

from typing import Any

from lamina.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
)

SMALLEST_SIDE = 4  # pixels a side, below which there is nothing to convolve
_WORKING_SIDE = 16  # pixels a side at which most of the work is done
_SMALLEST_POOLED = 6
_FEW_EXAMPLES = 5_000


def cnn(x: Any, side: int, num_examples: int, width: float, dropout: float) -> Any:
    """Up to three stages of convolutions, each with twice the filters on a quarter of the pixels.

    Args:
        x: Pictures (batch, height, width, channels), from 0 to 1.
        side: The shorter of height and width.
        num_examples: Examples to train on; few get a smaller net.
        width: What the numbers of filters are multiplied by.
        dropout: Share of values dropped after each stage.
    """
    filters = _filters(32 if num_examples < _FEW_EXAMPLES else 64, width)
    x, side = _stem(x, side, _filters(32, width))
    for stage, count in enumerate((1, 2, 2)):
        pools = stage < 2 and side >= _SMALLEST_POOLED
        for number in range(count):
            is_last = number + 1 == count
            x = _convolved(x, filters << stage, pools=pools and is_last)
        x = Dropout(dropout)(x)
        side //= 2
        if not pools:
            break
    return GlobalAveragePooling2D()(x)


def resnet(x: Any, side: int, num_examples: int, width: float, dropout: float) -> Any:
    """Three stages of two convolutions, each stage added to what it began with.

    Args:
        x: Pictures (batch, height, width, channels), from 0 to 1.
        side: The shorter of height and width.
        num_examples: Examples to train on; few get a smaller net.
        width: What the numbers of filters are multiplied by.
        dropout: Share of values dropped before the last layer.

    Reference:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, for the
        blocks; here with fewer of them.
    """
    filters = _filters(32 if num_examples < _FEW_EXAMPLES else 64, width)
    x, side = _stem(x, side, _filters(32, width))
    for stage in range(3):
        shrinks = stage > 0 and side >= SMALLEST_SIDE
        x = _residual(x, filters << stage, strides=2 if shrinks else 1)
        x = _residual(x, filters << stage)
        side = -(-side // 2) if shrinks else side
    return Dropout(dropout)(GlobalAveragePooling2D()(x))


def _stem(x: Any, side: int, filters: int) -> tuple[Any, int]:
    """A first convolution, and as many halvings as lead to the working side."""
    pools = side > _WORKING_SIDE
    x = _convolved(x, filters, pools=pools)
    side = side // 2 if pools else side
    while side > _WORKING_SIDE:
        x = _convolved(x, filters, strides=2)
        side = -(-side // 2)
    return x, side


def _convolved(x: Any, filters: int, *, strides: int = 1, pools: bool = False) -> Any:
    x = Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    if pools:
        x = MaxPooling2D(2)(x)
    return Activation("relu")(BatchNormalization(momentum=0.9)(x))


def _residual(x: Any, filters: int, strides: int = 1) -> Any:
    inner = _convolved(x, filters, strides=strides)
    inner = Conv2D(filters, 3, padding="same", use_bias=False)(inner)
    inner = BatchNormalization(momentum=0.9)(inner)
    if strides > 1 or x.shape[-1] != filters:
        x = Conv2D(filters, 1, strides=strides, padding="same", use_bias=False)(x)
        x = BatchNormalization(momentum=0.9)(x)
    return Activation("relu")(Add()([x, inner]))


def _filters(count: int, width: float) -> int:
    """A number of filters that is a multiple of 8, which kernels like."""
    return max(8, 8 * round(count * width / 8))

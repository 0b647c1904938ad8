"""Tells layers which epoch it is, those that want to know."""

from collections.abc import Hashable

from torch import nn

from lamina.layers.base import Layer


def begin_epoch(module: nn.Module, epoch: int, seed: int) -> Hashable:
    """Calls `begin_epoch` of every layer that has one of its own.

    Args:
        module: What is trained.
        epoch: Number of the epoch, counted from 0.
        seed: The seed of the run.

    Returns:
        What they returned: steps captured for one such value serve no other. `None` where there is
        no such layer.
    """
    told = tuple(
        layer.begin_epoch(epoch, seed)
        for layer in module.modules()
        if isinstance(layer, Layer) and type(layer).begin_epoch is not Layer.begin_epoch
    )
    return told or None

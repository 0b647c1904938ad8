"""AlternatingFlip: every other epoch mirrored, each image in its own rhythm."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import randomness
from lamina.core.variables import Variable
from lamina.layers.augmentation import Augmentation
from lamina.layers.sampling import take_pixels

_MIXER = 0x9E3779B97F4A7C15 - (1 << 64)  # the odd constant of SplitMix64, as a signed number
_LARGEST_SALT = (1 << 31) - 1


class AlternatingFlip(Augmentation):
    """Mirrors each image left to right in every other epoch.

    Which half of the images begins mirrored is drawn from the seed and each image's own pixels, so
    that within any two epochs each is seen once from both sides. `RandomFlip` shows a quarter of
    them twice from the same side, a quarter twice from the other. Put it first, before layers
    that change images at random. `fit` tells the layer which epoch it is; elsewhere it is 0.

    Args:
        seed: Chooses who begins mirrored; the seed of the run when `None`.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the shape of the input, floating point

    Raises:
        ShapeError: The input has neither 3 nor 4 axes.

    Reference:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498, 2024, section
        3.6. There the place of an image in the data set decides, here its pixels.

    Example:
        >>> AlternatingFlip()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    _turn: Tensor

    def __init__(
        self, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.register_buffer("_turn", Variable(torch.zeros(2, dtype=torch.int64)), persistent=False)

    def begin_epoch(self, epoch: int, seed: int) -> None:
        """Notes the epoch, counted from 0; captured steps see it."""
        salt = randomness.derive(seed if self.seed is None else self.seed, "flip")
        self._turn.copy_(torch.tensor([salt & _LARGEST_SALT, epoch]))

    def draw(self, images: Tensor) -> Tensor:
        salt, epoch = self._turn.unbind()
        mixed = (_code(images) + salt) * _MIXER
        return ((mixed >> 40) + epoch) & 1

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        height, width = images.shape[1:3]
        y = torch.arange(height, device=images.device).expand(len(images), height)
        x = torch.arange(width, device=images.device).expand(len(images), width)
        return take_pixels(images, y, torch.where(drawn[:, None] == 1, width - 1 - x, x))

    transform_masks = transform  # type: ignore[assignment]  # the masks come by position


def _code(images: Tensor) -> Tensor:
    """A whole number an image, the same whatever else is in the batch: sums of bits are exact."""
    pixels = images.float().contiguous().view(torch.int32)
    return pixels.reshape(len(images), -1).sum(1, dtype=torch.int64)

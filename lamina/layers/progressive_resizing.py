"""ProgressiveResizing: small images in the first epochs, larger ones later."""

from collections.abc import Hashable
from typing import Any

from torch import Tensor

from lamina.core import checks
from lamina.layers.adapted import to_compute_dtype
from lamina.layers.base import Layer
from lamina.layers.resizing import DATA_FORMATS, MODES, from_batch, resize, to_batch

Size = tuple[int, ...]


class ProgressiveResizing(Layer):
    """Resizes images while a model trains, to a size that grows with the epochs.

    Half the side takes a quarter of the time, and what is learned on small images holds on larger
    ones. What follows must take any size: convolutions and global pooling, no `Flatten`. Outside
    of training, and in epochs without a size, images stay as they are. `fit` tells the layer which
    epoch it is and captures its step once for each size; elsewhere the epoch is 0.

    Args:
        sizes: Pairs (first epoch, size), epochs counted from 0; a size is one number, two, or
            `None` for the images as they are.
        interpolation: "bilinear", "nearest" or "bicubic".
        antialias: Averages when shrinking.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, channels) or (height, width, channels), any dtype
        output: the same with the size of the epoch while training, floating point

    Raises:
        ArgumentError: `sizes` holds something else than such pairs.
        ShapeError: The input has neither 3 nor 4 axes.

    Reference:
        Howard, "Training Imagenet in 3 hours for USD 25", 2018, for small images first.

    Example:
        >>> layer = ProgressiveResizing([(0, 24), (8, None)])
        >>> layer(torch.zeros(1, 32, 32, 3), training=True).shape
        torch.Size([1, 24, 24, 3])
    """

    def __init__(
        self,
        sizes: Any,
        interpolation: str = "bilinear",
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sizes = _pairs(self, sizes)
        self.interpolation = checks.choice(self, "interpolation", interpolation, tuple(MODES))
        self.antialias = checks.boolean(self, "antialias", antialias)
        self.data_format = checks.choice(self, "data_format", data_format, DATA_FORMATS)
        self._size = self.size_in(0)

    def size_in(self, epoch: int) -> Size | None:
        """The size of an epoch, counted from 0; `None` where images stay as they are."""
        begun = [(first, size) for first, size in self.sizes if first <= epoch]
        return max(begun, key=lambda pair: pair[0])[1] if begun else None

    def begin_epoch(self, epoch: int, seed: int) -> Hashable:
        """Notes the epoch; the size belongs to what a captured step was captured for."""
        self._size = self.size_in(epoch)
        return self._size

    def call(self, x: Tensor) -> Tensor:
        x = to_compute_dtype(self, x)
        images = to_batch(self, x, self.data_format)
        if self.training and self._size is not None:
            height, width = self._size
            images = resize(images, (height, width), self.interpolation, antialias=self.antialias)
        return from_batch(images, x, self.data_format)


def _pairs(layer: Layer, sizes: Any) -> list[tuple[int, Size | None]]:
    pairs = list(sizes) if isinstance(sizes, (list, tuple)) else []
    are_pairs = all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs)
    if not pairs or not are_pairs:
        raise checks.refuse(
            layer,
            "sizes",
            sizes,
            expected="'sizes' as pairs (first epoch, size).",
            fix="pass for example sizes=[(0, 24), (8, None)].",
        )
    return [
        (
            checks.whole(layer, "sizes", first, low=0),
            None if size is None else checks.sizes(layer, "sizes", size, 2),
        )
        for first, size in pairs
    ]

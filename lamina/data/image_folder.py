"""A dataset of picture files: decoded by a few threads a little ahead of the reader."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import randomness
from lamina.data.prefetch import ahead
from lamina.data.resizing import central_crop_box, resize, resize_with_padding
from lamina.files.pictures import CHANNELS, read_picture

WORKERS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class PictureForm:
    """How every picture of a dataset is decoded and resized."""

    image_size: tuple[int, ...]  # height, width
    color_mode: str
    interpolation: str
    fit: str  # "stretch", "crop" or "pad"

    def read(self, path: str) -> np.ndarray:
        """The pixels of one file: (height, width, channels), float32, 0 to 255."""
        pixels = read_picture(path, color_mode=self.color_mode)
        if self.fit == "pad":
            return resize_with_padding(pixels, self.image_size, self.interpolation)
        if self.fit == "crop":
            pixels = pixels[central_crop_box(pixels.shape[:2], self.image_size)]
        return resize(pixels, self.image_size, self.interpolation)


class ImageFolder:
    """Yields batches of pictures and labels; each pass shuffles anew.

    The order of a pass is a pure function of (seed, epoch). The first pass is epoch 0.

    Args:
        file_paths: Pictures in their fixed order.
        labels: One row a picture, or `None` for pictures alone.
        class_names: Names of the classes, or `None`.
        form: How pictures are decoded.
        batch_size: Pictures a batch. `None` yields single pictures without a batch axis.
        shuffle: Whether each pass has its own order.
        seed: Where the orders start.

    Shape:
        images: (batch, height, width, channels), float32, 0 to 255
        labels: (batch,) int32; (batch, 1) float32 for "binary"; (batch, classes) float32 for
            "categorical"
    """

    def __init__(
        self,
        file_paths: Sequence[str],
        labels: Tensor | None,
        class_names: list[str] | None,
        *,
        form: PictureForm,
        batch_size: int | None,
        shuffle: bool,
        seed: int,
    ) -> None:
        self.file_paths = list(file_paths)
        self.labels = labels
        self.class_names = class_names
        self.form = form
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0

    @property
    def num_examples(self) -> int:
        """Number of pictures in one pass."""
        return len(self.file_paths)

    @property
    def element_shape(self) -> tuple[int, ...]:
        """Height, width and channels of each picture."""
        return (*self.form.image_size, CHANNELS[self.form.color_mode])

    def __len__(self) -> int:
        return -(-self.num_examples // (self.batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        return self.batches(epoch)

    def order(self, epoch: int) -> np.ndarray:
        """The positions in `file_paths` in the order of one pass."""
        if not self.shuffle:
            return np.arange(self.num_examples)
        key = randomness.derive(self.seed, "picture order", epoch)
        return np.random.Generator(np.random.Philox(key)).permutation(self.num_examples)

    def set_epoch(self, epoch: int) -> None:
        """Makes the next pass the one with this number, as a resumed run needs."""
        self.epoch = epoch

    def batches(self, epoch: int) -> Iterator[Any]:
        """The batches of one pass.

        Raises:
            LoadError: A picture is damaged; the message names the file.
        """
        order, size = self.order(epoch), self.batch_size or 1
        groups = [order[start : start + size] for start in range(0, len(order), size)]
        return ahead(self._batch, groups, workers=WORKERS, depth=WORKERS)

    def _batch(self, group: np.ndarray) -> Any:
        images = torch.empty((len(group), *self.element_shape))
        pixels = images.numpy()
        for place, position in enumerate(group):
            pixels[place] = self.form.read(self.file_paths[position])
        if self.batch_size is None:
            images = images[0]
        if self.labels is None:
            return images
        labels = self.labels[torch.from_numpy(group)]
        return images, labels[0] if self.batch_size is None else labels

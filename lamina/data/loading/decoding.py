"""Decodes a few pictures at once; runs in the program itself or in a worker process.

It imports nothing but NumPy, Pillow and the files floor: a worker starts in a blink.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lamina.core.errors import LoadError, StorageError
from lamina.files.opening import Source
from lamina.files.pictures import CHANNELS, open_picture, resized, to_color_mode

DIGEST_BYTES = 16
GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")


class Look(NamedTuple):
    """What pictures are decoded to."""

    height: int
    width: int
    color_mode: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.height, self.width, CHANNELS[self.color_mode]


class Broken(NamedTuple):
    """A file that is no picture: its place in the list, and why."""

    place: int
    problem: str


class Decoded(NamedTuple):
    """Pictures of one look, and how their files differ from it.

    Shape:
        pixels: (n, height, width, channels), uint8; zeros where a file is broken
        digests: (n, 16), uint8; a hash of the pixels of each
    """

    pixels: np.ndarray
    digests: np.ndarray
    num_resized: int
    num_coloured: int
    broken: list[Broken]


def decode(sources: Sequence[Source], names: Sequence[str], look: Look) -> Decoded:
    """Decodes pictures within the limits of the files floor and gives them one size and mode.

    A picture of another size is stretched by Pillow's antialiased bilinear filter. Broken files
    are listed, not raised.

    Args:
        sources: Paths, or the contents of files.
        names: What messages call them.
        look: Size and mode of the result.
    """
    count = len(sources)
    pixels = np.zeros((count, *look.shape), np.uint8)
    digests = np.zeros((count, DIGEST_BYTES), np.uint8)
    num_resized = num_coloured = 0
    broken = []
    size = (look.height, look.width)
    for place, (source, name) in enumerate(zip(sources, names, strict=True)):
        try:
            image = open_picture(source, name=name, at_least=size)
        except (LoadError, StorageError) as error:
            broken.append(Broken(place, error.problem))
            continue
        num_coloured += image.mode not in GREY_MODES
        image = to_color_mode(image, look.color_mode)
        if image.size != (look.width, look.height):
            num_resized += 1
            image = resized(image, size, "bilinear")
        pixels[place] = np.asarray(image).reshape(look.shape)
        digests[place] = digest_of(pixels[place])
    return Decoded(pixels, digests, num_resized, num_coloured, broken)


def digest_of(pixels: np.ndarray) -> np.ndarray:
    """A hash of the pixels of one picture: (16,), uint8."""
    engine = hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=DIGEST_BYTES)
    return np.frombuffer(engine.digest(), np.uint8)

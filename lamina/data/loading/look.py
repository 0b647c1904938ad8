"""Chooses the size and colour mode that all pictures of a source get."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from lamina.core.errors import LoadError, StorageError
from lamina.data.loading.decoding import GREY_MODES, Look
from lamina.data.loading.listing import Listing, contents
from lamina.files.pictures import Outline, outline_of

LARGEST_SIDE = 224
MOST_LOOKED_AT = 1000
_FRIENDLY_SIDES = (8, 16, 24, 28, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224)


def survey(listing: Listing, places: Sequence[int], most: int = MOST_LOOKED_AT) -> list[Outline]:
    """Reads the headers of at most `most` pictures, evenly spread; broken ones are passed over."""
    step = max(1, -(-len(places) // most))
    chosen = places[::step]
    found: dict[int, Outline] = {}
    for numbers, sources in contents(listing, chosen, 100, 2**24):
        for number, source in zip(numbers, sources, strict=True):
            with suppress(LoadError, StorageError):
                found[number] = outline_of(source)
    return [found[place] for place in chosen if place in found]


def choose_look(
    outlines: Sequence[Outline],
    picture_size: tuple[int, int] | None,
    color_mode: str | None,
) -> tuple[Look, list[str]]:
    """Decides what pictures are decoded to, and says why where nobody asked for it.

    Args:
        outlines: Sizes and modes of some of the pictures; at least one.
        picture_size: Height and width that were asked for.
        color_mode: Mode that was asked for.

    Returns:
        The look, and lines for a person.
    """
    notes = []
    if color_mode is None:
        is_grey = all(outline.mode in GREY_MODES for outline in outlines)
        color_mode = "grayscale" if is_grey else "rgb"
        words = "grey, so they are read as one channel" if is_grey else "read in colour (rgb)"
        notes.append(f"pictures are {words}")
    if picture_size is None:
        picture_size, note = _size_of(outlines)
        notes += note
    return Look(*picture_size, color_mode), notes


def is_uniform(outlines: Sequence[Outline]) -> bool:
    """Whether all pictures have one size."""
    return len({outline[:2] for outline in outlines}) == 1


def _size_of(outlines: Sequence[Outline]) -> tuple[tuple[int, int], list[str]]:
    sizes = list(dict.fromkeys(outline[:2] for outline in outlines))
    first = sizes[0]
    if len(sizes) == 1 and max(first) <= LARGEST_SIDE:
        return first, []
    if len(sizes) == 1:
        scale = LARGEST_SIDE / max(first)
        size = (max(1, round(first[0] * scale)), max(1, round(first[1] * scale)))
        why = f"pictures of {_times(first)} are shrunk to {_times(size)}"
    else:
        side = float(np.median([side for outline in outlines for side in outline[:2]]))
        nearest = min(_FRIENDLY_SIDES, key=lambda friendly: abs(friendly - side))
        size = (nearest, nearest)
        why = (
            f"pictures have different sizes ({_times(sizes[0])}, {_times(sizes[1])} ...); "
            f"all are stretched to {_times(size)}"
        )
    return size, [f"{why} (picture_size= changes it)"]


def _times(size: tuple[int, ...]) -> str:
    return f"{size[0]} x {size[1]}"

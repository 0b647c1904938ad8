"""Examples as people look at them: small pictures, or rows of cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.data.dataset import Dataset, Part, Schema
from lamina.report.features import Feature, plain, row_as_text
from lamina.report.records import Sample

SIDE = 96
"""Longest side of a kept picture in pixels; larger ones are made smaller."""

_MOST_CLASSES = 20
_FEW, _SOME = 3, 6  # pictures a class: with many classes, with few
_ROWS = 6


class Album:
    """Collects pictures of one size.

    Args:
        schema: How an example is read; says what black and white are.
        x: The inputs that pictures are taken from; decides whether there are any.
    """

    def __init__(self, schema: Schema, x: Any) -> None:
        self.is_open = shows_pictures(schema, x)
        self.pictures: list[np.ndarray] = []
        self._range = schema.value_range or (_range_of(x) if self.is_open else None)

    def add(self, picture: np.ndarray) -> int:
        """Keeps a picture, made smaller if need be; returns its place."""
        self.pictures.append(as_thumbnail(picture, self._range))
        return len(self.pictures) - 1

    def as_array(self) -> np.ndarray | None:
        """All pictures, (pictures, height, width, channels), uint8; `None` without any."""
        return np.stack(self.pictures) if self.pictures else None


def shows_pictures(schema: Schema, x: Any) -> bool:
    """Whether inputs are pictures: (n, height, width), with 1, 3 or 4 channels or without."""
    if isinstance(x, dict) or x.dtype.kind not in "buif":
        return False
    is_flat = x.ndim == 3 and min(x.shape[1:]) >= 4
    is_deep = x.ndim == 4 and x.shape[3] in (1, 3, 4)
    is_known = schema.form == "pictures" or schema.value_range is not None or x.dtype == np.uint8
    return (is_flat or is_deep) and is_known


def as_thumbnail(picture: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    """A picture as (height, width, channels) bytes, at most `SIDE` pixels a side."""
    from PIL import Image  # noqa: PLC0415 - needed for large pictures only

    values = picture[..., None] if picture.ndim == 2 else picture
    low, high = value_range or (0.0, 255.0)
    if values.dtype != np.uint8 or (low, high) != (0, 255):
        scaled = (values.astype(np.float64) - low) * (255 / ((high - low) or 1.0))
        values = np.nan_to_num(scaled).clip(0, 255).round().astype(np.uint8)
    height, width = values.shape[:2]
    if max(height, width) <= SIDE:
        return np.array(values)
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    small = np.asarray(image.resize(size, Image.Resampling.BOX))
    return np.array(small[..., None] if small.ndim == 2 else small)


def _range_of(x: np.ndarray) -> tuple[float, float]:
    """(0, 255) for bytes, else the range of the first pictures."""
    if x.dtype == np.uint8:
        return 0.0, 255.0
    first = np.array(x[:256], dtype=np.float64)
    finite = first[np.isfinite(first)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def choose(dataset: Dataset, album: Album, features: Sequence[Feature]) -> list[Sample]:
    """A few training examples: some pictures of each class, or the first rows."""
    part = dataset.train
    if part.y is None or not (album.is_open or features):
        return []
    if not album.is_open:
        return [sample_of(part, "train", at, album, features) for at in range(_ROWS)[: len(part.y)]]
    return [sample_of(part, "train", at, album, features) for at in _places(part.y, dataset.schema)]


def _places(y: np.ndarray, schema: Schema) -> list[int]:
    """Examples spread over the part, class by class."""
    if schema.task == "regression":
        order = np.argsort(y, kind="stable")
        picks = np.linspace(0, len(order) - 1, min(12, len(order)))
        return [int(order[round(pick)]) for pick in picks]
    each = _SOME if schema.num_classes <= 10 else _FEW
    chosen: list[int] = []
    for number in range(min(_MOST_CLASSES, schema.num_classes)):
        members = np.flatnonzero(y == number)
        picks = np.linspace(0, len(members) - 1, min(each, len(members))).round().astype(int)
        chosen += [int(members[pick]) for pick in dict.fromkeys(picks.tolist())]
    return chosen


def sample_of(
    part: Part, name: str, place: int, album: Album, features: Sequence[Feature]
) -> Sample:
    """One example of a part, its picture put into the album."""
    label = float("nan") if part.y is None else float(part.y[place])
    if not album.is_open:
        cells = row_as_text(part.x, features, place)
        return Sample(plain(part.ids[place]), name, label, None, cells)
    pictures: Any = part.x
    return Sample(plain(part.ids[place]), name, label, album.add(pictures[place]))

"""Kept examples as a page shows them: pictures as data URLs, with heat, and cells of rows."""

import base64
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from PIL import Image

from lamina.report.records import Evidence, Sample
from lamina.report.wording import DASH, clean, number

_SMALL = 48  # up to so many pixels a side PNG is the smaller form, and keeps every pixel
_QUALITY = 85
_TEXTS = ("category", "text")
_FADE = 0.1  # what the heat leaves of the picture where it is strongest
_HOT = np.array([255.0, 96.0, 0.0])


def label_of(evidence: Evidence, label: float) -> str:
    """The name of a class, or a number, as it is shown."""
    if not np.isfinite(label):
        return DASH
    if evidence.is_classification:
        return clean(evidence.schema.class_names[int(label)], 60)
    return number(label, 4)


def headings(evidence: Evidence, columns: Iterable[int]) -> list[tuple[str, str]]:
    """Names of columns, each with the class that sets numbers to the right."""
    texts = {column.name for column in evidence.schema.columns if column.kind in _TEXTS}
    names = [evidence.features[place] for place in columns if place < len(evidence.features)]
    return [(clean(name, 40), "" if name in texts else "num") for name in names]


def cells(evidence: Evidence, sample: Sample, columns: Iterable[int]) -> list[tuple[str, str]]:
    """Cells of a row in some columns, each with the class of its heading."""
    columns = [place for place in columns if place < len(sample.cells)]
    looks = [look for _, look in headings(evidence, columns)]
    texts = [clean(sample.cells[place], 40) for place in columns]
    return list(zip(texts, looks, strict=True))


def picture(evidence: Evidence, sample: Sample, words: str) -> Markup:
    """The picture of an example as an image of the page; nothing where there is none."""
    if sample.picture is None or evidence.pictures is None:
        return Markup("")
    return as_image(evidence.pictures[sample.picture], words)


def heated(evidence: Evidence, place: int, words: str) -> Markup:
    """The picture of a mistake in grey, with heat on the pixels that spoke for the answer."""
    number_of = evidence.mistakes[place].sample.picture
    if evidence.saliency is None or evidence.pictures is None or number_of is None:
        return Markup("")
    kept = evidence.pictures[number_of].astype(np.float64)
    if kept.shape[:2] != evidence.saliency[place].shape:
        return Markup("")
    grey = kept[..., :3].mean(axis=2, keepdims=True) * 0.5 + 15
    heat = (evidence.saliency[place].astype(np.float64) / 255)[..., None] ** 1.3
    mixed = grey * (1 - heat * (1 - _FADE)) + _HOT * heat * (1 - _FADE)
    return as_image(mixed.clip(0, 255).round().astype(np.uint8), words)


def as_image(values: np.ndarray, words: str) -> Markup:
    """Bytes (height, width, channels) as an `img` element with its data inside."""
    height, width = values.shape[:2]
    image: Any = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    file = io.BytesIO()
    is_small = max(height, width) <= _SMALL
    if is_small or values.shape[2] == 4:
        kind = "png"
        image.save(file, "PNG", optimize=True)
    else:
        kind = "jpeg"
        image.save(file, "JPEG", quality=_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    look = ' class="pixels"' if is_small else ""
    return Markup(
        f'<img{look} src="data:image/{kind};base64,{data}" width="{width}" height="{height}" '
        f'alt="{escape(words)}">'
    )

"""Examples of a source as one sheet: a PNG of pictures with their classes, or a page."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.names import shown
from lamina.data.dataset import Dataset
from lamina.files import write_bytes, write_text
from lamina.report import features, samples
from lamina.report.pictures import as_image
from lamina.report.records import Sample
from lamina.report.samples import Album
from lamina.report.wording import clean, number
from lamina.workbench import targets
from lamina.workbench.templates import fill

_ENDINGS = (".png", ".html")
_COLUMNS = 12
_CELL, _GAP, _LETTERS = 96, 10, 16  # pixels


def checked(path: Path, *, overwrite: bool) -> Path:
    """Passes a file that can be written as a sheet.

    Raises:
        ArgumentError: It ends in neither .png nor .html.
        StorageError: It exists, or its folder does not.
    """
    return targets.checked(path, _ENDINGS, overwrite=overwrite)


def write(dataset: Dataset, path: Path, lines: list[str], *, has_pictures: bool) -> None:
    """Writes a few training examples of each class as a sheet.

    Args:
        dataset: The source.
        path: A .png or .html file that `checked` has passed.
        lines: What is said of the source, for a page.
        has_pictures: Whether its examples are pictures.

    Raises:
        ArgumentError: A PNG is asked for, and the examples are no pictures.
        StorageError: The file cannot be written.
    """
    is_page = path.suffix.lower() == ".html"
    if not has_pictures and not is_page:
        raise ArgumentError(
            f"{shown(dataset.title, 60)} has no pictures to draw.",
            expected="pictures, for a .png file.",
            fix="write a page: --out sheet.html.",
        )
    album = Album(dataset.schema, dataset.train.x)
    columns = features.features_of(dataset.schema, dataset.train.x)
    chosen = samples.choose(dataset, album, columns)
    if is_page:
        write_text(path, _page(dataset, album, chosen, [c.name for c in columns], lines))
    else:
        write_bytes(path, _drawn(dataset, album, chosen))


def _label(dataset: Dataset, sample: Sample) -> str:
    if not math.isfinite(sample.label):
        return "-"
    if dataset.schema.num_classes:
        return clean(dataset.schema.class_names[int(sample.label)], 40)
    return number(sample.label, 4)


def _drawn(dataset: Dataset, album: Album, chosen: list[Sample]) -> bytes:
    """The pictures in rows on white, each above its class."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - needed for a sheet only

    count = max(1, len(chosen))
    wide = min(_COLUMNS, count)
    tall = -(-count // wide)
    step = (_CELL + _GAP, _CELL + _GAP + _LETTERS)
    sheet = Image.new("RGB", (wide * step[0] + _GAP, tall * step[1] + _GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, sample in enumerate(chosen):
        row, column = divmod(place, wide)
        left, top = _GAP + column * step[0], _GAP + row * step[1]
        picture = _square(album.pictures[sample.picture or 0])
        sheet.paste(picture, (left, top))
        words = _label(dataset, sample)
        while words and pen.textlength(words, font) > _CELL:
            words = words[:-1]
        pen.text((left, top + _CELL + 1), words, fill="black", font=font)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _square(values: np.ndarray) -> Any:
    """A picture as large as its cell, its pixels kept apart where it is made larger."""
    from PIL import Image  # noqa: PLC0415

    image: Any = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    scale = _CELL / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    return image.convert("RGB").resize(size, Image.Resampling.NEAREST)


def _title(dataset: Dataset) -> str:
    """The name of the data, and the column to predict of a table."""
    target = dataset.schema.target if dataset.schema.form == "table" else None
    return clean(f"{dataset.title}: {target}" if target else dataset.title, 80)


def _page(
    dataset: Dataset, album: Album, chosen: list[Sample], heads: list[str], lines: list[str]
) -> str:
    pictures = [
        (_label(dataset, one), as_image(album.pictures[one.picture], f"example {one.id}"))
        for one in chosen
        if one.picture is not None
    ]
    rows = [(one.id, _label(dataset, one), one.cells) for one in chosen if one.picture is None]
    return fill(
        "show.html",
        title=_title(dataset),
        text="\n".join(line.rstrip("#").rstrip() for line in lines),  # bars do not fit a phone
        pictures=pictures,
        heads=heads,
        target=dataset.schema.target or "label",
        rows=rows,
    )

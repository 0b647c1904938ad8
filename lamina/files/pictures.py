"""Pictures from files, decoded by Pillow within limits and turned into arrays."""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lamina.core import checks
from lamina.core.errors import LoadError, StateError
from lamina.files import limits
from lamina.files.opening import Source, damaged, open_source, printable

if TYPE_CHECKING:
    from PIL.Image import Image

CHANNELS: dict[str, int] = {"grayscale": 1, "rgb": 3, "rgba": 4}
ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
FILTERS = ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos")

_FORMATS = ("PNG", "JPEG", "BMP", "GIF")
_ORIENTATION, _QUARTER_TURNS = 0x0112, (5, 6, 7, 8)
_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError,
    MemoryError, ZeroDivisionError, struct.error, zlib.error,
)  # fmt: skip


def read_picture(
    source: Source,
    *,
    color_mode: str = "rgb",
    size: tuple[int, int] | None = None,
    interpolation: str = "bilinear",
    name: str | None = None,
) -> np.ndarray:
    """Decodes one picture into an array of bytes.

    PNG, JPEG, BMP and the first frame of GIF and animated PNG are read. The picture is turned
    upright as its EXIF orientation says. Transparency is dropped for "rgb" and "grayscale".

    Args:
        source: Path of the picture, or its content as bytes.
        color_mode: Channels of the result: "grayscale" 1, "rgb" 3, "rgba" 4.
        size: Height and width to resize to with Pillow's antialiased filters. `None` keeps it.
        interpolation: Filter for resizing.
        name: What messages call it. The path when `None`.

    Shape:
        result: (height, width, channels), uint8

    Raises:
        ArgumentError: `color_mode`, `size` or `interpolation` is not possible.
        LoadError: The file is no picture, is damaged or cut, or is beyond 50 million pixels,
            20,000 pixels a side or 64 MiB.
    """
    checks.choice("read_picture", "color_mode", color_mode, tuple(CHANNELS))
    checks.choice("read_picture", "interpolation", interpolation, FILTERS)
    image = to_color_mode(open_picture(source, name=name), color_mode)
    if size is not None:
        height, width = checks.sizes("read_picture", "size", size, 2)
        image = resized(image, (height, width), interpolation)
    pixels = np.array(image, dtype=np.uint8)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


class Outline(NamedTuple):
    """What the header of a picture says: its size as seen upright, and Pillow's mode."""

    height: int
    width: int
    mode: str


def outline_of(source: Source, *, name: str | None = None) -> Outline:
    """Reads the size and mode of a picture from its header, without decoding it.

    Raises:
        LoadError: The file is no picture or is beyond a limit.
        StateError: As for `open_picture`.
    """
    label, data = _content(source, name)
    with _decoder_errors(label, data[:4]):
        image = _opened(data, label)
        has_exif = image.format == "JPEG" or "exif" in image.info  # a PNG would be decoded for it
        is_turned = has_exif and image.getexif().get(_ORIENTATION, 1) in _QUARTER_TURNS
    width, height = reversed(image.size) if is_turned else image.size
    return Outline(height, width, image.mode)


def open_picture(
    source: Source, *, name: str | None = None, at_least: tuple[int, int] | None = None
) -> "Image":
    """Decodes a picture fully, in the mode of its file, upright, its first frame only.

    Args:
        source: Path of the picture, or its content as bytes.
        name: What messages call it. The path when `None`.
        at_least: Height and width that are enough for the caller: a JPEG over twice as large may
            come out at a half, a quarter or an eighth of its size, which is several times faster.

    Raises:
        LoadError: As for `read_picture`.
        StateError: The program told Pillow to accept truncated files.
    """
    from PIL import ImageOps  # noqa: PLC0415 (slow to import)

    label, data = _content(source, name)
    with _decoder_errors(label, data[:4]):
        image = _opened(data, label)
        image.seek(0)
        if at_least is not None and min(image.size) > 2 * max(at_least):
            image.draft(None, (2 * max(at_least),) * 2)  # twice, so that resizing still averages
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _content(source: Source, name: str | None) -> tuple[str, bytes]:
    """The name and all bytes of a file that may be a picture."""
    with open_source(source, name=name) as opened:
        data = opened.file.read(limits.PICTURE_BYTES + 1)
        label = opened.name
    if not data:
        raise _no_picture(label, "the file is empty")
    if len(data) > limits.PICTURE_BYTES:
        raise _no_picture(label, f"the file is over {limits.PICTURE_BYTES:,} bytes")
    return label, data


def _opened(data: bytes, name: str) -> "Image":
    from PIL import Image, ImageFile  # noqa: PLC0415 (slow to import)

    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise StateError(
            "PIL.ImageFile.LOAD_TRUNCATED_IMAGES is set, so cut pictures would pass as grey ones.",
            expected="Pillow's default, which refuses truncated files.",
            fix="PIL.ImageFile.LOAD_TRUNCATED_IMAGES = False",
        )
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    _check_size(image.size, name)
    return image


@contextmanager
def _decoder_errors(name: str, start: bytes) -> Iterator[None]:
    """Turns what a decoder raises on a bad file into an error that names the file."""
    from PIL import Image  # noqa: PLC0415 (slow to import)

    try:
        yield
    except (LoadError, StateError):
        raise
    except Image.UnidentifiedImageError as error:
        raise _no_picture(name, f"the content is no picture ({start.hex(' ')} ...)") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _no_picture(name, f"it has over {limits.PICTURE_PIXELS:,} pixels") from error
    except _DECODER_ERRORS as error:
        reason = printable(str(error), 80).strip("'\"")
        raise _no_picture(name, f"the picture is damaged or cut ({reason})") from error


def to_color_mode(image: "Image", color_mode: str) -> "Image":
    """Converts a decoded picture of any mode to bytes of 1, 3 or 4 channels."""
    from PIL import Image  # noqa: PLC0415 (slow to import)

    wanted = _MODES[color_mode]
    if image.mode.startswith("I"):  # 16 bits a pixel: keep the upper 8
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype("u1"))
    if image.mode in ("P", "PA", "LA") and (image.mode != "P" or "transparency" in image.info):
        image = image.convert("RGBA")  # straight to RGB would paint over transparent colours
    return image if image.mode == wanted else image.convert(wanted)


def resized(
    image: "Image",
    size: tuple[int, int],
    interpolation: str,
    box: tuple[int, int, int, int] | None = None,
) -> "Image":
    """Resizes a decoded picture, or a (left, top, right, bottom) box of it, to (height, width)."""
    from PIL import Image  # noqa: PLC0415 (slow to import)

    return image.resize((size[1], size[0]), Image.Resampling[interpolation.upper()], box)


def is_picture_name(name: str | os.PathLike) -> bool:
    """Whether a file name ends like a picture that can be read."""
    return os.fspath(name).lower().endswith(ENDINGS)


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    too_large = width * height > limits.PICTURE_PIXELS or max(size) > limits.PICTURE_SIDE
    if too_large or min(size) < 1:
        raise _no_picture(name, f"it has {height:,} x {width:,} pixels")


def _no_picture(name: str, what: str) -> LoadError:
    return damaged(
        name,
        f"{what}.",
        expected="a complete PNG, JPEG, BMP or GIF file of at most "
        f"{limits.PICTURE_PIXELS // 10**6} million pixels and {limits.PICTURE_SIDE:,} a side.",
        fix="remove the file, or save the picture again in one of these formats.",
    )

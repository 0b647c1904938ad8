"""Single pictures as Keras's users load, save and convert them (Pillow is imported when used)."""

import io
import os
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from lamina.core import checks, dtypes, kinds
from lamina.core.errors import ArgumentTypeError, ShapeError, StorageError
from lamina.core.names import shown, shown_path
from lamina.data.resizing import INTERPOLATIONS, central_crop_box, resize
from lamina.files import pictures

if TYPE_CHECKING:
    from PIL.Image import Image

_LAYOUTS = ("channels_last", "channels_first", None)


def load_img(
    path: str | os.PathLike | bytes | io.BytesIO,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> "Image":
    """Reads a picture file into a Pillow image, upright as its EXIF orientation says.

    Args:
        path: Path of the file, or an `io.BytesIO` with its content.
        color_mode: "grayscale" (16-bit files keep their depth), "rgb" or "rgba".
        target_size: Height and width to resize to. `None` keeps the size.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: Whether to crop the centre to the proportions of `target_size` first.

    Returns:
        The image.

    Raises:
        ArgumentError: `color_mode`, `target_size` or `interpolation` is not possible.
        ArgumentTypeError: `path` is neither a path nor an `io.BytesIO`.
        LoadError: The file is no picture, is damaged, or is beyond the limits.
        StorageError: There is no such file.
    """
    checks.choice("load_img", "color_mode", color_mode, tuple(pictures.CHANNELS))
    checks.choice("load_img", "interpolation", interpolation, pictures.FILTERS)
    image = pictures.open_picture(_picture_source(path))
    if not (color_mode == "grayscale" and image.mode in ("L", "I", "I;16")):
        image = pictures.to_color_mode(image, color_mode)
    if target_size is None:
        return image
    height, width = checks.sizes("load_img", "target_size", target_size, 2)
    if image.size == (width, height):
        return image
    box = None
    if keep_aspect_ratio:
        rows, columns = central_crop_box((image.height, image.width), (height, width))
        box = (columns.start, rows.start, columns.stop, rows.stop)
    return pictures.resized(image, (height, width), interpolation, box)


def img_to_array(
    img: "Image | np.ndarray", data_format: str | None = None, dtype: Any = None
) -> np.ndarray:
    """Turns a Pillow image into an array of shape (height, width, channels).

    Args:
        img: A Pillow image, or an array with 2 or 3 axes.
        data_format: "channels_last" (also when `None`) or "channels_first".
        dtype: Dtype of the result. `None` means the default float.

    Returns:
        The pixels, not rescaled.

    Raises:
        ArgumentError: `data_format` is none of the two.
        ShapeError: The image has neither 2 nor 3 axes.
    """
    layout = checks.choice("img_to_array", "data_format", data_format, _LAYOUTS)
    x = _pixels(img, "img", dtype)
    if x.ndim == 2:
        x = x[:, :, None]
    if x.ndim != 3:
        raise ShapeError(
            f"img_to_array() received an image of shape {x.shape}.",
            expected="2 axes (height, width) or 3 axes (height, width, channels).",
            fix="pass one image at a time.",
        )
    return x.transpose(2, 0, 1) if layout == "channels_first" else x


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> "Image":
    """Turns an array with 1, 3 or 4 channels into a Pillow image.

    Args:
        x: Pixels of one picture.
        data_format: "channels_last" (also when `None`) or "channels_first".
        scale: Whether to stretch the values so that the lowest is 0 and the highest 255.
        dtype: Dtype to compute in. `None` means the default float.

    Returns:
        An image of mode "L", "RGB" or "RGBA"; "I" for grey values above 255.

    Raises:
        ArgumentError: `data_format` is none of the two.
        ShapeError: `x` has not 3 axes, or another number of channels.
    """
    from PIL import Image  # noqa: PLC0415 (slow to import)

    layout = checks.choice("array_to_img", "data_format", data_format, _LAYOUTS)
    x = x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else x
    x = _pixels(x, "x", dtype)
    if layout == "channels_first" and x.ndim == 3:
        x = x.transpose(1, 2, 0)
    if x.ndim != 3 or x.shape[2] not in (1, 3, 4):
        raise ShapeError(
            f"array_to_img() received an array of shape {x.shape}.",
            expected="3 axes (height, width, channels) with 1, 3 or 4 channels.",
            fix="pass one picture, for example batch[0].",
        )
    if scale:
        x = x - x.min()
        x = x / x.max() * 255.0 if x.max() != 0 else x
    if x.shape[2] == 1:
        deep = x.max() > 255
        return Image.fromarray(x[:, :, 0].astype("int32" if deep else "uint8"))
    return Image.fromarray(np.ascontiguousarray(x).astype("uint8"))


def save_img(
    path: str | os.PathLike | BinaryIO,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Writes an array as a picture file.

    Args:
        path: Path to write, or an open binary file.
        x: Pixels of one picture with 1, 3 or 4 channels.
        data_format: "channels_last" (also when `None`) or "channels_first".
        file_format: Format, such as "png". The ending of `path` decides when `None`.
        scale: Whether to stretch the values so that the lowest is 0 and the highest 255.
        **kwargs: Passed on to Pillow's `Image.save`.

    Raises:
        ArgumentError: The format is unknown to Pillow.
        ShapeError: `x` is not one picture.
        StorageError: The file cannot be written.
    """
    if file_format is not None:
        kinds.text("save_img", "file_format", file_format, "png")
    if not hasattr(path, "write"):
        path = kinds.path("save_img", "path", path, "cat.png")
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = os.path.splitext(os.fspath(path))[1][1:]
    file_format = {"jpg": "jpeg"}.get(str(file_format).lower(), file_format)
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and file_format == "jpeg":
        warnings.warn(
            "save_img() drops the transparency: JPEG has none. Save as PNG to keep it.",
            stacklevel=2,
        )
        image = image.convert("RGB")
    try:
        image.save(path, format=file_format, **kwargs)
    except (KeyError, ValueError) as error:
        raise checks.refuse(
            "save_img",
            "file_format",
            file_format,
            expected="a format that Pillow can write, such as png or jpeg.",
            fix='pass file_format="png".',
        ) from error
    except OSError as error:
        raise StorageError(
            f"the picture {shown_path(path, 100)} cannot be written: {error}."[:200],
            expected="a folder that exists and that this user may write to.",
            fix="create the folder first, or choose another.",
        ) from error


def smart_resize(
    x: Any,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str | None = "channels_last",
) -> Any:
    """Resizes pictures without distortion: crops the centre to the new proportions first.

    "bicubic" is the filter of Keras on TensorFlow (Keys, a = -1/2), the one of picture folders.

    Args:
        x: One picture or a batch, as an array or a tensor.
        size: New height and width.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5",
            "gaussian" or "mitchellcubic".
        data_format: "channels_last" or "channels_first".

    Returns:
        Float32 pixels of the new size: an array for an array, a tensor for a tensor.

    Raises:
        ArgumentError: `size`, `interpolation` or `data_format` is not possible.
        ShapeError: `x` has neither 3 nor 4 axes.
    """
    wanted = checks.sizes("smart_resize", "size", size, 2)
    checks.choice("smart_resize", "interpolation", interpolation, INTERPOLATIONS)
    layout = checks.choice("smart_resize", "data_format", data_format, _LAYOUTS)
    pixels = x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)
    if pixels.ndim not in (3, 4):
        raise ShapeError(
            f"smart_resize() received an array of shape {pixels.shape}.",
            expected="(height, width, channels) or (batch, height, width, channels).",
            fix="add the missing axis, for example x[..., None].",
        )
    if layout == "channels_first":
        pixels = np.moveaxis(pixels, -3, -1)
    rows, columns = central_crop_box(pixels.shape[-3:-1], wanted)
    result = resize(pixels[..., rows, columns, :], wanted, interpolation)
    if layout == "channels_first":
        result = np.moveaxis(result, -1, -3)
    if isinstance(x, torch.Tensor):
        return torch.from_numpy(np.ascontiguousarray(result)).to(x.device)
    return result


def _pixels(image: Any, name: str, dtype: Any) -> np.ndarray:
    """A copy of the pixels in a dtype."""
    kind = dtypes.name_of(dtypes.floatx() if dtype is None else dtype)
    try:
        return np.array(image, dtype=kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError(
            f"{name} is {shown(image, 60)}, which is no picture of dtype {shown(kind, 40)}.",
            expected="a PIL image or an array of numbers, and a dtype of NumPy.",
            fix="pass for example np.asarray(picture).",
        ) from error


def _picture_source(path: Any) -> str | bytes:
    if isinstance(path, io.BytesIO):
        return path.getvalue()
    if isinstance(path, (str, bytes, os.PathLike)):
        return os.fsdecode(path)
    raise ArgumentTypeError(
        f"load_img(path={shown(path)}) is not possible.",
        expected="a path, or an io.BytesIO with the content of a picture file.",
        fix='pass for example path="cat.jpg".',
    )

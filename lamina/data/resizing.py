"""Resizes arrays of pixels by the filters of Keras's image datasets, without antialiasing.

Each axis is a weighted sum of a few neighbours ("taps"); centres of pixels lie at half numbers.
"""

import functools
from collections.abc import Callable

import numpy as np


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, 1.0 - np.abs(x))


def _keys_cubic(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _mitchell_cubic(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near = (7.0 / 6.0 * x - 2.0) * x * x + 8.0 / 9.0
    far = ((-7.0 / 18.0 * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


def _gaussian(x: np.ndarray) -> np.ndarray:
    sigma = 0.5
    return np.where(np.abs(x) < 3 * sigma, np.exp(-(x**2) / (2 * sigma**2)), 0.0)


_KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1.0, _triangle),
    "bicubic": (2.0, _keys_cubic),
    "lanczos3": (3.0, _lanczos(3)),
    "lanczos5": (5.0, _lanczos(5)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2.0, _mitchell_cubic),
}
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian",
                  "mitchellcubic")  # fmt: skip


def resize(pixels: np.ndarray, size: tuple[int, ...], interpolation: str) -> np.ndarray:
    """Resamples the height and width of pictures.

    Args:
        pixels: Any dtype; computed in float32.
        size: New height and width.
        interpolation: One of `INTERPOLATIONS`.

    Shape:
        pixels: (..., height, width, channels)
        result: (..., *size, channels), float32

    Reference:
        Keys, "Cubic convolution interpolation for digital image processing", 1981 (a = -1/2);
        Mitchell and Netravali, "Reconstruction filters in computer graphics", 1988 (B = C = 1/3).
    """
    pixels = np.asarray(pixels, dtype=np.float32)
    height, width = pixels.shape[-3:-1]
    rows = _resample(pixels, pixels.ndim - 3, height, size[0], interpolation)
    return _resample(rows, pixels.ndim - 2, width, size[1], interpolation)


def central_crop_box(size: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[slice, slice]:
    """The largest centred window of a picture that has the proportions of `wanted`."""
    height, width = size
    crop_height = max(min(height, int(width * wanted[0] / wanted[1])), 1)
    crop_width = max(min(width, int(height * wanted[1] / wanted[0])), 1)
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return slice(top, top + crop_height), slice(left, left + crop_width)


def resize_with_padding(
    pixels: np.ndarray, size: tuple[int, ...], interpolation: str
) -> np.ndarray:
    """Resizes a picture to fit inside `size` with its proportions, zeros around it."""
    height, width, channels = pixels.shape
    ratio = max(height / size[0], width / size[1])
    fitted = (max(int(height / ratio), 1), max(int(width / ratio), 1))
    top = max(int((size[0] - height / ratio) / 2), 0)
    left = max(int((size[1] - width / ratio) / 2), 0)
    result = np.zeros((*size, channels), np.float32)
    inside = resize(pixels, fitted, interpolation)
    result[top : top + fitted[0], left : left + fitted[1]] = inside
    return result


def _resample(pixels: np.ndarray, axis: int, old: int, new: int, interpolation: str) -> np.ndarray:
    if old == new and interpolation not in ("gaussian", "mitchellcubic"):
        return pixels  # every other filter leaves the pixels of an unchanged axis as they are
    places, weights = _taps(old, new, interpolation)
    shape = [1] * pixels.ndim
    shape[axis] = new
    result = np.take(pixels, places[:, 0], axis) * weights[:, 0].reshape(shape)
    for tap in range(1, places.shape[1]):
        result += np.take(pixels, places[:, tap], axis) * weights[:, tap].reshape(shape)
    return result


@functools.lru_cache(maxsize=256)
def _taps(old: int, new: int, interpolation: str) -> tuple[np.ndarray, np.ndarray]:
    """Which old pixels make each new one, and with which weight: two (new, taps) arrays."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale
    if interpolation == "nearest":
        places = np.minimum(centres.astype(np.int64), old - 1)[:, None]
        return places, np.ones((new, 1), np.float32)
    if interpolation == "area":
        return _area_taps(old, new)
    radius, kernel = _KERNELS[interpolation]
    first = np.ceil(centres - radius - 0.5).astype(np.int64)
    places = first[:, None] + np.arange(int(2 * radius) + 1)
    weights = kernel(places + 0.5 - centres[:, None])
    weights *= (places >= 0) & (places < old)
    weights /= weights.sum(1, keepdims=True)
    return places.clip(0, old - 1), weights.astype(np.float32)


def _area_taps(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    scale = old / new
    start = np.arange(new) * scale
    places = np.floor(start).astype(np.int64)[:, None] + np.arange(int(np.ceil(scale)) + 1)
    overlap = np.minimum(places + 1, start[:, None] + scale) - np.maximum(places, start[:, None])
    weights = overlap.clip(0, 1) / scale
    return places.clip(0, old - 1), weights.astype(np.float32)

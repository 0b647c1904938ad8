"""Why the nets differ: pixels shuffled, pictures moved, and what the first layers look for."""

from collections.abc import Iterator

import numpy as np

from lamina.models.model import Model
from lamina.study.trials import Transform, accuracy

SHIFTS = (0, 1, 2, 3, 4)
_MOST_DRAWN = 32


def shuffled_pixels(height: int, width: int, seed: int) -> Transform:
    """Moves the pixels of every picture to other places, by one permutation for all.

    A dense net can undo it with its first layer and learns the same; a convolution looks at
    neighbours, which are now pixels from anywhere.

    Args:
        height: Pixels from top to bottom.
        width: Pixels from left to right.
        seed: Chooses the permutation.
    """
    order = np.random.Generator(np.random.Philox(seed)).permutation(height * width)

    def transform(x: np.ndarray) -> np.ndarray:
        flat = x.reshape(len(x), height * width, -1)
        return np.ascontiguousarray(flat[:, order]).reshape(x.shape)

    return transform


def accuracy_when_moved(model: Model, x: np.ndarray, y: np.ndarray) -> dict[int, float]:
    """Accuracy on pictures moved by some pixels, mean over the four directions.

    Args:
        model: A trained net.
        x: Test pictures, (n, height, width, channels).
        y: Their class numbers.

    Returns:
        The accuracy by the number of pixels. The edge is repeated where nothing moves in.
    """
    found = {}
    for pixels in SHIFTS:
        scores = [accuracy(model, moved, y) for moved in _moved(x, pixels)]
        found[pixels] = float(np.mean(scores))
    return found


def _moved(x: np.ndarray, pixels: int) -> Iterator[np.ndarray]:
    if pixels == 0:
        yield x
        return
    room = ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0))
    padded = np.pad(x, room, mode="edge")
    height, width = x.shape[1:3]
    for top, left in ((0, pixels), (2 * pixels, pixels), (pixels, 0), (pixels, 2 * pixels)):
        yield padded[:, top : top + height, left : left + width]


def first_weights(model: Model, input_shape: tuple[int, ...]) -> np.ndarray:
    """The first layer's strongest weights as pictures, their middle grey standing for 0.

    Args:
        model: A trained net of the study.
        input_shape: Height, width and channels of a picture.

    Shape:
        output: (at most 32, height, width, channels), uint8; of the picture's size for a dense
            net, of the filter's for a convolution
    """
    kernels = (getattr(layer, "kernel", None) for layer in model.layers)
    kernel: np.ndarray = next(k for k in kernels if k is not None).numpy().astype(np.float32)
    if kernel.ndim == 2:
        kernel = kernel.reshape(*input_shape, -1)
    filters = np.moveaxis(kernel, -1, 0)
    strength = np.square(filters).sum((1, 2, 3))
    chosen = filters[np.argsort(-strength)[:_MOST_DRAWN]]
    largest = np.abs(chosen).max((1, 2, 3), keepdims=True)
    return (127.5 + 127.5 * chosen / np.maximum(largest, 1e-12)).round().astype(np.uint8)

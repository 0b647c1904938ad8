"""First weights that are computed from the pictures: directions in which they differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.initializers import Initializer, VarianceScaling

_PICTURES = 5_000
_others = VarianceScaling(1 / 3, "fan_in", "uniform")


def middle(x: np.ndarray) -> float:
    """The mean of all pixels, rounded where they are whole numbers.

    Differences from a whole number are exact in bfloat16.
    """
    mean = float(x.mean(dtype=np.float64))
    return float(round(mean)) if x.dtype.kind in "iu" else mean


def sample(x: np.ndarray) -> Tensor:
    """At most 5,000 of the pictures, evenly picked, less their middle, in float32."""
    rows = np.linspace(0, len(x) - 1, min(len(x), _PICTURES)).astype(np.int64)
    return torch.from_numpy(x[rows].astype(np.float32) - np.float32(middle(x)))


def whitening_filters(x: Tensor, size: int, epsilon: float) -> np.ndarray:
    """Filters that make the values of small patches independent, each with both signs.

    Eigenvectors of the patches' covariance, divided by sqrt(eigenvalue + epsilon * variance),
    and their opposites.

    Args:
        x: Pictures around 0, (n, height, width, channels).
        size: Height and width of a patch.
        epsilon: Keeps directions that hardly vary from being blown up, as a share of the
            variance of a pixel.

    Shape:
        output: (size, size, channels, 2 * size * size * channels)

    Reference:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498, 2024.
    """
    channels = x.shape[-1]
    patches = x.unfold(1, size, 1).unfold(2, size, 1).permute(0, 1, 2, 4, 5, 3)
    directions = _whitening(patches.reshape(-1, size * size * channels), epsilon)
    filters = torch.cat([directions, -directions], dim=1)
    return filters.reshape(size, size, channels, -1).numpy()


def whitening_matrix(x: Tensor, units: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a dense layer that whitens the strongest directions of whole pictures.

    Args:
        x: Pictures around 0, (n, height, width, channels).
        units: Columns of the kernel; those beyond the pictures' own size start at 0.
        epsilon: As for `whitening_filters`.
    """
    rows = x.reshape(len(x), -1)
    mean = rows.mean(0)
    found = _whitening(rows, epsilon)[:, :units]
    kernel = torch.zeros(rows.shape[1], units)
    kernel[:, : found.shape[1]] = found
    return kernel.numpy(), (-mean @ kernel).numpy()


def _whitening(rows: Tensor, epsilon: float) -> Tensor:
    """Eigenvectors of the covariance, divided by their deviations; columns, strongest first."""
    rows = rows - rows.mean(0)
    values, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))
    floor = epsilon * values.clamp(min=0).mean() + torch.finfo(values.dtype).tiny
    scaled = vectors / (values.clamp(min=0) + floor).sqrt()
    return scaled.flip(1)


class PassingOn(Initializer):
    """Starts the first filters of a convolution so that each passes one channel on unchanged.

    Filter number i has a 1 at its middle for channel i; filters beyond the channels start as
    `torch.nn.Conv2d` starts them.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """New values of this shape: (height, width, channels, filters)."""
        kernel = _others(shape, dtype=dtype)
        same = min(shape[-2:])
        kernel[..., :same] = 0
        kernel[shape[0] // 2, shape[1] // 2, range(same), range(same)] = 1
        return kernel

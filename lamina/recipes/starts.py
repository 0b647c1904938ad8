"""What a recipe takes from the pictures before the first update: their scale, their directions."""

import numpy as np
import torch
from torch import Tensor

_PICTURES = 5_000


def scaling(x: np.ndarray) -> tuple[float, float]:
    """Scale and offset that bring pixels near mean 0 and deviation 1, exactly in bfloat16.

    The scale is a power of two and, where pixels are whole numbers, the middle is one too:
    scaled pixels then differ from whole ones in their exponent only, and nothing is rounded.
    """
    rows = x[sample_rows(x)].astype(np.float64)
    deviation, middle = rows.std(), rows.mean()
    scale = 2.0 ** -round(np.log2(deviation)) if deviation > 0 else 1.0
    middle = float(round(middle)) if x.dtype.kind in "iu" else float(middle)
    return scale, -scale * middle


def sample_rows(x: np.ndarray) -> np.ndarray:
    """Numbers of at most 5,000 pictures, evenly picked."""
    return np.linspace(0, len(x) - 1, min(len(x), _PICTURES)).astype(np.int64)


def sample(x: np.ndarray) -> Tensor:
    """At most 5,000 of the pictures, scaled, in float32."""
    scale, offset = scaling(x)
    return torch.from_numpy(x[sample_rows(x)].astype(np.float32) * scale + offset).float()


def whitening_matrix(x: Tensor, units: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a dense layer that whitens the strongest directions of whole pictures.

    Columns are eigenvectors of the covariance, each divided by
    sqrt(eigenvalue + epsilon * mean eigenvalue).

    Args:
        x: Scaled pictures, (n, height, width, channels).
        units: Columns of the kernel; those beyond the pictures' own size start at 0.
        epsilon: Keeps directions that hardly vary from being blown up.
    """
    rows = x.reshape(len(x), -1)
    mean = rows.mean(0)
    values, vectors = torch.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    values = values.clamp(min=0)
    floor = epsilon * values.mean() + torch.finfo(values.dtype).tiny
    found = (vectors / (values + floor).sqrt()).flip(1)[:, :units]
    kernel = torch.zeros(rows.shape[1], units)
    kernel[:, : found.shape[1]] = found
    return kernel.numpy(), (-mean @ kernel).numpy()

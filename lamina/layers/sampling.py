"""Reads images at other places: the one kernel behind rotation, zoom, shift, shear and tilt.

Coordinates count pixels: x to the right, y down, 0 at the centre of the first pixel. A map says
where in the input each output pixel is read.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

INTERPOLATIONS = ("bilinear", "nearest")
FILL_MODES = ("reflect", "constant", "nearest", "wrap")

_PADDING = {"reflect": "reflection", "constant": "zeros", "nearest": "border", "wrap": "border"}


def warp_affine(
    images: Tensor, rows: list[Tensor | float], interpolation: str, fill_mode: str, value: float
) -> Tensor:
    """Reads output pixel (x, y) at (a x + b y + c, d x + e y + f).

    Args:
        images: (batch, height, width, channels).
        rows: a, b, c, d, e, f, each a number or of shape (batch,).
        interpolation: "bilinear" or "nearest".
        fill_mode: What lies beyond the border: the image mirrored ("reflect"), one value
            ("constant"), the border itself ("nearest"), or the image again ("wrap").
        value: The value for "constant".
    """
    batch, height, width, _ = images.shape
    a, b, c, d, e, f = rows
    # grid_sample counts from -1 to 1 across the outer edges: x_n = (2 x + 1) / width - 1.
    shift_x = (a * (width - 1) + b * (height - 1) + 2 * c + 1) / width - 1
    shift_y = (d * (width - 1) + e * (height - 1) + 2 * f + 1) / height - 1
    entries = [a, b * (height / width), shift_x, d * (width / height), e, shift_y]
    like = next(entry for entry in entries if isinstance(entry, Tensor))
    columns = [
        entry if isinstance(entry, Tensor) else torch.full_like(like, entry) for entry in entries
    ]
    theta = torch.stack(columns, dim=-1).reshape(batch, 2, 3)
    grid = F.affine_grid(theta, [batch, 1, height, width], align_corners=False)
    return read(images, grid, interpolation, fill_mode, value)


def read(
    images: Tensor, grid: Tensor, interpolation: str, fill_mode: str, value: float = 0.0
) -> Tensor:
    """Reads images at a grid of places counted from -1 to 1 across the outer edges.

    Args:
        images: (batch, height, width, channels).
        grid: (batch, new height, new width, 2), x before y.
        interpolation: As for `warp_affine`.
        fill_mode: As for `warp_affine`.
        value: As for `warp_affine`.
    """
    kind = images.dtype
    x = images.permute(0, 3, 1, 2).to(grid.dtype)
    if fill_mode == "wrap":
        x, grid = _unrolled(x, grid)
    shift = value if fill_mode == "constant" else 0.0
    y = F.grid_sample(
        x - shift if shift else x,
        grid,
        mode=interpolation,
        padding_mode=_PADDING[fill_mode],
        align_corners=fill_mode == "wrap",
    )
    y = y + shift if shift else y
    return y.permute(0, 2, 3, 1).to(kind)


def _unrolled(x: Tensor, grid: Tensor) -> tuple[Tensor, Tensor]:
    """Brings places back into the image, which gets its first row and column once more."""
    places = []
    for place, size in zip(grid.unbind(-1), (x.shape[3], x.shape[2]), strict=True):
        pixels = torch.remainder(((place + 1) * size - 1) / 2, size)
        places.append(pixels * (2 / size) - 1)
    return F.pad(x, (0, 1, 0, 1), mode="circular"), torch.stack(places, dim=-1)


def take_pixels(images: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Picks whole pixels by one gather.

    Args:
        images: (batch, height, width, channels).
        y: Row to read for each new row, (batch, new height), int64.
        x: Column to read for each new column, (batch, new width), int64.
    """
    batch, height, width, channels = images.shape
    starts = torch.arange(batch, device=images.device)[:, None] * height
    places = ((starts + y) * width)[:, :, None] + x[:, None, :]
    pixels = images.reshape(-1, channels).index_select(0, places.reshape(-1))
    return pixels.reshape(batch, y.shape[1], x.shape[1], channels)


def pixel_grid(images: Tensor) -> tuple[Tensor, Tensor]:
    """The x of shape (width,) and the y of shape (height, 1), in float32."""
    height, width = images.shape[1:3]
    x = torch.arange(width, device=images.device, dtype=torch.float32)
    y = torch.arange(height, device=images.device, dtype=torch.float32)
    return x, y[:, None]


def warp_perspective(
    images: Tensor, start: Tensor, end: Tensor, interpolation: str, value: float
) -> Tensor:
    """Moves four points of each image from `start` to `end` and tilts the rest along.

    Args:
        images: (batch, height, width, channels).
        start: (batch, 4, 2), x before y, in pixels.
        end: (batch, 4, 2), where those points appear in the result.
        interpolation: "bilinear" or "nearest".
        value: What lies beyond the border.

    Reference:
        Hartley and Zisserman, "Multiple View Geometry in Computer Vision", 2nd edition, 2004,
        section 4.1, for the linear equations of the eight coefficients.
    """
    x, y = end.unbind(-1)  # (batch, 4)
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    u, v = start.unbind(-1)
    upper = torch.stack([x, y, one, zero, zero, zero, -u * x, -u * y], dim=-1)
    lower = torch.stack([zero, zero, zero, x, y, one, -v * x, -v * y], dim=-1)
    wanted = torch.cat([u, v], dim=-1)[..., None]
    # solve_ex does not read back whether a matrix was singular, which would stall the device.
    solution = torch.linalg.solve_ex(torch.cat([upper, lower], dim=1), wanted)[0]
    a, b, c, d, e, f, g, h = solution[:, :, 0, None, None].unbind(1)
    px, py = pixel_grid(images)
    depth = g * px + h * py + 1
    height, width = images.shape[1:3]
    read_x = (a * px + b * py + c) / depth
    read_y = (d * px + e * py + f) / depth
    grid = torch.stack([(2 * read_x + 1) / width - 1, (2 * read_y + 1) / height - 1], dim=-1)
    return read(images, grid, interpolation, "constant", value)

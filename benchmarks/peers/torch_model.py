"""The jobs as plain torch modules: NCHW models in channels-last memory, torch's own layers."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.parts.jobs import Job

Weights = list[tuple[np.ndarray, np.ndarray]]
ACTIVATIONS = {"relu": nn.ReLU, "swish": nn.SiLU}
LOSSES = {"classes": F.cross_entropy, "mse": F.mse_loss}


class Scale(nn.Module):
    """Casts bytes to numbers from 0 to 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Scales a batch."""
        return x.float().mul_(1 / 255)


class ChannelsFirst(nn.Module):
    """Sees (batch, height, width, channels) as channels-last NCHW, without a copy."""

    def forward(self, x: Tensor) -> Tensor:
        """Permutes the axes."""
        return x.permute(0, 3, 1, 2)


class FlattenPixels(nn.Module):
    """Flattens in the order height, width, channels: a view of channels-last memory."""

    def forward(self, x: Tensor) -> Tensor:
        """Joins all axes but the first."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Flip(nn.Module):
    """Mirrors half of the pictures from left to right, in training."""

    def forward(self, x: Tensor) -> Tensor:
        """Chooses by a coin for each picture."""
        if not self.training:
            return x
        coin = torch.rand(len(x), 1, 1, 1) < 0.5
        return torch.where(coin, x.flip(3), x)


class Shift(nn.Module):
    """Moves each picture by up to a tenth of its sides, bilinear, reflected, in training."""

    def forward(self, x: Tensor) -> Tensor:
        """Samples at moved places."""
        if not self.training:
            return x
        moves = torch.eye(2, 3).repeat(len(x), 1, 1)
        moves[:, :, 2] = torch.rand(len(x), 2) * 0.4 - 0.2  # sides are two long here
        grid = F.affine_grid(moves, x.shape, align_corners=False)
        return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def build(job: Job, weights: Weights, *, as_bytes: bool = False) -> nn.Sequential:
    """The model with its first weights."""
    parts: list[nn.Module] = [Scale()] if as_bytes else []
    if len(job.shape) == 3:
        parts.append(ChannelsFirst())
    remaining = iter(weights)
    for kind, *numbers in job.layers:
        if kind == "dense":
            parts += _dense(*next(remaining), numbers[1])
        elif kind.startswith("conv"):
            parts += _convolution(*next(remaining), normalized=kind == "conv-norm")
        else:
            plain = {"pool": _pool, "flatten": FlattenPixels, "flip": Flip, "shift": Shift}
            parts.append(plain[kind]())
    model = nn.Sequential(*parts)
    return model.to(memory_format=torch.channels_last) if len(job.shape) == 3 else model


def _pool() -> nn.Module:
    return nn.MaxPool2d(2)


def _dense(kernel: np.ndarray, bias: np.ndarray, activation: str | None) -> list[nn.Module]:
    layer = nn.Linear(*kernel.shape)
    layer.weight.data = torch.from_numpy(kernel).t().contiguous()
    layer.bias.data = torch.from_numpy(bias)
    return [layer] if activation is None else [layer, ACTIVATIONS[activation]()]


def _convolution(kernel: np.ndarray, bias: np.ndarray, *, normalized: bool) -> list[nn.Module]:
    features = kernel.shape[2:]
    layer = nn.Conv2d(*features, 3, padding="same", bias=not normalized)
    layer.weight.data = torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous()
    if normalized:
        # Keras counts momentum from the other end.
        return [layer, nn.BatchNorm2d(features[1], eps=1e-3, momentum=0.01), nn.ReLU()]
    layer.bias.data = torch.from_numpy(bias)
    return [layer, nn.ReLU()]


def tensors(job: Job, x: np.ndarray, y: np.ndarray) -> tuple[Tensor, Tensor]:
    """The data as tensors on the device; class numbers in the dtype that torch's loss wants."""
    labels = torch.from_numpy(y)
    return torch.from_numpy(x), labels.long() if job.loss == "classes" else labels

"""How fast a machine trains, measured in about ten seconds, with a verdict in words."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

_SECONDS = 2.5  # for each of the four measurements
_WARM = 2
_MATRIX = {"cpu": 512, "cuda": 4096, "mps": 2048}
_SLOW, _FAIR, _FAST = 20e9, 100e9, 1e12  # operations of convolutions a second
_CNN_OPERATIONS = 7e7  # of the preset cnn for one picture of 28 x 28 pixels, forward and backward
_PICTURES = 60_000


@dataclass(frozen=True)
class Speed:
    """What was measured on a device.

    Args:
        device: Its name.
        matrix: Operations a second in products of matrices, float32.
        convolution: Operations a second in training a convolution, float32.
        calls: Small kernels that are started a second.
        copy_bytes: Bytes copied a second.
        spread: Largest time of a repeat, in medians.
    """

    device: str
    matrix: float
    convolution: float
    calls: float
    copy_bytes: float
    spread: float

    @property
    def verdict(self) -> str:
        """What the numbers mean for a user."""
        minutes = _CNN_OPERATIONS * _PICTURES / self.convolution / 60
        time_words = f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60 * minutes:.0f} seconds"
        told = f"an epoch of `lamina train fashion-mnist --model cnn` takes roughly {time_words}"
        if self.convolution < _SLOW:
            return f"slow: {told}; prefer --model mlp, or small data"
        if self.convolution < _FAIR:
            return f"fair: {told}; fine for tables and small pictures"
        if self.convolution < _FAST:
            return f"good: {told}"
        return f"fast: {told}"

    def to_dict(self) -> dict[str, Any]:
        """What was measured, as plain data."""
        return {
            "device": self.device,
            "matrix_operations_per_second": round(self.matrix),
            "convolution_operations_per_second": round(self.convolution),
            "kernels_per_second": round(self.calls),
            "copied_bytes_per_second": round(self.copy_bytes),
            "verdict": self.verdict,
        }

    def lines(self) -> list[str]:
        """What was measured, for a terminal."""
        return [
            f"speed     {self.device}",
            f"          products of matrices  {self.matrix / 1e9:>10,.0f} GFLOP/s",
            f"          training convolutions {self.convolution / 1e9:>10,.0f} GFLOP/s",
            f"          small kernels         {self.calls / 1e3:>10,.0f} thousand a second",
            f"          copying               {self.copy_bytes / 1e9:>10,.1f} GB/s",
            f"verdict   {self.verdict}",
        ]


def measure(device: torch.device, seconds: float = _SECONDS) -> Speed:
    """Measures a device with the work that training consists of.

    Args:
        device: Where to measure.
        seconds: For each of the four measurements.
    """
    size = _MATRIX.get(device.type, 512)
    a, b = (torch.rand(size, size, device=device) for _ in range(2))
    x = torch.rand(64, 32, 16, 16, device=device)
    kernel = torch.rand(64, 32, 3, 3, device=device, requires_grad=True)
    small, large = torch.zeros(8, device=device), torch.rand(2**22, device=device)
    room = torch.empty_like(large)

    def convolve() -> None:
        functional.conv2d(x, kernel, padding=1).sum().backward()

    def call() -> None:
        for _ in range(100):
            small.add_(1)

    matrix, first = _rate(lambda: a @ b, device, seconds)
    convolution, second = _rate(convolve, device, seconds)
    calls, third = _rate(call, device, seconds)
    copies, fourth = _rate(lambda: room.copy_(large), device, seconds)
    # Forward, and backward for the kernel: twice the multiplications of the forward pass.
    operations = 2 * 2 * x.shape[0] * 16 * 16 * kernel.numel()
    return Speed(
        device=str(device),
        matrix=2 * size**3 * matrix,
        convolution=operations * convolution,
        calls=100 * calls,
        copy_bytes=large.numel() * 4 * copies,
        spread=max(first, second, third, fourth),
    )


def _rate(work: Callable[[], Any], device: torch.device, seconds: float) -> tuple[float, float]:
    """How often a second some work is done, and the slowest repeat in medians.

    Repeats are measured in groups of about a tenth of the time, so that the clock costs nothing.
    """
    for _ in range(_WARM):
        work()
    started = _now(device)
    work()
    once = max(1e-6, _now(device) - started)
    group = max(1, round(seconds / 10 / once))
    times: list[float] = []
    end = _now(device) + seconds
    while not times or time.perf_counter() < end:
        started = _now(device)
        for _ in range(group):
            work()
        times.append((_now(device) - started) / group)
    middle = statistics.median(times)
    return 1 / middle, max(times) / middle


def _now(device: torch.device) -> float:
    """The time at which everything that was started is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter()

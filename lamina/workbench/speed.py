"""How fast a machine trains, measured in about ten seconds, with a verdict in words.

The verdict rests on the preset `cnn` itself, trained for a moment on made-up pictures; the other
measurements tell where a machine is strong.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lamina.core import devices
from lamina.train.callbacks import Callback
from lamina.workbench import choosing, presets
from lamina.workbench.facts import DataFacts
from lamina.workbench.presets import Sizing
from lamina.workbench.settings import Settings

_SECONDS = 9.0
_KERNELS_SHARE = 0.2  # of the time, for each of the three measurements of kernels
_WARM = 2
_MATRIX = {"cpu": 512, "cuda": 4096, "mps": 2048}
_PICTURES = DataFacts("fashion-mnist", (28, 28, 1), 54_000, 10, (0.0, 255.0))
_BATCHES = 4  # in an epoch of the test; it ends with an epoch
_FAST, _GOOD, _FAIR = 60, 900, 3_600
"""Seconds that a whole training on Fashion-MNIST may take: one waits for it, has a coffee, works
on something else; beyond that, it is time for smaller models or another machine."""


@dataclass(frozen=True)
class Speed:
    """What was measured on a device.

    Args:
        device: Its name.
        training: Pictures of 28 x 28 pixels that the preset `cnn` learns from in a second, with
            the settings that `lamina train fashion-mnist` chooses on this machine.
        matrix: Operations a second in products of matrices, float32.
        calls: Small kernels that are started a second.
        copy_bytes: Bytes copied a second.
        spread: Largest time of a repeat, in medians.
    """

    device: str
    training: float
    matrix: float
    calls: float
    copy_bytes: float
    spread: float

    @property
    def training_seconds(self) -> float:
        """What `lamina train fashion-mnist --model cnn` takes, without its tests."""
        return _PICTURES.num_examples * _asked().epochs / self.training

    @property
    def verdict(self) -> str:
        """What the numbers mean for a user."""
        seconds = self.training_seconds
        told = f"`lamina train fashion-mnist --model cnn` would take about {_about(seconds)}"
        if seconds <= _FAST:
            return f"fast: {told}"
        if seconds <= _GOOD:
            return f"good: {told}"
        if seconds <= _FAIR:
            return f"fair: {told}; fine for tables and small pictures"
        return f"slow: {told}; prefer --model mlp, or small data"

    def to_dict(self) -> dict[str, Any]:
        """What was measured, as plain data."""
        return {
            "device": self.device,
            "pictures_trained_per_second": round(self.training, 1),
            "training_seconds": round(self.training_seconds, 1),
            "matrix_operations_per_second": round(self.matrix),
            "kernels_per_second": round(self.calls),
            "copied_bytes_per_second": round(self.copy_bytes),
            "verdict": self.verdict,
        }

    def lines(self) -> list[str]:
        """What was measured, for a terminal."""
        return [
            f"speed     {self.device}",
            f"          training `cnn`        {self.training:>10,.0f} pictures a second",
            f"          products of matrices  {self.matrix / 1e9:>10,.0f} GFLOP/s",
            f"          small kernels         {self.calls / 1e3:>10,.0f} thousand a second",
            f"          copying               {self.copy_bytes / 1e9:>10,.1f} GB/s",
            f"verdict   {self.verdict}",
        ]


def measure(device: torch.device, seconds: float = _SECONDS) -> Speed:
    """Measures a device with the work that training consists of.

    Args:
        device: Where to measure.
        seconds: In all; on a slow machine a little more.
    """
    size = _MATRIX.get(device.type, 512)
    a, b = (torch.rand(size, size, device=device) for _ in range(2))
    small, large = torch.zeros(8, device=device), torch.rand(2**22, device=device)
    room = torch.empty_like(large)

    def call() -> None:
        for _ in range(100):
            small.add_(1)

    each = _KERNELS_SHARE * seconds
    matrix, first = _rate(lambda: a @ b, device, each)
    calls, second = _rate(call, device, each)
    copies, third = _rate(lambda: room.copy_(large), device, each)
    with devices.device(device.type):
        training = _training_rate((1 - 3 * _KERNELS_SHARE) * seconds)
    return Speed(
        device=str(device),
        training=training,
        matrix=2 * size**3 * matrix,
        calls=100 * calls,
        copy_bytes=large.numel() * 4 * copies,
        spread=max(first, second, third),
    )


def _about(seconds: float) -> str:
    """A time as roughly as it is known."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.1f} hours"


def _asked() -> Any:
    """What `lamina train fashion-mnist --model cnn` chooses on this machine."""
    return choosing.decide(Settings("fashion-mnist", model="cnn"), _PICTURES)


def _training_rate(seconds: float) -> float:
    """Pictures that the preset `cnn` learns from in a second, once the step is captured."""
    asked = _asked()
    sizing = Sizing(asked.width, asked.dropout, asked.augment, asked.precision)
    model = presets.build("cnn", _PICTURES, sizing)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    count = _BATCHES * asked.batch_size
    x = np.random.default_rng(0).integers(0, 256, (count, *_PICTURES.input_shape), dtype=np.uint8)
    clock = _Clock(seconds)
    model.fit(
        x,
        np.arange(count) % _PICTURES.num_classes,
        batch_size=asked.batch_size,
        epochs=10_000,
        verbose=0,
        check="off",
        callbacks=[clock],
    )
    return count / statistics.median(clock.times)


class _Clock(Callback):
    """Takes the time of each epoch but the first, in which the step is captured."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.end = time.perf_counter() + seconds
        self.times: list[float] = []
        self.last: float | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the time, and stops when it is over."""
        now = time.perf_counter()
        if self.last is not None:
            self.times.append(now - self.last)
        self.last = now
        if self.times and now > self.end:
            self.model.stop_training = True


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

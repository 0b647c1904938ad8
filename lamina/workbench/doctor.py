"""This machine as a place to train on: versions, devices, threads, memory, extras, speed."""

import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lamina.core import devices
from lamina.report.wording import clean
from lamina.train import circumstances
from lamina.workbench.speed import Speed, measure

EXTRAS = {
    "tables": ("Parquet files", ("pyarrow",)),
    "onnx": ("lamina export --format onnx", ("onnx", "onnxscript")),
    "track": ("TensorBoard and MLflow", ("tensorboard", "mlflow")),
}
_GIB = 2**30
_LITTLE_MEMORY, _LITTLE_DISK = 2 * _GIB, 2 * _GIB


@dataclass(frozen=True)
class Health:
    """What is known of a machine.

    Args:
        versions: Of this library and of what it computes with.
        devices: Names of what can compute, the fastest first, in words.
        cores: Cores of the machine that this process may use.
        threads: Threads that kernels use.
        memory_bytes: Memory that is free; `None` where unknown.
        cache: The folder for downloads and decoded pictures.
        cache_free_bytes: Free space there.
        extras: Whether each optional part is installed.
        speed: What the speed test measured; `None` without one.
        advice: What could be better, in sentences.
    """

    versions: dict[str, str]
    devices: tuple[str, ...]
    cores: int
    threads: int
    memory_bytes: int | None
    cache: str
    cache_free_bytes: int
    extras: dict[str, bool]
    speed: Speed | None
    advice: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """What is known, as plain data."""
        return {
            "versions": self.versions,
            "platform": platform.platform(),
            "devices": list(self.devices),
            "cores": self.cores,
            "threads": self.threads,
            "memory_bytes_free": self.memory_bytes,
            "cache": self.cache,
            "cache_bytes_free": self.cache_free_bytes,
            "extras": self.extras,
            "speed": None if self.speed is None else self.speed.to_dict(),
            "advice": list(self.advice),
        }

    def lines(self) -> list[str]:
        """What is known, for a terminal."""
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        memory = "unknown" if self.memory_bytes is None else f"{self.memory_bytes / _GIB:.1f} GiB"
        lines = [
            f"versions  {versions}",
            f"system    {platform.platform()}",
            f"devices   {', '.join(self.devices)}",
            f"cores     {self.cores}, of which kernels use {self.threads}",
            f"memory    {memory} free",
            f"cache     {clean(self.cache)}, {self.cache_free_bytes / _GIB:.1f} GiB free",
        ]
        for name, is_here in self.extras.items():
            state = "installed" if is_here else f"missing: pip install 'lamina[{name}]'"
            lines.append(f"extra     {name:<7} {EXTRAS[name][0]}: {state}")
        if self.speed is not None:
            lines += ["", *self.speed.lines()]
        return lines + [""] * bool(self.advice) + [f"advice    {text}" for text in self.advice]


def examine(*, has_speed_test: bool = True) -> Health:
    """Looks at the machine; the speed test takes about ten seconds.

    Args:
        has_speed_test: Whether the speed is measured.

    Raises:
        DeviceError: LAMINA_DEVICE names a device that is not here.
    """
    cache = Path(os.environ.get("LAMINA_HOME") or "~/.cache/lamina").expanduser()
    cores = _cores()
    memory = _free_memory()
    free = _free_disk(cache)
    speed = measure(devices.default()) if has_speed_test else None
    return Health(
        versions=circumstances.versions(),
        devices=tuple(devices.describe(devices.find(name)) for name in devices.available()),
        cores=cores,
        threads=torch.get_num_threads(),
        memory_bytes=memory,
        cache=str(cache),
        cache_free_bytes=free,
        extras={name: all(map(_is_here, packages)) for name, (_, packages) in EXTRAS.items()},
        speed=speed,
        advice=tuple(_advice(cores, memory, free, speed)),
    )


def _advice(cores: int, memory: int | None, free: int, speed: Speed | None) -> list[str]:
    found = []
    threads = torch.get_num_threads()
    if threads < cores:
        found.append(f"kernels use {threads} of {cores} cores; unset OMP_NUM_THREADS to use all")
    if threads > cores:
        found.append(f"{threads} threads share {cores} cores; set OMP_NUM_THREADS={cores}")
    load = _load()
    if load is not None and load > 1.5 * cores:
        found.append(f"other programs keep the machine busy (load {load:.1f} on {cores} cores)")
    if memory is not None and memory < _LITTLE_MEMORY:
        found.append("little memory is free; close other programs before large data sets")
    if free < _LITTLE_DISK:
        found.append("little space is left for the cache; set LAMINA_HOME to another folder")
    if speed is not None and speed.spread > 1.5:
        found.append("the speed varied during the test; measure again when the machine is idle")
    return found


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows; a sandbox
        return None


def _free_memory() -> int | None:
    """Bytes that a program can still have, as the kernel says."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            pairs = (line.split(":", 1) for line in file if ":" in line)
            values = {name: value.split()[0] for name, value in pairs}
        return 1024 * int(values["MemAvailable"])
    except (OSError, KeyError, ValueError):
        return None


def _free_disk(path: str | os.PathLike) -> int:
    """Bytes that are free where a folder is, or will be."""
    place = os.path.abspath(path)
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    return shutil.disk_usage(place).free


def _is_here(package: str) -> bool:
    return importlib.util.find_spec(package) is not None

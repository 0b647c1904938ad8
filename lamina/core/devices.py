"""Chooses a device, says which, and describes it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from lamina.core.errors import DeviceError
from lamina.core.names import shown

_chosen: list[torch.device] = []
_announced: set[torch.device] = set()


def available() -> list[str]:
    """Names of all devices of this machine, the fastest kind first."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def find(name: str | torch.device) -> torch.device:
    """The device of that name.

    Raises:
        DeviceError: This machine has no such device.
    """
    wanted = {"gpu": "cuda"}.get(str(name), str(name)).replace("gpu:", "cuda:")
    present = available()
    if wanted == "cuda" and "cuda:0" in present:
        wanted = "cuda:0"
    if wanted == "cpu:0":
        wanted = "cpu"
    if wanted not in present:
        raise DeviceError(
            f"device {shown(str(name))} is not available on this machine.",
            expected=f"one of {', '.join(present)}.",
            fix=f'use lamina.device("{present[0]}"), or unset LAMINA_DEVICE.',
        )
    return torch.device(wanted)


def default() -> torch.device:
    """The device models train on: `lamina.device`, else LAMINA_DEVICE, else the fastest."""
    if _chosen:
        return _chosen[-1]
    return find(os.environ.get("LAMINA_DEVICE") or available()[0])


class device:  # noqa: N801  (used like a function, and as a context)
    """Chooses the device for everything that follows, or for a `with` block.

    Args:
        name: "cpu", "cuda", "cuda:1" or "mps".

    Raises:
        DeviceError: This machine has no such device.

    Example:
        >>> with device("cpu"):
        ...     default()
        device(type='cpu')
    """

    def __init__(self, name: str | torch.device) -> None:
        self._device = find(name)
        _chosen.append(self._device)

    def __enter__(self) -> torch.device:
        return self._device

    def __exit__(self, *_: object) -> None:
        _chosen.remove(self._device)


def describe(where: torch.device) -> str:
    """The device in words, such as "cpu (2 threads)"."""
    if where.type == "cuda":
        return f"{where} ({torch.cuda.get_device_name(where)})"
    if where.type == "cpu":
        count = torch.get_num_threads()
        return f"cpu ({count} thread{'s' if count > 1 else ''})"
    return str(where)


def announcement(where: torch.device) -> str | None:
    """The device in words the first time it is asked for in a process, `None` afterwards."""
    if where in _announced:
        return None
    _announced.add(where)
    return f"device: {describe(where)}"


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Runs a block with `count` threads inside kernels, then goes back."""
    before = torch.get_num_threads()
    if count is None or count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""What a run's numbers depend on beside its settings: machine, threads and versions."""

import os
import platform
from typing import Any

import numpy as np
import torch

from lamina.core import devices
from lamina.version import VERSION


def machine() -> dict[str, Any]:
    """The device, the threads that kernels may use, and the platform, in words and numbers."""
    return {
        "device": str(devices.default()),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "platform": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Versions of this library, of Python, and of what computes."""
    return {
        "lamina": VERSION,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }

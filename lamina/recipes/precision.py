"""Which precision a recipe computes in: bfloat16 where the machine multiplies it faster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from lamina.core import devices
from lamina.core.settings import dtype_policy, set_dtype_policy


def fastest_policy() -> str:
    """The dtype policy that trains fastest here without a change of settings.

    It is "mixed_bfloat16" on a GPU that computes in bfloat16 and on a processor with matrix units
    for it (AMX), otherwise "float32".
    """
    device = devices.default()
    if device.type == "cuda":
        has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        has_bfloat16 = bool(capabilities.get("amx_bf16"))
    else:
        has_bfloat16 = False
    return "mixed_bfloat16" if has_bfloat16 else "float32"


@contextmanager
def computing_in(policy: str | None = None) -> Iterator[str]:
    """Makes the layers of a block with one policy, and gives the old one back afterwards.

    Args:
        policy: Name of the policy; the fastest of this machine when `None`.
    """
    before = dtype_policy()
    chosen = policy or fastest_policy()
    set_dtype_policy(chosen)
    try:
        yield chosen
    finally:
        set_dtype_policy(before)

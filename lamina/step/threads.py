"""How many threads a captured step runs its kernels with.

Small kernels lose more by waking a second thread than it computes. The choice depends on counts
only, never on a clock, because the number of threads changes the last bits of sums.
"""

from typing import Any

import torch
from torch import nn

from lamina.core import trees

# Multiply-adds of the largest kernel below which one thread wins; see
# benchmarks/how_many_threads.py.
_ONE_THREAD_BELOW = 1_000_000


def choose_threads(module: nn.Module, device: torch.device, batch_size: int, example: Any) -> int:
    """Number of threads for steps on batches of this size.

    Args:
        module: What is trained.
        device: Where; accelerators keep the present number.
        batch_size: Examples in a batch.
        example: A batch, for the number of positions that each weight is applied at.
    """
    present = torch.get_num_threads()
    if device.type != "cpu" or present == 1:
        return present
    positions = max(
        (_positions(leaf) for leaf in trees.leaves(example) if leaf is not None), default=1
    )
    largest = max((_work(weight, positions) for weight in module.parameters()), default=0)
    return 1 if batch_size * largest < _ONE_THREAD_BELOW else present


def _positions(leaf: torch.Tensor) -> int:
    """Positions of an example that share weights: pixels, time steps."""
    count = 1
    for size in leaf.shape[1:-1]:
        count *= size
    return count


def _work(weight: torch.Tensor, positions: int) -> int:
    return weight.numel() * (positions if weight.ndim != 2 else 1)

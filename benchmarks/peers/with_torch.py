"""torch by hand: an eager loop in its best honest setting.

Data lies on the device as tensors and is picked by `index_select`; Adam is fused; convolutions are
channels-last; denormal numbers count as zero; no number is read before an epoch ends.
"""

from typing import Any

import numpy as np
import torch

from benchmarks.parts.jobs import EPSILON, LEARNING_RATE, SEED, Job
from benchmarks.parts.watch import Watch
from benchmarks.peers import torch_model


def train(
    job: Job,
    x: np.ndarray,
    y: np.ndarray,
    weights: torch_model.Weights,
    watch: Watch,
    *,
    as_bytes: bool = False,
) -> dict[str, Any]:
    """Trains with a plain loop."""
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    model = torch_model.build(job, weights, as_bytes=as_bytes)
    loss_of = torch_model.LOSSES[job.loss]
    inputs, labels = torch_model.tensors(job, x, y)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=EPSILON, fused=True)
    going = True
    while going:
        total = torch.zeros(())
        batches = torch.randperm(len(inputs)).split(job.batch)
        for rows in batches:
            loss = loss_of(model(inputs.index_select(0, rows)), labels.index_select(0, rows))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        going = watch.lap(total.item() / len(batches))
    return {"threads": torch.get_num_threads()}


def predictor(job: Job, weights: torch_model.Weights) -> Any:
    """The forward pass in inference mode."""
    model = torch_model.build(job, weights).eval()

    def call(rows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return model(torch.from_numpy(rows)).numpy()

    return call


def versions() -> dict[str, str]:
    """Versions in use."""
    return {"torch": torch.__version__}

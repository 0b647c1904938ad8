"""torch by hand under `torch.compile`, in two forms.

The usual one compiles forward pass and loss (and with them the backward pass) and leaves the update
to the fused Adam. The other writes the whole step, Adam included, as one function of its state, so
that Inductor sees it all.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from benchmarks.parts.jobs import EPSILON, LEARNING_RATE, SEED, Job
from benchmarks.parts.watch import Watch
from benchmarks.peers import torch_model

BETAS = (0.9, 0.999)
Step = Callable[[Tensor, Tensor], Tensor]


def train(
    job: Job,
    x: np.ndarray,
    y: np.ndarray,
    weights: torch_model.Weights,
    watch: Watch,
    *,
    whole: bool = False,
    as_bytes: bool = False,
) -> dict[str, Any]:
    """Trains with a compiled step; the first epoch holds the compilation."""
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    model = torch_model.build(job, weights, as_bytes=as_bytes)
    step = (whole_step if whole else usual_step)(job, model)
    inputs, labels = torch_model.tensors(job, x, y)
    going = True
    while going:
        total = torch.zeros(())
        batches = torch.randperm(len(inputs)).split(job.batch)
        for rows in batches:
            total += step(inputs.index_select(0, rows), labels.index_select(0, rows))
        going = watch.lap(total.item() / len(batches))
    return {"threads": torch.get_num_threads(), "whole": whole}


def usual_step(job: Job, model: nn.Module) -> Step:
    """Compiled forward and backward pass, then the fused Adam."""
    loss_of = torch_model.LOSSES[job.loss]
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=EPSILON, fused=True)

    @torch.compile(dynamic=False)
    def forward(x: Tensor, y: Tensor) -> Tensor:
        return loss_of(model(x), y)

    def step(x: Tensor, y: Tensor) -> Tensor:
        loss = forward(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def whole_step(job: Job, model: nn.Module) -> Step:
    """Forward, backward and update as one compiled function that changes its state in place."""
    loss_of = torch_model.LOSSES[job.loss]
    weights = {name: weight.detach() for name, weight in model.named_parameters()}
    buffers = dict(model.named_buffers())
    means = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    powers = torch.ones(2)
    rates = torch.tensor(BETAS)

    def objective(current: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return loss_of(functional_call(model, (current, buffers), (x,)), y)

    @torch.compile(dynamic=False)
    def step(x: Tensor, y: Tensor) -> Tensor:
        gradients, loss = grad_and_value(objective)(weights, x, y)
        powers.mul_(rates)
        first, second = (1 - powers).unbind()
        for name, gradient in gradients.items():
            means[name].lerp_(gradient, 1 - BETAS[0])
            squares[name].mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
            spread = (squares[name] / second).sqrt() + EPSILON
            weights[name].sub_(LEARNING_RATE / first * means[name] / spread)
        return loss

    return step


def versions() -> dict[str, str]:
    """Versions in use."""
    return {"torch": torch.__version__}

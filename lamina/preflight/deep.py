"""Checks that try the model out: gradients, twenty steps on one batch, rows apart.

Weights, buffers and random streams are as before afterwards.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import trees
from lamina.preflight.finding import Finding
from lamina.preflight.probe import undisturbed
from lamina.preflight.wording import listed, number

STEPS = 20
_RATE = 0.01
_APART = 1e-3
_LOWER = 0.998

Compute = Callable[[], tuple[Tensor, list[Tensor]]]


def deep_checks(
    module: nn.Module,
    compute: Compute,
    forward: Callable[[Any], Any],
    x: Any,
    input_names: list[str],
    device: torch.device,
) -> list[Finding]:
    """What shows when a model is tried on a few rows.

    Args:
        module: The model, built.
        compute: Runs it on a batch with labels and returns the loss and the flat outputs.
        forward: Runs it on inputs alone.
        x: The inputs of the batch, nested.
        input_names: What messages call the inputs.
        device: Where the model lies.
    """
    tensors = [*module.parameters(), *module.buffers()]
    kept = [tensor.detach().clone() for tensor in tensors]
    with undisturbed(module, device), torch.enable_grad():
        try:
            found = list(_gradients(module, compute))
            found += _inputs(forward, x, input_names)
            found += _rows_apart(forward, x)
            found += _overfit(module, compute)
        finally:
            with torch.no_grad():
                for tensor, old in zip(tensors, kept, strict=True):
                    tensor.copy_(old)
    return found


def _gradients(module: nn.Module, compute: Compute) -> Iterator[Finding]:
    weights = {n: w for n, w in module.named_parameters() if w.requires_grad and w.ndim > 1}
    if not weights:
        return
    loss, _ = compute()
    gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    cut = [
        name.rpartition(".")[0] or name
        for (name, _), gradient in zip(weights.items(), gradients, strict=True)
        if gradient is None
    ]
    if cut:
        yield Finding(
            "no-gradient",
            "warning",
            f"no gradient reaches {listed(cut)}: the loss does not depend on those weights.",
            "a path from every trainable layer to the loss, without detach(), round or argmax.",
            "use the layer's result in the output, or set its trainable to False.",
            {"layers": cut},
            "train",
        )


def _inputs(forward: Callable[[Any], Any], x: Any, names: list[str]) -> Iterator[Finding]:
    """Inputs that the outputs do not depend on."""
    leaves = trees.leaves(x)
    floating = [leaf.is_floating_point() for leaf in leaves]
    watched = [
        leaf.detach().clone().requires_grad_() if is_float else leaf
        for leaf, is_float in zip(leaves, floating, strict=True)
    ]
    asked = [leaf for leaf, is_float in zip(watched, floating, strict=True) if is_float]
    outputs = trees.leaves(forward(trees.refill(x, watched)))
    total = sum(leaf.float().square().sum() for leaf in outputs)
    if not asked or not total.requires_grad:
        return
    gradients = iter(torch.autograd.grad(total, asked, allow_unused=True))
    for name, is_float in zip(names, floating, strict=True):
        gradient = next(gradients) if is_float else None
        if is_float and (gradient is None or not bool(gradient.any())):
            yield Finding(
                "unused-input",
                "warning",
                f"the answers of the model do not depend on {name}.",
                "outputs computed from every input.",
                f"use {name} on the way to an output, or leave the input out.",
                {"input": name},
                "train",
            )


def _rows_apart(forward: Callable[[Any], Any], x: Any) -> Iterator[Finding]:
    """Answers of rows one by one against those of the batch."""
    with torch.no_grad():
        together = trees.leaves(forward(x))[0].float()
        first = trees.transform(lambda leaf: leaf[:1], x)
        alone = trees.leaves(forward(first))[0].float()
    difference = float((together[:1] - alone).abs().max())
    size = max(float(together.abs().max()), 1e-6)
    if difference > _APART * size:
        yield Finding(
            "batch-leakage",
            "warning",
            f"the answer for a row changes by {number(difference)} when the other rows of its "
            "batch are left out.",
            "answers that depend on their own row alone, in evaluation.",
            "reduce over the axes after the first only, for example x.mean(-1).",
            {"difference": difference},
            "train",
        )


def _overfit(module: nn.Module, compute: Compute) -> Iterator[Finding]:
    """Twenty steps of Adam on one batch."""
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    if not weights:
        return
    optimizer = torch.optim.Adam(weights, lr=_RATE)
    losses = []
    for _ in range(STEPS):
        loss, _ = compute()
        losses.append(float(loss.detach()))
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        optimizer.step()
    for weight in weights:
        weight.grad = None
    if not min(losses) < _LOWER * losses[0] and losses[0] > _APART:
        yield Finding(
            "cannot-overfit",
            "warning",
            f"{STEPS} steps on one batch left its loss at {number(min(losses))}; it began at "
            f"{number(losses[0])}.",
            "a model that can learn a few rows by heart.",
            "look at the other findings; activations, loss or labels do not go together.",
            {"losses": losses},
            "train",
        )

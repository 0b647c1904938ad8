"""Looks at a model in training from outside of its steps: gradients and activations of one batch.

Runs in evaluation mode and leaves every random stream where it was, so that training goes on to
the very same bits.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import randomness, trees
from lamina.preflight import kinds

ROWS = 64
_SATURATED = 0.99
_CUT_OFF = ("relu", "relu6")
_BOUNDED = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


@dataclass
class Probe:
    """What one batch shows.

    Args:
        loss: Loss of the batch, penalties included.
        gradients: Length of the gradient of each kernel by the path of its layer, in order.
        weights: Length of each kernel.
        dead: Share of the units of each ReLU layer that are 0 for every row.
        saturated: Share of the values of each bounded activation that sit at its ends.
        outputs: What the model returned, flat.
    """

    loss: float = float("nan")
    gradients: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    dead: dict[str, float] = field(default_factory=dict)
    saturated: dict[str, float] = field(default_factory=dict)
    outputs: list[Tensor] = field(default_factory=list)

    @property
    def total_gradient(self) -> float:
        """Length of all gradients together."""
        return sum(value * value for value in self.gradients.values()) ** 0.5


@contextlib.contextmanager
def undisturbed(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Evaluation mode, with all modes and random streams as they were afterwards."""
    modes = [(inner, inner.training) for inner in module.modules()]
    stream = randomness.step_generator(device)
    state = stream.get_state()
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        module.eval()
        try:
            yield
        finally:
            for inner, mode in modes:
                inner.training = mode
            stream.set_state(state)


def look(
    module: nn.Module,
    compute: Callable[[], tuple[Tensor, list[Tensor]]],
    device: torch.device,
) -> Probe:
    """Computes one batch and its gradients, and keeps the numbers alone.

    Args:
        module: The model.
        compute: Runs it on the batch and returns the loss and the flat outputs.
        device: Where the model lies.
    """
    probe = Probe()
    kernels = {
        name: weight
        for name, weight in module.named_parameters()
        if weight.requires_grad and weight.ndim > 1
    }
    with undisturbed(module, device), _watching(module, probe), torch.enable_grad():
        loss, outputs = compute()
        found: Any = [None] * len(kernels)
        if loss.requires_grad and kernels:
            try:
                found = torch.autograd.grad(loss, list(kernels.values()), allow_unused=True)
            except RuntimeError:  # kernels without a backward in evaluation mode, such as cuDNN's
                probe.gradients = {}
    probe.loss = float(loss.detach())
    probe.outputs = [leaf.detach() for leaf in outputs]
    for (name, weight), gradient in zip(kernels.items(), found, strict=True):
        layer = name.rpartition(".")[0] or name
        probe.weights[layer] = float(torch.linalg.vector_norm(weight.detach().float()))
        if gradient is not None:
            probe.gradients[layer] = float(torch.linalg.vector_norm(gradient.float()))
    return probe


@contextlib.contextmanager
def _watching(module: nn.Module, probe: Probe) -> Iterator[None]:
    hooks = []
    for name, inner in module.named_modules():
        if kinds.kind_of_module(inner) in ("weight", "activation"):
            word = kinds.activation_of_module(inner)
            if word in _CUT_OFF or word in _BOUNDED:
                hooks.append(inner.register_forward_hook(_note_activation(probe, name, word)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _note_activation(probe: Probe, path: str, word: str) -> Callable[..., None]:
    def note(module: nn.Module, args: tuple, output: Any) -> None:
        values = trees.leaves(output)[0]
        if not isinstance(values, Tensor) or values.ndim < 2:
            return
        values = values.detach().reshape(-1, values.shape[-1])
        name = getattr(module, "name", None) or path
        if word in _CUT_OFF:
            probe.dead[name] = float((values <= 0).all(0).float().mean())
        else:
            low, high = _BOUNDED[word]
            middle, half = (low + high) / 2, (high - low) / 2 * _SATURATED
            probe.saturated[name] = float(((values - middle).abs() > half).float().mean())

    return note

"""Copies the weights and buffers of a model aside, and puts them back in place."""

import torch
from torch import Tensor, nn


def copied(model: nn.Module) -> dict[str, Tensor]:
    """Copies of all weights and buffers by name, on their own device."""
    return {name: tensor.detach().clone() for name, tensor in tensors_of(model).items()}


def put_back(model: nn.Module, kept: dict[str, Tensor]) -> None:
    """Overwrites weights and buffers in place, so that a captured step sees the values."""
    with torch.no_grad():
        for name, tensor in tensors_of(model).items():
            if name in kept:
                tensor.copy_(kept[name])


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """All weights and buffers by name; not copies."""
    return {name: value for name, value in model.state_dict().items() if isinstance(value, Tensor)}


def numbered(kept: dict[str, Tensor]) -> dict[str, Tensor]:
    """The copies by their place in the model; names of layers are counted up in a process."""
    return {str(number): tensor for number, tensor in enumerate(kept.values())}


def renamed(model: nn.Module, kept: dict[str, Tensor]) -> dict[str, Tensor]:
    """What `numbered` was given, under the names that the weights have in this model."""
    names = list(tensors_of(model))
    return {names[int(number)]: kept[number] for number in sorted(kept, key=int)}

"""Everything a training step may change, named once, in few large buffers.

Weights, gradients and slots are views of one flat buffer each, so that an elementwise optimizer
updates all weights with one call.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from lamina.optimizers import Optimizer
from lamina.optimizers.multiplier import multiplier_of

NEGLIGIBLE = 1e-20  # no update that small changes a float32 weight
UPDATES_BETWEEN_DROPS = 256  # 0.9**256 is 2e-12: nothing gets from there to 1e-38 in between

_ALIGNMENT = 64  # bytes between the starts of weights, as torch's own allocator would give


@dataclass
class Unit:
    """What the optimizer updates with one call: one weight, or a flat buffer of many."""

    value: Tensor
    gradient: Tensor
    slots: dict[str, Tensor]


@dataclass
class Block:
    """Weights of one optimizer, learning rate, dtype and device, with their buffers."""

    optimizer: Optimizer
    decay_key: str | None
    multiplier: float
    names: list[str]
    weights: list[Tensor]
    values: list[Tensor] = field(default_factory=list)
    gradients: list[Tensor] = field(default_factory=list)
    sums: list[Tensor] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    slots: list[dict[str, Tensor]] = field(default_factory=list)
    flat_gradient: Any = None  # a tensor as soon as the buffers are cut
    flat_sum: Any = None  # likewise, where gradients are accumulated


@dataclass
class Parts:
    """Blocks as a step changes them: those of a `State`, or the same memory cut differently."""

    optimizer: Optimizer
    blocks: list[Block]


class State(Parts):
    """Weights, gradients and optimizer memory of a module in training.

    Making it moves the weights of the module into flat buffers; the parameters stay the same
    objects.

    Args:
        weights: Trainable weights by name.
        optimizer: What updates them.
    """

    def __init__(self, weights: dict[str, Tensor], optimizer: Optimizer) -> None:
        self.weights = weights
        names = {id(weight): name for name, weight in weights.items()}
        super().__init__(
            optimizer,
            [
                _filled(Block(part, key, rate, [names[id(weight)] for weight in group], group))
                for part, key, rate, group in _groups(list(weights.values()), optimizer)
            ],
        )
        self._share_with_optimizer()

    def fits(self, weights: dict[str, Tensor], optimizer: Optimizer) -> bool:
        """Whether these are still the same weights, in the buffers made for them."""
        if optimizer is not self.optimizer or weights.keys() != self.weights.keys():
            return False
        places = {
            name: value.data_ptr()
            for block in self.blocks
            for name, value in zip(block.names, block.values, strict=True)
        }
        same = all(weights[name] is weight for name, weight in self.weights.items())
        same = same and all(
            multiplier_of(weight) == block.multiplier
            for block in self.blocks
            for weight in block.weights
        )
        return same and all(weight.data_ptr() == places[n] for n, weight in weights.items())

    def slots(self) -> Iterator[tuple[str, str, Tensor]]:
        """Optimizer memory as (weight, slot, tensor)."""
        for block in self.blocks:
            for name, slots in zip(block.names, block.slots, strict=True):
                for key, tensor in slots.items():
                    yield name, key, tensor

    def load_slots(self, old: "State") -> None:
        """Takes over the memory of weights that have the same name and shape there."""
        known = {(name, key): tensor for name, key, tensor in old.slots()}
        for name, key, tensor in self.slots():
            before = known.get((name, key))
            if before is not None and before.shape == tensor.shape:
                tensor.copy_(before)

    def drop_denormals(self) -> None:
        """Sets numbers of the optimizer's memory that are too small to matter to 0.

        Momentum of weights whose gradient stays 0 fades into denormal numbers, on which CPUs
        compute ten to a hundred times slower (docs/decisions/0005-denormals.md).
        """
        with torch.no_grad():
            for block in self.blocks:
                for unit in block.units:
                    for slot in unit.slots.values():
                        if slot.is_floating_point() and slot.ndim:
                            slot.copy_(torch.nn.functional.hardshrink(slot, NEGLIGIBLE))

    def _share_with_optimizer(self) -> None:
        """Lets `optimizer.variables` and loops written by hand see the same memory."""
        for part in {id(block.optimizer): block.optimizer for block in self.blocks}.values():
            blocks = [block for block in self.blocks if block.optimizer is part]
            weights = [weight for block in blocks for weight in block.weights]
            slots = [slot for block in blocks for slot in block.slots]
            part.adopt(weights, slots, [total for block in blocks for total in block.sums] or None)


def apart(state: Parts) -> Parts:
    """The same memory with a block for each weight.

    A block whose optimizer keeps numbers for all weights together stays whole.
    """
    blocks = [single for block in state.blocks for single in _singles(block)]
    return Parts(state.optimizer, blocks)


def holding(state: Parts, gradients: Sequence[Tensor | None]) -> Parts:
    """The same with these gradients in place of the buffers for them, one a weight."""
    remaining = iter(gradients)
    return Parts(state.optimizer, [_holding(block, remaining) for block in state.blocks])


def _holding(block: Block, remaining: Iterator[Tensor | None]) -> Block:
    if len(block.weights) > 1:
        for view in block.gradients:
            gradient = next(remaining)
            view.zero_() if gradient is None else view.copy_(gradient)
        return block
    gradient = next(remaining)
    if gradient is None:
        gradient = torch.zeros_like(block.values[0])
    units = [replace(block.units[0], gradient=gradient)]
    return replace(block, gradients=[gradient], flat_gradient=gradient, units=units)


def _singles(block: Block) -> list[Block]:
    pairs = zip(block.values, block.slots, strict=True)
    differ = any(slot.shape != value.shape for value, slots in pairs for slot in slots.values())
    if block.optimizer.elementwise and differ:
        return [block]
    singles = []
    for i, value in enumerate(block.values):
        gradient = block.gradients[i]
        total = block.sums[i] if block.sums else None
        singles.append(
            Block(
                block.optimizer,
                block.decay_key,
                block.multiplier,
                [block.names[i]],
                [block.weights[i]],
                [value],
                [gradient],
                [] if total is None else [total],
                [Unit(value, gradient, block.slots[i])],
                [block.slots[i]],
                gradient,
                total,
            )
        )
    return singles


def _groups(
    weights: list[Tensor], optimizer: Optimizer
) -> Iterator[tuple[Optimizer, str | None, float, list[Tensor]]]:
    """Weights that one update rule with one setting may change together."""
    for part, members in optimizer.groups(weights):
        sorted_in: dict[tuple, list[Tensor]] = {}
        for weight in members:
            rate = multiplier_of(weight)
            key = (part.decay_key(weight), rate, weight.dtype, weight.device)
            sorted_in.setdefault(key, []).append(weight)
        for (decay_key, rate, _, _), group in sorted_in.items():
            yield part, decay_key, rate, group


def _filled(block: Block) -> Block:
    starts, size = _starts(block.weights)
    flat = torch.zeros(size, dtype=block.weights[0].dtype, device=block.weights[0].device)
    block.flat_gradient = torch.zeros_like(flat)
    block.values = _move_into(flat, starts, block.weights)
    block.gradients = _views(block.flat_gradient, starts, block.weights)
    if block.optimizer.gradient_accumulation_steps:
        block.flat_sum = torch.zeros_like(flat)
        block.sums = _views(block.flat_sum, starts, block.weights)
    if block.optimizer.elementwise:
        slots = block.optimizer.make_slots(flat)
        block.units = [Unit(flat, block.flat_gradient, slots)]
        views = {
            key: _views(slot, starts, block.weights)
            if slot.shape == flat.shape
            else [slot] * len(starts)
            for key, slot in slots.items()
        }
        block.slots = [{key: views[key][i] for key in views} for i in range(len(starts))]
    else:
        block.slots = [block.optimizer.make_slots(weight) for weight in block.weights]
        parts = zip(block.values, block.gradients, block.slots, strict=True)
        block.units = [Unit(*part) for part in parts]
    return block


def _starts(weights: Sequence[Tensor]) -> tuple[list[int], int]:
    step = max(1, _ALIGNMENT // weights[0].element_size())
    starts, end = [], 0
    for weight in weights:
        starts.append(end)
        end += -(-weight.numel() // step) * step
    return starts, end


def _views(flat: Tensor, starts: list[int], weights: Sequence[Tensor]) -> list[Tensor]:
    return [
        flat[start : start + weight.numel()].view(weight.shape)
        for start, weight in zip(starts, weights, strict=True)
    ]


def _move_into(flat: Tensor, starts: list[int], weights: Sequence[Tensor]) -> list[Tensor]:
    views = _views(flat, starts, weights)
    for view, weight in zip(views, weights, strict=True):
        view.copy_(weight.detach())
        weight.data = view
    return views

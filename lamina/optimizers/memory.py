"""What an optimizer remembers of each weight, for loops that call it by hand."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

Slots = dict[str, Tensor]


@dataclass(frozen=True)
class Memory:
    """Weights, their slots and, with accumulation, the sums of their gradients."""

    weights: list[Tensor]
    slots: list[Slots]
    sums: list[Tensor]
    index: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index.update({id(weight): i for i, weight in enumerate(self.weights)})

    def tensors(self) -> dict[str, Tensor]:
        """Everything remembered, by name: slots/0/momentum, sums/0."""
        named = {
            f"slots/{i}/{key}": slot
            for i, slots in enumerate(self.slots)
            for key, slot in slots.items()
        }
        return {**named, **{f"sums/{i}": total for i, total in enumerate(self.sums)}}


def blank_sums(weights: list[Tensor], steps: int | None) -> list[Tensor]:
    """Sums of gradients at 0, or none where nothing is accumulated."""
    return [torch.zeros_like(weight) for weight in weights] if steps else []

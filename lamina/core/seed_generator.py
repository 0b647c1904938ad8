"""SeedGenerator: a stream of random numbers of one's own."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, names, randomness


class SeedGenerator:
    """Starts at a seed and goes on with every draw made from it.

    Two of them with one seed give the same numbers in the same order. In a captured training step
    it goes on from batch to batch as well, which a counter kept in Python would not.

    Args:
        seed: Whole number to start at; drawn from the library's seed when `None`.
        name: Name in messages. Chosen automatically when `None`.

    Raises:
        ArgumentError: `seed` is no whole number from 0 to 2**63 - 1.

    Example:
        >>> SeedGenerator(7).next()
        tensor([7, 0])
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self.name = checks.label(self, name) or names.unique("seed_generator")
        self._initial_seed = seed
        if seed is None:
            seed = randomness.next_seed()
        self.seed = checks.whole(self, "seed", seed, high=2**63 - 1)
        self._count = 0
        self._generators: dict[str, torch.Generator] = {}

    @property
    def state(self) -> Tensor:
        """The seed, and how often `next` was called."""
        return torch.tensor([self.seed, self._count])

    def next(self, ordered: bool = True) -> Tensor:
        """The seed and a counter that goes up by one with every call.

        Args:
            ordered: Accepted for Keras's sake; the counter always goes up.

        Shape:
            result: (2,), int64
        """
        state = self.state
        self._count += 1
        return state

    def generator(self, device: torch.device) -> torch.Generator:
        """The stream itself, one for each device; draws take from it and move it on."""
        key = str(device)
        if key not in self._generators:
            self._generators[key] = randomness.new_generator(self.seed, device)
        return self._generators[key]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SeedGenerator":
        """A new one with these arguments, at the start of its stream."""
        return cls(**config)

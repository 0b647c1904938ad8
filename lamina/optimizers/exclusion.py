"""Which weights an optimizer leaves out of weight decay."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from torch import Tensor


def path_of(weight: Tensor) -> str:
    """Where a weight stands in its model, "dense/kernel", or "" outside of layers."""
    return getattr(weight, "path", "")


@dataclass(frozen=True)
class Excluded:
    """A set of weights, given one by one or by patterns of their own names."""

    weights: tuple[Tensor, ...] = ()
    pattern: str = ""

    @classmethod
    def of(cls, weights: Iterable[Tensor] | None, patterns: Iterable[str] | None) -> Self:
        """The set of these weights and of those whose name contains one of the patterns."""
        return cls(tuple(weights or ()), "|".join(sorted(set(patterns or ()))))

    def __contains__(self, weight: Tensor) -> bool:
        if any(weight is excluded for excluded in self.weights):
            return True
        name = path_of(weight).rpartition("/")[2]
        return bool(self.pattern) and re.search(self.pattern, name) is not None

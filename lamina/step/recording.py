"""A recording: the kernel calls of one step as a plain list of (operation, arguments, results).

The form that passes rewrite, that replay turns into straight-line code, and that later tiers turn
into an FX graph or a CUDA graph.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lamina.core import trees
from lamina.core.errors import CaptureError


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for a tensor in the arguments of a call."""

    number: int


class Layout(NamedTuple):
    """How a tensor lies in its memory."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, tensor: Tensor) -> "Layout":
        """The layout of a tensor."""
        offset = int(tensor.storage_offset())
        return cls(tuple(tensor.shape), tensor.stride(), offset, tensor.dtype, tensor.device)

    @property
    def is_dense(self) -> bool:
        """Whether the elements fill one block without gaps or overlaps, in some order."""
        expected = 1
        for stride, size in sorted(zip(self.stride, self.shape, strict=True)):
            if size != 1:
                if stride != expected:
                    return False
                expected *= size
        return True

    @property
    def numel(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def num_bytes(self) -> int:
        """Bytes of its elements."""
        return self.numel * self.dtype.itemsize


@dataclass
class Call:
    """One kernel call; a result is `None` where the operation returns no tensor there."""

    operation: Any
    args: tuple
    kwargs: dict[str, Any]
    results: list[Ref | None]

    @property
    def name(self) -> str:
        """Name with overload, such as "aten.mm.default"."""
        return str(self.operation)

    def reads(self) -> Iterator[Ref]:
        """Tensors among the arguments, read or changed."""
        for leaf in trees.leaves((self.args, self.kwargs)):
            if isinstance(leaf, Ref):
                yield leaf

    def with_refs(self, function: Callable[[Ref], Any]) -> tuple[tuple, dict[str, Any]]:
        """The arguments with every `Ref` replaced by what `function` makes of it."""

        def replace(leaf: Any) -> Any:
            return function(leaf) if isinstance(leaf, Ref) else leaf

        return trees.transform(replace, self.args), trees.transform(replace, self.kwargs)

    def changed(self) -> list[Ref]:
        """Tensors that the operation writes into."""
        found: list[Ref] = []
        for position, argument in enumerate(self.operation._schema.arguments):
            if argument.alias_info is None or not argument.alias_info.is_write:
                continue
            by_position = position < len(self.args)
            given = self.args[position] if by_position else self.kwargs.get(argument.name)
            found.extend(leaf for leaf in trees.leaves(given) if isinstance(leaf, Ref))
        return found

    def generators(self) -> Iterator[torch.Generator]:
        """Random generators among the arguments."""
        for leaf in trees.leaves((self.args, self.kwargs)):
            if isinstance(leaf, torch.Generator):
                yield leaf

    @property
    def is_random(self) -> bool:
        """Whether it draws random numbers."""
        return torch.Tag.nondeterministic_seeded in self.operation.tags


@dataclass
class Recording:
    """What one run of a function did.

    `inputs` and `constants` are the tensors that existed before; every other `Ref` is the result
    of a call. `base` names the tensor whose memory a tensor shares (itself where it owns it).
    """

    calls: list[Call] = field(default_factory=list)
    inputs: list[Ref] = field(default_factory=list)
    constants: dict[Ref, Tensor] = field(default_factory=dict)
    layouts: dict[Ref, Layout] = field(default_factory=dict)
    base: dict[Ref, Ref] = field(default_factory=dict)
    outputs: Any = None
    refusal: CaptureError | None = None

    def is_view(self, ref: Ref) -> bool:
        """Whether a tensor shares the memory of another."""
        return self.base[ref] != ref

    def changed(self) -> set[Ref]:
        """Owners of memory that some call writes into."""
        return {self.base[ref] for call in self.calls for ref in call.changed()}

    def output_refs(self) -> list[Ref]:
        """Tensors that the function returned."""
        return [leaf for leaf in trees.leaves(self.outputs) if isinstance(leaf, Ref)]

    def copy(self, calls: list[Call]) -> "Recording":
        """The same recording with another list of calls."""
        return Recording(
            calls,
            self.inputs,
            dict(self.constants),
            dict(self.layouts),
            dict(self.base),
            self.outputs,
            self.refusal,
        )

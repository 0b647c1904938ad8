"""The random numbers of a process and of a module's layers: where each stream stands, and back."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core import randomness
from lamina.train.plain_data import decode, encode

_DEPTH = 4  # of lists, dicts and parts in which a layer may keep parts of its own
_REGISTERS = ("_modules", "_parameters", "_buffers", "_generators")


Collected = tuple[dict[str, Any], dict[str, Tensor]]
"""Streams as plain data and tensors."""


class Moment(NamedTuple):
    """Where the global streams stand, in their own form: quickly taken, seldom needed."""

    torch: Tensor
    cuda: Tensor | None
    numpy: Any
    python: Any
    library: Any


def moment() -> Moment:
    """Where the global streams stand now."""
    uses_cuda = torch.cuda.is_initialized() and torch.cuda.is_available()
    return Moment(
        torch.get_rng_state(),
        torch.cuda.get_rng_state() if uses_cuda else None,
        np.random.get_state(),
        random.getstate(),
        randomness.state(),
    )


def collect(module: nn.Module) -> Collected:
    """Every stream as plain data and tensors; both are copies."""
    plain, tensors = described(moment())
    generators = {}
    for path, name, holder in _own_streams(module):
        generators[path] = [name, getattr(holder, "_count", None)]
        tensors[f"own/{path}"] = _generator(holder, name).get_state()
    return {**plain, **encode({"generators": generators}, "the random state")}, tensors


def described(held: Moment) -> Collected:
    """The global streams as plain data and tensors."""
    tensors = {"torch": held.torch}
    if held.cuda is not None:
        tensors["cuda"] = held.cuda
    kind, keys, *place = held.numpy
    tensors["numpy"] = torch.from_numpy(np.asarray(keys).astype(np.int64))
    version, words, gauss = held.python
    tensors["python"] = torch.tensor(words)
    plain = {
        "library": list(held.library),
        "numpy": [kind, *place],
        "python": [version, gauss],
    }
    return encode(plain, "the random state"), tensors


def restore(module: nn.Module, document: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Puts every stream where it stood."""
    plain = decode(document)
    torch.set_rng_state(tensors["torch"])
    if "cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["cuda"])
    kind, *place = plain["numpy"]
    np.random.set_state((kind, tensors["numpy"].numpy().astype(np.uint32), *place))
    version, gauss = plain["python"]
    random.setstate((version, tuple(tensors["python"].tolist()), gauss))
    randomness.load_state(*plain["library"])
    holders = dict(_holders(module))
    for path, (name, count) in plain["generators"].items():
        holder = holders.get(path.rsplit("@", 1)[0])
        if holder is None:
            continue
        if count is not None:
            holder._count = count
        _generator(holder, name).set_state(tensors[f"own/{path}"])


def _own_streams(module: nn.Module) -> Iterator[tuple[str, str, Any]]:
    """Streams in use as (path, device or "", what holds it)."""
    for path, holder in _holders(module):
        if isinstance(holder, torch.Generator):
            yield path, "", holder
        else:
            for name in holder._generators:
                yield f"{path}@{name}", name, holder


def _generator(holder: Any, name: str) -> torch.Generator:
    if isinstance(holder, torch.Generator):
        return holder
    if name not in holder._generators:
        holder._generators[name] = randomness.new_generator(holder.seed or 0, name)
    return holder._generators[name]


def _holders(module: nn.Module) -> Iterator[tuple[str, Any]]:
    """Layers and other objects with a stream of their own, by a path that needs no names.

    Names of layers are counted up in a process, so that their places are used instead.
    """
    seen: set[int] = set()
    for number, part in enumerate(module.modules()):
        for path, value in _inside(part, str(number), _DEPTH):
            if id(value) not in seen:
                seen.add(id(value))
                yield path, value


def _inside(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, torch.Generator) or _has_streams(value):
        yield path, value
    if depth == 0:
        return
    parts: Any = ()
    if isinstance(value, nn.Module):
        parts = vars(value).items()
    elif isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value)
    for key, part in parts:
        is_holder = isinstance(part, (dict, list, tuple, torch.Generator)) or _has_streams(part)
        if is_holder and key not in _REGISTERS:
            yield from _inside(part, f"{path}.{key}", depth - 1)


def _has_streams(value: Any) -> bool:
    return isinstance(getattr(value, "__dict__", {}).get("_generators"), dict)

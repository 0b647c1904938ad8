"""What an optimizer remembers, by the names of the weights it belongs to, and back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import LoadError
from lamina.files.opening import damaged, printable
from lamina.models.streams import is_stream, restore_streams, stream_tensors
from lamina.models.weights import weight_names

_OF_WEIGHTS = re.compile(r"(^|/)(slots|sums)/")


def optimizer_tensors(model: Any) -> dict[str, Tensor]:
    """Counters, learning rate and memory of a compiled model's optimizer; not copies.

    Counters are called "state/calls", memory "slots/dense.kernel/momentum", accumulated gradients
    "sums/dense.kernel", random streams of layers with a seed "random/dropout".
    """
    optimizer = model.optimizer
    own = {f"state/{key}": value for key, value in _counters(optimizer).items()}
    trainable = dict(weight_names(model))
    memory = _memory_of_session(model) or _memory_of_loops(optimizer, trainable)
    kept = {key: value for key, name, value in memory if name in trainable}
    return {**own, **kept, **stream_tensors(model)}


def restore_optimizer(model: Any, tensors: Mapping[str, Tensor], label: str) -> None:
    """Gives a freshly compiled model the optimizer state that `optimizer_tensors` returned.

    Raises:
        LoadError: Names, shapes or dtypes differ.
    """
    counters = {k.removeprefix("state/"): v for k, v in tensors.items() if k.startswith("state/")}
    own = _counters(model.optimizer)
    _compare(own, counters, label)
    streams = {key: value for key, value in tensors.items() if is_stream(key)}
    restore_streams(model, streams, label)
    others = ("state/", "random/")
    memory = {key: value for key, value in tensors.items() if not key.startswith(others)}
    if memory:
        session = model.session()
        session.prepare_training()
        known = {key: value for key, _, value in _memory_of_session(model)}
        _compare({key: known[key] for key in memory if key in known}, memory, label)
        with torch.no_grad():
            for key, value in memory.items():
                known[key].copy_(value)
    if any(int(value) < 0 for key, value in counters.items() if key.endswith("calls")):
        raise _unfit(label, "its count of batches is negative")
    model.optimizer.load_state({**model.optimizer.state(), **counters})


def _counters(optimizer: Any) -> dict[str, Tensor]:
    return {k: v.detach() for k, v in optimizer.state().items() if not _OF_WEIGHTS.search(k)}


def _memory_of_session(model: Any) -> list[tuple[str, str, Tensor]]:
    """Memory in the buffers of a training step: (key, weight, tensor)."""
    session = model.__dict__.get("_session")
    if session is None or session.state is None:
        return []
    found = []
    for block in session.state.blocks:
        for place, (name, slots) in enumerate(zip(block.names, block.slots, strict=True)):
            found += [(f"slots/{name}/{key}", name, slot) for key, slot in slots.items()]
            if block.sums:
                found.append((f"sums/{name}", name, block.sums[place]))
    return found


def _memory_of_loops(
    optimizer: Any, trainable: Mapping[str, Tensor]
) -> Iterator[tuple[str, str, Tensor]]:
    """Memory of an optimizer that was called by hand."""
    if not optimizer.built:
        return
    memory = optimizer.memory()
    for name, weight in trainable.items():
        place = memory.index.get(id(weight))
        if place is None:
            continue
        for key, slot in memory.slots[place].items():
            yield f"slots/{name}/{key}", name, slot
        if memory.sums:
            yield f"sums/{name}", name, memory.sums[place]


def _compare(own: Mapping[str, Tensor], given: Mapping[str, Tensor], label: str) -> None:
    if own.keys() != given.keys():
        name = sorted(own.keys() ^ given.keys())[0]
        word = "missing" if name in own else "unknown"
        raise _unfit(label, f"the tensor {printable(name, 80)} is {word}")
    for name, tensor in own.items():
        if tensor.shape != given[name].shape or tensor.dtype != given[name].dtype:
            raise _unfit(label, f"the tensor {printable(name, 80)} has another shape or dtype")


def _unfit(label: str, what: str) -> LoadError:
    return damaged(
        label,
        f"{what}.",
        expected="the state of the optimizer that the model was compiled with.",
        fix="load the model with compile=False, and compile it anew.",
    )

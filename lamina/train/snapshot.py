"""Everything a run has at one moment, as plain data and tensors, and back into a run.

Weights go by their place in the model, not by name, because automatic names are counted up within
a process.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core.errors import LoadError
from lamina.core.names import shown
from lamina.train import random_state
from lamina.train.callbacks.base import Callback, CallbackList
from lamina.train.plain_data import decode, encode
from lamina.train.session import Session

FORMAT = "lamina checkpoint 1"


@dataclass
class Place:
    """Where a run stands: the epoch, the steps made in it, and those made in all.

    `logs` are the numbers of the epoch's training part, once it is over and before the next epoch.
    """

    epoch: int = 0
    step: int = 0
    done: int = 0
    logs: dict[str, Any] | None = None


@dataclass
class Parts:
    """The objects whose state a run consists of."""

    session: Session
    callbacks: CallbackList
    model: Any


def collect(parts: Parts, place: Place) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The state of a run; the tensors are those in use, not copies."""
    random_data, tensors = random_state.collect(parts.session.module)
    tensors = _prefixed("random", tensors)
    states = _callback_states(parts.callbacks)
    document = {
        "format": FORMAT,
        "place": encode(asdict(place), "the logs"),
        "stop_training": bool(parts.model.stop_training),
        "random": random_data,
        "callbacks": [[kind, plain] for kind, plain, _ in states],
    }
    for number, (_, _, own) in enumerate(states):
        tensors |= _prefixed(f"callbacks/{number}", own)
    tensors |= model_tensors(parts.session.module)
    tensors |= optimizer_tensors(parts.session)
    if place.step and place.logs is None:
        tensors |= totals(parts.session)
    return document, {name: tensor.detach() for name, tensor in tensors.items()}


def restore(parts: Parts, document: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Puts a run back to where `collect` saw it; tensors are overwritten in place.

    Raises:
        LoadError: Weights, optimizer or callbacks are others. Nothing is changed then.
    """
    session = parts.session
    own = {**model_tensors(session.module), **optimizer_tensors(session)}
    if any(name.startswith("totals/") for name in tensors):
        own |= totals(session)
    kinds = {name.split("/")[0] for name in own}
    given = {name: t for name, t in tensors.items() if name.split("/")[0] in kinds}
    refuse_others(own, given)
    _overwrite(own, given)
    load_counters(session, given)
    parts.model.stop_training = document["stop_training"]
    _restore_callbacks(parts.callbacks, document["callbacks"], tensors)
    random_state.restore(session.module, document["random"], under(tensors, "random/"))


def _restore_callbacks(
    callbacks: CallbackList, saved: list[Any], tensors: dict[str, Tensor]
) -> None:
    """Hands each callback the state of the first one of its class that nobody took yet."""
    waiting = list(enumerate(saved))
    for callback in stateful(callbacks):
        kind = type(callback).__name__
        match = next((entry for entry in waiting if entry[1][0] == kind), None)
        if match is not None:
            waiting.remove(match)
            number, (_, plain) = match
            kept = under(tensors, f"callbacks/{number}/")
            callback.load_state({**decode(plain), "tensors": kept})


def model_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Weights and buffers, each once, by their number."""
    return {f"weights/{number}": tensor for number, (_, tensor) in enumerate(named(module))}


def named(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Weights and buffers with their names, in a fixed order."""
    yield from module.named_parameters()
    yield from module.named_buffers()


def optimizer_tensors(session: Session) -> dict[str, Tensor]:
    """Memory by the number of the weight, and counters by name."""
    place = {name: number for number, (name, _) in enumerate(named(session.module))}
    found = {f"slots/{place[name]}/{key}": slot for name, key, slot in session.state.slots()}
    for block in session.state.blocks:
        pairs = zip(block.names, block.sums, strict=False)
        found |= {f"sums/{place[name]}": total for name, total in pairs}
    return {**found, **_prefixed("counters", _counters(session))}


def load_counters(session: Session, tensors: dict[str, Tensor]) -> None:
    """Counters and learning rate of the optimizer; its memory is overwritten beforehand."""
    optimizer = session.plan.optimizer
    given = under(tensors, "counters/")
    optimizer.load_state({**optimizer.state(), **given})


def totals(session: Session) -> dict[str, Tensor]:
    """What loss and metrics have added up in this epoch."""
    objective = session.objective
    running = [one for one in (objective.running, *objective.partial) if one is not None]
    tensors = [tensor for one in running for tensor in (one.total, one.count)]
    tensors += [variable for metric in objective.all_metrics() for variable in metric.variables]
    return {f"totals/{number}": tensor for number, tensor in enumerate(tensors)}


def first_not_finite(session: Session) -> str | None:
    """What keeps a state from being worth saving, in words; `None` where nothing does."""
    for block in session.state.blocks:
        for unit in block.units:
            if not bool(torch.isfinite(unit.value).all()):
                return f"weight {_culprit(block.names, block.values)!r} is not finite"
            slots = (slot for slot in unit.slots.values() if slot.is_floating_point())
            if any(bool(torch.isnan(slot).any()) for slot in slots):
                return f"optimizer {block.optimizer.name!r} remembers a NaN"
    if math.isnan(float(session.objective.running.total)):
        return "the loss is NaN"
    return None


def stateful(callbacks: CallbackList) -> list[Callback]:
    """Callbacks that have something to remember."""
    plain = Callback.state
    return [c for c in callbacks.callbacks if getattr(c.state, "__func__", None) is not plain]


def refuse_others(own: dict[str, Tensor], given: dict[str, Tensor]) -> None:
    """Passes tensors of the same names, shapes and dtypes.

    Raises:
        LoadError: They differ.
    """
    wrong = sorted(own.keys() ^ given.keys())
    wrong += [
        name
        for name in sorted(own.keys() & given.keys())
        if own[name].shape != given[name].shape or own[name].dtype != given[name].dtype
    ]
    if wrong:
        raise LoadError(
            f"the checkpoint does not fit the model: {len(wrong)} tensors differ, "
            f"{shown(wrong[0])} first.",
            expected="the model, optimizer and metrics that wrote it.",
            fix="choose another folder for this run.",
        )


def _overwrite(own: dict[str, Tensor], given: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(given[name])


def _counters(session: Session) -> dict[str, Tensor]:
    """All of the optimizer's state that belongs to no weight."""
    state = session.plan.optimizer.state()
    is_memory = ("slots/", "sums/")
    return {
        key: value
        for key, value in state.items()
        if not key.startswith(is_memory) and "/slots/" not in key and "/sums/" not in key
    }


def _culprit(names: list[str], values: list[Tensor]) -> str:
    pairs = zip(names, values, strict=True)
    return next((name for name, value in pairs if not torch.isfinite(value).all()), names[0])


def _callback_states(callbacks: CallbackList) -> list[tuple[str, Any, dict[str, Tensor]]]:
    found = []
    for callback in stateful(callbacks):
        state = dict(callback.state())
        tensors = state.pop("tensors", {})
        kind = type(callback).__name__
        found.append((kind, encode(state, f"callback {kind}"), tensors))
    return found


def _prefixed(start: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{start}/{name}": tensor for name, tensor in tensors.items()}


def under(tensors: dict[str, Tensor], start: str) -> dict[str, Tensor]:
    """The tensors whose names have this start, without it."""
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}

"""What a run is made of, in words short enough to store and to show when they change."""

import hashlib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core import checks, trees
from lamina.data import ArrayBatches, StreamBatches
from lamina.train.callbacks.base import CallbackList
from lamina.train.session import Session
from lamina.train.snapshot import named, stateful
from lamina.version import VERSION

_HASHED_BYTES = 64 << 20  # of one array; of a larger one, rows spread evenly over it
_LONGEST = 300
_NAMELESS = ("name", "learning_rate")  # counted up in a process; changed while training

Facts = dict[str, Any]


def facts_of(
    session: Session, batches: Any, evaluation: Any, run: Any, callbacks: CallbackList
) -> Facts:
    """All that the bits of a run depend on, by name; lists have an entry a part."""
    plan, optimizer = session.plan, session.plan.optimizer
    given = plan.given or {}
    return {
        "model": _model(session.module),
        "optimizer": _described(optimizer),
        "learning_rate": _rate(optimizer),
        **{key: _described(given.get(key)) for key in ("loss", "loss_weights", "metrics")},
        "weighted_metrics": _described(given.get("weighted_metrics")),
        "data": _data(batches),
        "validation": [] if evaluation is None else _data(evaluation.batches),
        "batch_size": run.batch_size,
        "shuffle": str(getattr(batches, "shuffle", None)),
        "steps_per_epoch": run.steps_per_epoch,
        "initial_epoch": run.initial_epoch,
        "validation_freq": _described(run.validation_freq),
        "callbacks": [type(callback).__name__ for callback in stateful(callbacks)],
        "seed": run.seed,
        "threads": run.threads,
        "device": _device(session.device),
        "torch": str(torch.__version__),
        "lamina": VERSION,
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """What changed, in words by name."""
    found = {}
    for name in new:
        before, now = old.get(name), new[name]
        if before != now:
            found[name] = _change(name, before, now)
    return found


def _change(name: str, before: Any, now: Any) -> str:
    if not (isinstance(before, list) and isinstance(now, list)):
        return f"{name} was {_short(before)}, now {_short(now)}"
    if len(before) != len(now) and name == "callbacks":
        words = (", ".join(map(_short, names)) or "none" for names in (before, now))
        return f"{name} were {next(words)}, now {next(words)}"
    pairs = [(a, b) for a, b in zip(before, now, strict=False) if a != b]
    if not pairs:
        return f"{name} had {len(before)} parts, now {len(now)}"
    return f"{name} had {_short(pairs[0][0])}, now {_short(pairs[0][1])}"


def _short(value: Any) -> str:
    text = str(value)
    text = text if text.isprintable() else repr(text)  # it may come from a file
    return text if len(text) <= 90 else f"{text[:89]}…"


def _model(module: nn.Module) -> list[str]:
    """Layers with their arguments, then weights with their shapes; no names."""
    layers = [_described(part) for part in module.modules() if not list(part.children())]
    weights = [
        f"{tuple(tensor.shape)} {_word(tensor.dtype)}{'' if tensor.requires_grad else ' fixed'}"
        for _, tensor in named(module)
    ]
    return [*layers, *weights]


def _described(value: Any) -> str:
    """A value in one form that does not depend on the process: no addresses, no names."""
    text = _text(value)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:60]}… {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _text(value: Any) -> str:
    if isinstance(value, (np.ndarray, Tensor)):
        digest = hashlib.sha256()
        _hash_into(digest, torch.as_tensor(value))
        return f"array {tuple(value.shape)} {digest.hexdigest()[:16]}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple, set)):
        parts = sorted(value, key=str) if isinstance(value, set) else value
        return "[" + ", ".join(map(_text, parts)) + "]"
    if value is None or isinstance(value, (str, bytes, bool, int, float, np.generic)):
        return repr(value)
    kind: str = type(value).__name__
    if inspect.isroutine(value) or isinstance(value, type):
        return getattr(value, "__qualname__", kind)
    config = _config(value)
    inner = ", ".join(f"{key}={_text(part)}" for key, part in config.items())
    return f"{type(value).__name__}({inner})"


def _config(value: Any) -> dict[str, Any]:
    get_config = getattr(value, "get_config", None)
    if get_config is None or isinstance(value, type):
        return {}
    try:
        config = get_config()
    except (NotImplementedError, AttributeError, TypeError, ValueError):
        return {}  # of a layer written by a user, who need not say how it is made
    return {key: part for key, part in config.items() if key not in _NAMELESS}


def _rate(optimizer: Any) -> str:
    config = optimizer.get_config() if hasattr(optimizer, "get_config") else {}
    return _described(config.get("learning_rate"))


def _data(batches: Any) -> list[str]:
    if isinstance(batches, ArrayBatches):
        return [
            f"{part}: {_array(leaf)}"
            for part, tree in batches.data._asdict().items()
            for leaf in trees.leaves(tree)
            if leaf is not None
        ]
    if isinstance(batches, StreamBatches):
        leaves = [leaf for leaf in trees.leaves(batches.example()) if leaf is not None]
        shapes = [f"batches of {tuple(leaf.shape)} {_word(leaf.dtype)}" for leaf in leaves]
        return [f"{batches.steps_per_epoch or 'some'} batches", *shapes]
    return []


def _array(leaf: Tensor) -> str:
    digest = hashlib.sha256()
    _hash_into(digest, leaf)
    return f"{tuple(leaf.shape)} {_word(leaf.dtype)} {digest.hexdigest()[:32]}"


def _hash_into(digest: Any, tensor: Tensor) -> None:
    count = tensor.numel() * tensor.element_size()
    if count > _HASHED_BYTES:
        step = -(-count // _HASHED_BYTES)
        tensor = tensor[::step]
    values = tensor.detach().as_subclass(Tensor).cpu().contiguous().reshape(-1)
    if values.numel():
        digest.update(values.view(torch.uint8).numpy().data)


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        return f"cpu {torch.backends.cpu.get_cpu_capability()}"
    return str(device)


def same_rate(old: Mapping[str, Any], new: Mapping[str, Any], saved_rate: float | None) -> bool:
    """Whether the learning rate is the one that the run began with, or the one it has reached."""
    if old.get("learning_rate") == new.get("learning_rate"):
        return True
    return checks.is_number(saved_rate) and new.get("learning_rate") == repr(saved_rate)

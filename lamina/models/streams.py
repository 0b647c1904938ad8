"""Where the random streams of layers with a seed of their own stand, and back there."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.files.opening import damaged, printable

_START = "random/"


def stream_tensors(model: Any) -> dict[str, Tensor]:
    """The state of each stream on the CPU that was drawn from, as "random/<layer>"."""
    return {
        f"{_START}{name}": streams["cpu"].get_state()
        for name, streams in _streams(model)
        if "cpu" in streams
    }


def restore_streams(model: Any, tensors: Mapping[str, Tensor], label: str) -> None:
    """Lets the streams go on from where they stood.

    Raises:
        LoadError: There is no such layer, or the state is none.
    """
    known = dict(_streams(model))
    size = torch.Generator().get_state().shape
    for key, state in tensors.items():
        name = key.removeprefix(_START)
        if name not in known or state.dtype != torch.uint8 or state.shape != size:
            raise damaged(
                label,
                f"{printable(key, 80)} is no random stream of the model.",
                expected="streams of layers that have a seed.",
                fix="load the model with compile=False, and compile it anew.",
            )
        generator = torch.Generator()
        generator.set_state(state)
        known[name]["cpu"] = generator


def is_stream(key: str) -> bool:
    """Whether the name of a tensor is that of a stream."""
    return key.startswith(_START)


def _streams(model: Any) -> Iterator[tuple[str, dict[str, torch.Generator]]]:
    for name, part in model.named_modules():
        streams = part.__dict__.get("_generators")
        if isinstance(streams, dict) and getattr(part, "seed", None) is not None:
            yield name, streams

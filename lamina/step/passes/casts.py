"""Takes from casts what they say twice, so that they can write into memory they are given.

The backward pass of a cast names the device and the layout that its argument already has.
"""

import torch

from lamina.step.recording import Call, Recording

_CAST = "aten._to_copy.default"


def plain_casts(recording: Recording) -> Recording:
    """Casts without a device and a layout where these stay as they are."""
    return recording.copy([_plain(call, recording) for call in recording.calls])


def _plain(call: Call, recording: Recording) -> Call:
    if call.name != _CAST or "device" not in call.kwargs:
        return call
    stays = call.kwargs["device"] == recording.layouts[call.args[0]].device
    if not stays or call.kwargs.get("layout", torch.strided) != torch.strided:
        return call
    kept = {key: value for key, value in call.kwargs.items() if key not in ("device", "layout")}
    return Call(call.operation, call.args, kept, call.results)

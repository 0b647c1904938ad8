"""Checks of the model alone: dropout, starting weights, order of axes, narrow layers."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from lamina.preflight import kinds
from lamina.preflight.finding import Finding
from lamina.preflight.structure import Call, Structure
from lamina.preflight.subject import Subject, fan_in
from lamina.preflight.wording import counted, number

_SPATIAL = ("DepthwiseConv1D", "DepthwiseConv2D")
_HIGH_RATE = 0.7
_MIDDLE_RATE = 0.5
_FAR_ABOVE = 5.0  # times sqrt(2 / fan_in)
_PICTURE_CHANNELS = (1, 3, 4)
_SMALLEST_PICTURE = 8


def dropout_before_output(subject: Subject) -> Iterator[Finding]:
    """Dropout between the last layer with weights and the loss."""
    for head in subject.heads:
        for call in head.end.dropouts:
            rate = _rate(call)
            if not rate:
                continue
            yield Finding(
                "dropout-before-output",
                "warning",
                f"{call.name!r} drops {number(100 * rate)} % of the results of output layer "
                f"{head.end.weight.name!r}.",
                "dropout between hidden layers, none after the output layer.",
                f"move {call.name!r} before {head.end.weight.name!r}.",
                {"layer": call.name, "rate": rate},
                "build",
            )


def _rate(call: Call) -> float:
    inner = None if call.module is None else kinds.unwrapped(call.module)
    rate = getattr(inner, "rate", getattr(inner, "p", None))
    if rate is None and inner is None:
        rate = call.arguments[1].get("p", next(iter(call.arguments[0]), 0.5))
    return float(rate or 0.0)


def high_dropout(subject: Subject) -> Iterator[Finding]:
    """Dropout that leaves hardly anything."""
    calls = [call for call in subject.structure.calls if call.kind == "dropout"]
    calls = [call for call in calls if not kinds.is_a(call.module, "GaussianNoise")]
    rates = {call.name: _rate(call) for call in calls}
    high = [name for name, rate in rates.items() if rate > _HIGH_RATE]
    middle = [name for name, rate in rates.items() if rate > _MIDDLE_RATE]
    if not high and len(middle) < 2:
        return
    name = (high or middle)[0]
    yield Finding(
        "high-dropout",
        "warning" if high else "hint",
        f"{name!r} drops {number(100 * rates[name])} % of its inputs"
        + (f", and {len(middle) - 1} more drop over half." if len(middle) > 1 else "."),
        "rates of 0.1 to 0.5.",
        f"lower the rate: Dropout(0.3) in {name!r}.",
        {"rates": rates},
        "build",
    )


def constant_init(subject: Subject) -> Iterator[Finding]:
    """A hidden layer whose units all start alike, and so stay alike."""
    if not subject.is_fresh:
        return
    structure = subject.structure
    found = []
    for call in structure.weight_calls:
        kernel = _kernel(call)
        if kernel is None or kernel.numel() < 2 or not kernel.requires_grad:
            continue
        is_last = not any(_weight_beyond(structure, call))
        into_sum = any(user.kind == "merge" for user in structure.users(call))
        if is_last or into_sum or kernel.shape[-1] < 2:
            continue
        if bool((kernel == kernel.reshape(-1)[0]).all()):
            found.append((call, float(kernel.detach().reshape(-1)[0])))
    if found:
        call, value = found[0]
        yield Finding(
            "constant-init",
            "warning",
            f"all weights of {call.name!r} start at {number(value)}, so its units get the same "
            "gradient and stay copies of one another.",
            "random starting weights in every hidden layer.",
            f'leave kernel_initializer out of {call.name!r}, or pass "glorot_uniform".',
            {"layers": [one.name for one, _ in found], "value": value},
            "build",
        )


def _weight_beyond(structure: Structure, call: Call) -> Iterator[Call]:
    waiting, seen = [call], {id(call)}
    while waiting:
        for user in structure.users(waiting.pop()):
            if id(user) not in seen:
                seen.add(id(user))
                waiting.append(user)
                if user.kind == "weight":
                    yield user


def _kernel(call: Call) -> Tensor | None:
    """The kernel, its results on the last axis."""
    inner = kinds.unwrapped(call.module)
    kernel = getattr(inner, "kernel", None)
    if isinstance(kernel, Tensor):
        return kernel
    weight = getattr(inner, "weight", None)
    is_plain = isinstance(inner, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d))
    return weight.movedim(0, -1) if isinstance(weight, Tensor) and is_plain else None


def init_too_large(subject: Subject) -> Iterator[Finding]:
    """Weights that start far larger than keeps the signal at its size."""
    if not subject.is_fresh:
        return
    structure = subject.structure
    found = []
    for call in structure.weight_calls:
        kernel = _kernel(call)
        is_spatial = kinds.is_a(call.module, *_SPATIAL)
        if kernel is None or kernel.numel() < 8 or is_spatial or not kernel.requires_grad:
            continue
        wanted = (2 / fan_in(kernel)) ** 0.5
        size = float(torch.linalg.vector_norm(kernel.detach())) / kernel.numel() ** 0.5
        if size > _FAR_ABOVE * wanted:
            is_tamed = any(user.kind == "scale" for user in structure.users(call))
            found.append((call, size, wanted, is_tamed))
    if not found:
        return
    call, size, wanted, _ = max(found, key=lambda entry: entry[1] / entry[2])
    yield Finding(
        "init-too-large",
        "hint" if all(tamed for *_, tamed in found) else "warning",
        f"the weights of {call.name!r} start at a size of {number(size)}, "
        f"{number(round(size / wanted))} times what keeps the signal at its size.",
        f"a deviation of about sqrt(2 / inputs) = {number(wanted)}.",
        f'leave kernel_initializer out of {call.name!r}, or pass "he_normal".',
        {"layers": [one.name for one, *_ in found], "size": size, "wanted": wanted},
        "build",
    )


def channels_order(subject: Subject) -> Iterator[Finding]:
    """Pictures whose channels lie on the other side than the layer takes them."""
    structure = subject.structure
    for value in structure.inputs:
        for call in _first_convolutions(structure, value):
            shape = call.in_shape
            if len(shape) != 4 or None in shape[1:]:
                continue
            is_last = kinds.unwrapped(call.module).data_format != "channels_first"
            sizes: Any = shape[1:]  # all known
            channels, picture, other = (
                (sizes[0], sizes[1:], sizes[2]) if is_last else (sizes[2], sizes[:2], sizes[0])
            )
            looks_wrong = (
                channels in _PICTURE_CHANNELS
                and other not in _PICTURE_CHANNELS
                and min(picture) >= _SMALLEST_PICTURE
            )
            if looks_wrong:
                yield _channels_finding(call, sizes, is_last)


def _first_convolutions(structure: Structure, value: int) -> Iterator[Call]:
    """The convolutions that an input reaches with its axes as they are."""
    waiting = [value]
    while waiting:
        for call in structure.consumers.get(waiting.pop(), []):
            if kinds.is_a(call.module, "Conv2D") and call.kind == "weight":
                yield call
            elif call.shape == call.in_shape and call.kind != "weight":
                waiting.extend(call.outputs)


def _channels_finding(call: Call, sizes: tuple, is_last: bool) -> Finding:
    first, second, third = sizes
    way = (
        f"np.moveaxis(x, 1, -1) and Input(shape=({second}, {third}, {first}))"
        if is_last
        else f"np.moveaxis(x, -1, 1) and Input(shape=({third}, {first}, {second}))"
    )
    order = "(height, width, channels)" if is_last else "(channels, height, width)"
    return Finding(
        "channels-order",
        "warning",
        f"{call.name!r} takes the axes of its input {tuple(sizes)} as {order}; they look like the "
        "other order.",
        f"pictures of shape {order}.",
        f"move the channels: {way}.",
        {"layer": call.name, "shape": list(sizes)},
        "build",
    )


def normalized_axis(subject: Subject) -> Iterator[Finding]:
    """BatchNormalization over another axis than the channels of the convolution before it."""
    found = [
        (call, before, wanted)
        for call in subject.structure.calls
        if kinds.is_a(call.module, "BatchNormalization") and len(call.in_shape) > 2
        for before, wanted in _channels_before(subject.structure, call)
        if kinds.unwrapped(call.module).axis % len(call.in_shape) != wanted
    ]
    if not found:
        return
    call, before, wanted = found[0]
    axis, is_last = kinds.unwrapped(call.module).axis, wanted > 1
    better = -1 if is_last else 1
    more = f", and {counted(len(found) - 1, 'more such layer')}" if len(found) > 1 else ""
    yield Finding(
        "channels-order",
        "warning",
        f"{call.name!r} normalizes along axis {axis} of {call.in_shape}, and the channels of "
        f"{before.name!r} lie along axis {wanted}{more}.",
        "one mean and deviation for each channel.",
        f"make it BatchNormalization(axis={better}).",
        {"axis": axis, "wanted": better, "layers": [one.name for one, *_ in found]},
        "build",
    )


def _channels_before(structure: Structure, call: Call) -> Iterator[tuple[Call, int]]:
    """The convolution whose results a layer takes, and the axis of its channels."""
    before = structure.maker(call)
    while before is not None and before.kind in ("activation", "dropout", "pool"):
        before = structure.maker(before)
    if before is None or not kinds.is_a(before.module, "Conv1D", "Conv2D", "Conv3D"):
        return
    is_first = kinds.unwrapped(before.module).data_format == "channels_first"
    yield before, 1 if is_first else len(call.in_shape) - 1


def bottleneck(subject: Subject) -> Iterator[Finding]:
    """A hidden layer too narrow for the number of classes behind it."""
    for head in subject.heads:
        last = head.end.weight
        if head.end.activation != "softmax" or last is None or not last.in_shape:
            continue
        classes, width = head.end.units or 0, last.in_shape[-1] or 0
        if classes >= 4 and len(last.in_shape) == 2 and width * 3 < classes:
            yield Finding(
                "bottleneck",
                "hint",
                f"{last.name!r} has to tell {classes} classes apart from {width} values.",
                "a hidden layer before the output with at least as many units as classes.",
                f"widen the layer before {last.name!r}, for example to {max(32, classes)} units.",
                {"classes": classes, "width": width},
                "build",
            )


CHECKS = {
    "dropout-before-output": dropout_before_output,
    "high-dropout": high_dropout,
    "constant-init": constant_init,
    "init-too-large": init_too_large,
    "channels-order": channels_order,
    "channels-order of averages": normalized_axis,
    "bottleneck": bottleneck,
}

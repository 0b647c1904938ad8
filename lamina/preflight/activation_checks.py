"""Checks of activations: those missing between layers, misplaced, doubled, or growing too fast."""

from collections.abc import Iterator

import torch
from torch import nn

from lamina.preflight import kinds
from lamina.preflight.finding import Finding
from lamina.preflight.outputs import RANGES
from lamina.preflight.statistics import spread_rows
from lamina.preflight.structure import Call, Structure, values_at
from lamina.preflight.subject import Head, Subject
from lamina.preflight.suiting import head_of, suiting_end
from lamina.preflight.wording import counted, listed

_PASSED = {"shape", "dropout", "scale", "linear", "merge", "pool"}
_KEPT = {"shape", "dropout", "linear", "pool"}
_SHARES = ("softmax", "sigmoid")
_CUT = ("relu", "relu6", "tanh", "softplus", "softsign", "hard_tanh", "hardtanh")
_SPATIAL = ("DepthwiseConv1D", "DepthwiseConv2D")
_FEW_ROWS = 16


def hidden_no_activation(subject: Subject) -> Iterator[Finding]:
    """Two linear maps in a row, which one linear map could replace."""
    structure = subject.structure
    pairs = [
        (first, second, via)
        for first in structure.weight_calls
        if first.is_linear
        for second, via in _next_weights(structure, first)
    ]
    plain = [(a, b) for a, b, via in pairs if not (via & {"merge", "pool"}) and _is_plain(a, b)]
    shown = plain or [(a, b) for a, b, via in pairs if "merge" not in via]
    shown = shown or [(a, b) for a, b, _ in pairs]
    if not shown:
        return
    names = [f"{a.name} → {b.name}" for a, b in shown]
    first = shown[0][0]
    yield Finding(
        "hidden-no-activation",
        "warning" if plain else "hint",
        f"there is no activation between {listed([first.name, shown[0][1].name])}"
        + (f", and {counted(len(names) - 1, 'more such place')}" if len(names) > 1 else "")
        + ", so together they are one linear map.",
        "a bend such as relu after every hidden layer with weights.",
        f'give {first.name!r} an activation: activation="relu".',
        {"pairs": names},
        "build",
    )


def _next_weights(structure: Structure, first: Call) -> Iterator[tuple[Call, set[str]]]:
    """The weight layers that a result reaches without a bend, and what lies between."""
    waiting: list[tuple[Call, set[str]]] = [(first, set())]
    seen: set[int] = set()
    while waiting:
        call, via = waiting.pop()
        for user in structure.users(call):
            if id(user) in seen:
                continue
            seen.add(id(user))
            if user.kind == "weight":
                yield user, via
            elif user.kind in _PASSED and not kinds.is_bending(user.module):
                waiting.append((user, via | {user.kind}))
            elif user.kind == "activation" and user.is_linear:
                waiting.append((user, via))


def _is_plain(first: Call, second: Call) -> bool:
    """Whether two linear maps in a row gain nothing; a bottleneck or a separable one may."""
    inner = [kinds.unwrapped(call.module) for call in (first, second)]
    is_separable = any(kinds.is_a(one, *_SPATIAL) or _is_pointwise(one) for one in inner)
    is_narrow = (
        bool(first.shape and first.in_shape and second.shape)
        and (first.shape[-1] or 0) < (first.in_shape[-1] or 0)
        and (first.shape[-1] or 0) < (second.shape[-1] or 0)
    )
    return not (is_separable or is_narrow) and _is_trained(first) and _is_trained(second)


def _is_pointwise(module: nn.Module) -> bool:
    size = getattr(module, "kernel_size", None)
    return isinstance(size, tuple) and all(part == 1 for part in size)


def _is_trained(call: Call) -> bool:
    return any(weight.requires_grad for weight in call.module.parameters())


def softmax_one_unit(subject: Subject) -> Iterator[Finding]:
    """Softmax over one value, which is always 1."""
    for call in subject.structure.calls:
        axis = call.softmax_axis
        if axis is None or axis == 0 or call.shape[axis] != 1:
            continue
        head = head_of(subject.heads, call.name)
        yield Finding(
            "softmax-one-unit",
            "error",
            f"{call.name!r} is a softmax over a single unit, which is 1 whatever the input is.",
            "softmax over two units or more; one unit that answers yes or no wants sigmoid.",
            suiting_end(call.name, None if head is None else head.labels),
            {"layer": call.name, "shape": list(call.shape)},
            "build",
        )


def softmax_over_other_axis(subject: Subject) -> Iterator[Finding]:
    """Softmax over the batch, or at the end over another axis than that of the classes."""
    ends = {head.end.layer_name: head for head in subject.heads}
    for call in subject.structure.calls:
        axis = call.softmax_axis
        if axis is None or len(call.shape) < 2 or axis == len(call.shape) - 1:
            continue
        head = ends.get(call.name)
        if axis == 0:
            yield Finding(
                "batch-leakage",
                "warning",
                f"{call.name!r} is a softmax over axis 0, the batch: the answers to one row depend "
                "on the other rows.",
                "softmax over the units of one row.",
                f"take the last axis in {call.name!r}: keras.layers.Softmax(axis=-1).",
                {"layer": call.name, "axis": axis, "shape": list(call.shape)},
                "build",
            )
        elif head is not None and head.expects == "distribution" and _is_over_last(head, call):
            yield Finding(
                "loss-activation-mismatch",
                "warning",
                f"{call.name!r} is a softmax over axis {axis} of {call.shape}, and loss "
                f"{head.loss_name!r} takes the last axis for the classes.",
                "probabilities that sum to 1 over the classes.",
                f"take the last axis in {call.name!r}: keras.layers.Softmax(axis=-1).",
                {"layer": call.name, "axis": axis, "shape": list(call.shape)},
                "build",
            )


def _is_over_last(head: Head, call: Call) -> bool:
    return getattr(head.loss, "axis", -1) in (-1, len(call.shape) - 1)


def softmax_hidden(subject: Subject) -> Iterator[Finding]:
    """Softmax on a layer whose results go into another layer with weights."""
    structure = subject.structure
    ends = set(structure.outputs)
    for call in structure.calls:
        axis = call.softmax_axis
        if axis is None or axis != len(call.shape) - 1 or ends & set(call.outputs):
            continue
        user = _weight_after(structure, call)
        if user is not None:
            yield Finding(
                "softmax-hidden",
                "warning",
                f"{call.name!r} has softmax and feeds {user.name!r}; its units compete for a "
                "sum of 1 and hardly any signal is left.",
                "softmax on the last layer only; relu or the like before.",
                f'give {call.name!r} activation="relu".',
                {"layer": call.name, "feeds": user.name},
                "build",
            )


def _weight_after(structure: Structure, call: Call) -> Call | None:
    waiting = [call]
    while waiting:
        for user in structure.users(waiting.pop()):
            if user.kind == "weight":
                return user
            if user.kind in ("shape", "dropout", "scale", "linear", "pool"):
                waiting.append(user)
    return None


def repeated_softmax(subject: Subject) -> Iterator[Finding]:
    """An output that goes through softmax or sigmoid twice."""
    for head in subject.heads:
        end = head.end
        words = [call.activation for call in end.bends if not call.is_linear]
        if end.weight is not None and not end.weight.is_linear:
            words.append(end.weight.activation)
        twice = [word for word in words if word in ("softmax", "sigmoid")]
        if len(twice) > 1:
            yield Finding(
                "double-softmax",
                "warning",
                f"output {end.name!r} goes through {twice[1]} and then {twice[0]}, which flattens "
                "its probabilities.",
                "one softmax or sigmoid at the end.",
                f"remove one of them: leave {end.layer_name!r} out, or make the layer before it "
                "linear.",
                {"activations": words[::-1]},
                "build",
            )


def cut_scores(subject: Subject) -> Iterator[Finding]:
    """Scores that lose a part of their range before softmax or sigmoid makes probabilities."""
    structure = subject.structure
    for head, value in zip(subject.heads, structure.outputs, strict=True):
        last = structure.producer.get(value)
        while last is not None and last.kind == "shape":
            last = structure.maker(last)
        if last is None or last.kind != "activation" or last.activation not in _SHARES:
            continue
        before, is_pooled = structure.maker(last), False
        while before is not None and (before.kind in _KEPT or _is_idle(before)):
            is_pooled = is_pooled or before.kind in ("linear", "pool")
            before = structure.maker(before)
        if before is None or before.kind not in ("weight", "activation"):
            continue
        if before.activation not in _CUT:
            continue
        yield _cut_finding(head.end.name, before, last, is_pooled=is_pooled)


def _is_idle(call: Call) -> bool:
    return call.kind == "activation" and call.is_linear


def _cut_finding(output: str, before: Call, last: Call, *, is_pooled: bool) -> Finding:
    word, end = before.activation, last.activation
    is_below = RANGES[word][0] == 0 and end == "sigmoid"
    effect = "is never below 0.5" if is_below else "cannot come near 0 and 1"
    effect = "gets no scores below 0" if end == "softmax" and RANGES[word][0] == 0 else effect
    return Finding(
        "wrong-output-activation",
        "hint" if is_pooled else "warning",
        f"output {output!r} goes through {word} of {before.name!r} and then {end}, which so "
        f"{effect}.",
        f"scores of any sign and size before {end}.",
        f"make {before.name!r} linear: leave its {word} out.",
        {"cut": before.name, "activation": word},
        "build",
    )


def exponentials(subject: Subject) -> Iterator[Finding]:
    """Exponentials of exponentials, which run over after a few layers."""
    calls = [call for call in subject.structure.calls if call.activation == "exponential"]
    ends = set(subject.structure.outputs)
    hidden = [call for call in calls if not ends & set(call.outputs)]
    if len(hidden) < 2:
        return
    runs_over = _runs_over(subject)
    yield Finding(
        "exploding-gradient",
        "error" if runs_over else "warning",
        f"{counted(len(hidden), 'hidden layer')} in a row have exponential activations, from "
        f"{hidden[0].name!r} on"
        + (": the outputs are not finite before the first step." if runs_over else "."),
        "activations that grow no faster than their input.",
        'use activation="relu" in hidden layers.',
        {"layers": [call.name for call in hidden]},
        "build",
    )


def _runs_over(subject: Subject) -> bool:
    """Whether the outputs of a few rows are not finite."""
    training, network = subject.training, subject.network
    if training is None or network is None:
        return False
    few = [spread_rows(tensor, _FEW_ROWS) for tensor in training.inputs]
    with torch.no_grad():
        values = values_at(network, list(network.output_symbols), few)
    return not all(bool(value.isfinite().all()) for value in values)


CHECKS = {
    "hidden-no-activation": hidden_no_activation,
    "softmax-one-unit": softmax_one_unit,
    "softmax-hidden": softmax_hidden,
    "batch-leakage": softmax_over_other_axis,
    "double-softmax": repeated_softmax,
    "wrong-output-activation": cut_scores,
    "exploding-gradient": exponentials,
}

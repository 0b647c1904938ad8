"""Remedies that are safe and mechanical, one for each code that has one."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.losses.names import PAIRS
from lamina.preflight import kinds
from lamina.preflight.edits import Edits, with_activation
from lamina.preflight.finding import Finding
from lamina.preflight.label_remedies import REMEDIES as LABEL_REMEDIES
from lamina.preflight.label_remedies import suit_labels
from lamina.preflight.pace import kind_of, plain
from lamina.preflight.structure import Call
from lamina.preflight.subject import Head, Subject
from lamina.preflight.wording import number

Make = Callable[[Finding, Subject], Edits | None]
"""Makes the edits for a finding; `None` where nothing can be changed mechanically."""

_WANTED = {
    "probabilities": "sigmoid",
    "distribution": "softmax",
    "logits": "linear",
    "positive": "softplus",
    "hinge": "tanh",
}


def edits_for(finding: Finding, subject: Subject) -> Edits | None:
    """What to change so that a finding goes away; `None` where a person has to decide."""
    make = _REMEDIES.get(finding.code)
    return None if make is None else make(finding, subject)


def call_named(subject: Subject, name: str) -> Call | None:
    """The call of a layer by its name."""
    return next((c for c in subject.structure.calls if c.name == name and c.module), None)


def head_named(finding: Finding, subject: Subject) -> tuple[int, Head] | None:
    """The output that a finding is about."""
    heads = list(enumerate(subject.heads))
    if len(heads) == 1:
        return heads[0]
    for place, head in heads:
        if repr(head.end.layer_name) in finding.problem or head.y_name in finding.problem:
            return place, head
    return None


# -- layers ----------------------------------------------------------------------------------


def _with_relu(finding: Finding, subject: Subject) -> Edits | None:
    edits = Edits("relu between layers that were one linear map.")
    for pair in finding.evidence["pairs"]:
        call = call_named(subject, pair.split(" → ")[0])
        if call is None or not hasattr(call.module, "activation"):
            return None
        edits.arguments[id(call.module)] = {"activation": "relu"}
    return edits


def _hidden_relu(finding: Finding, subject: Subject) -> Edits | None:
    call = call_named(subject, finding.evidence["layer"])
    if call is None:
        return None
    says = f"relu in place of softmax in {call.name!r}."
    if call.kind == "activation":
        return Edits(says, replaced={id(call.module): ("Activation", {"activation": "relu"})})
    return Edits(says, arguments={id(call.module): {"activation": "relu"}})


def _argument(word: str, value: Any) -> Make:
    def make(finding: Finding, subject: Subject) -> Edits | None:
        names = finding.evidence.get("layers") or [
            name for name, rate in finding.evidence.get("rates", {}).items() if rate > 0.5
        ]
        calls = [call_named(subject, name) for name in names]
        if not calls or any(c is None or not hasattr(c.module, "get_config") for c in calls):
            return None
        shown = repr(value) if isinstance(value, str) else value
        edits = Edits(f"{word}={shown} in {', '.join(map(repr, names))}.")
        for call in calls:
            edits.arguments[id(call.module)] = {word: value}  # type: ignore[union-attr]  # looked at above
        return edits

    return make


def _dropout_before(finding: Finding, subject: Subject) -> Edits | None:
    call = call_named(subject, finding.evidence["layer"])
    found = (
        next(
            (h for h in subject.heads if any(c.module is call.module for c in h.end.dropouts)), None
        )
        if call is not None
        else None
    )
    if call is None or found is None or found.end.weight is None:
        return None
    weight = found.end.weight
    return Edits(
        f"{call.name!r} moved before {weight.name!r}.",
        dropped={id(call.module)},
        before={id(weight.module): ("Dropout", {"rate": finding.evidence["rate"]})},
    )


def _flatten(finding: Finding, subject: Subject) -> Edits | None:
    """Flatten before the first Dense layer that runs on positions."""
    dense = [c for c in subject.structure.weight_calls if kinds.is_a(c.module, "Dense")]
    first = next((call for call in dense if len(call.in_shape) > 2), None)
    if first is None or None in first.in_shape[1:]:
        return None
    return Edits(
        f"a Flatten layer before {first.name!r}.", before={id(first.module): ("Flatten", {})}
    )


def _scaling(finding: Finding, subject: Subject) -> Edits | None:
    place = _input_place(finding, subject)
    if place is None:
        return None
    low, high = finding.evidence["low"], finding.evidence["high"]
    part: tuple[str, dict[str, Any]] = ("Normalization", {})
    says = "a Normalization layer after the Input, which fit() adapts to the training rows."
    if low >= 0 and 200 < high <= 255:
        part, says = ("Rescaling", {"scale": 1 / 255}), "Rescaling(1 / 255) after the Input."
    return Edits(says, after_input={place: part})


def _scaled_twice(finding: Finding, subject: Subject) -> Edits | None:
    again = [c for c in subject.structure.calls if kinds.is_a(c.module, "Rescaling")]
    if again:
        return Edits(f"without {again[0].name!r}.", dropped={id(again[0].module)})
    return _scaling(finding, subject)


def _input_place(finding: Finding, subject: Subject) -> int | None:
    names = subject.input_names()
    if len(names) == 1:
        return 0
    return next((i for i, name in enumerate(names) if name in finding.problem), None)


def _channels(finding: Finding, subject: Subject) -> Edits | None:
    if "wanted" in finding.evidence:
        return _argument("axis", finding.evidence["wanted"])(finding, subject)
    call = call_named(subject, finding.evidence["layer"])
    if call is None or len(subject.structure.inputs) != 1:
        return None
    is_last = kinds.unwrapped(call.module).data_format != "channels_first"
    order = (2, 3, 1) if is_last else (3, 1, 2)
    return Edits(
        f"Permute({order}) after the Input.", after_input={0: ("Permute", {"dims": order})}
    )


def _wider(finding: Finding, subject: Subject) -> Edits | None:
    found = head_named(finding, subject)
    last = None if found is None else found[1].end.weight
    before = None if last is None else _weight_before(subject, last)
    if before is None or not hasattr(before.module, "units"):
        return None
    units = max(32, finding.evidence["classes"])
    return Edits(
        f"{units} units in {before.name!r}.", arguments={id(before.module): {"units": units}}
    )


def _weight_before(subject: Subject, call: Call) -> Call | None:
    structure, before = subject.structure, subject.structure.maker(call)
    while before is not None and before.kind != "weight":
        before = structure.maker(before)
    return before


# -- plan ------------------------------------------------------------------------------------


def _with_logits(finding: Finding, subject: Subject) -> Edits | None:
    found = head_named(finding, subject)
    by_name = {function.__name__: kind.__name__ for function, kind in PAIRS.items()}
    word = by_name.get(finding.evidence["loss"])
    if found is None or word is None:
        return None
    loss = {"class_name": word, "config": {"from_logits": True}}
    return Edits(f"compile(loss={word}(from_logits=True)).", losses={found[0]: loss})


def _without_logits(finding: Finding, subject: Subject) -> Edits | None:
    found = head_named(finding, subject)
    if "activations" in finding.evidence:  # two layers in a row
        bends = found[1].end.bends if found is not None else []
        module = bends[0].module if bends else None
        if module is None:
            return None
        return Edits(f"without {bends[0].name!r}.", dropped={id(module)})
    if found is None:
        return None
    loss = finding.evidence["loss"]
    return Edits(f"compile(loss={loss!r}).", losses={found[0]: loss})


def _other_end(finding: Finding, subject: Subject) -> Edits | None:
    """An end that suits the labels, or scores that are not cut off before their softmax."""
    if "cut" not in finding.evidence:
        return LABEL_REMEDIES["wrong-output-activation"](finding, subject)
    call = call_named(subject, finding.evidence["cut"])
    if call is None:
        return None
    edits = Edits(f"no {call.activation} in {call.name!r}.")
    if call.kind == "activation":
        edits.dropped.add(id(call.module))
    else:
        edits.arguments[id(call.module)] = {"activation": "linear"}
    return edits


def _matching_end(finding: Finding, subject: Subject) -> Edits | None:
    found = head_named(finding, subject)
    if found is None:
        return None
    place, head = found
    if head.expects == "probabilities" and head.end.activation == "softmax":
        return suit_labels(place, head)
    if head.expects in ("distribution", "logits") and head.end.units == 1 and _is_shared(head):
        return suit_labels(place, head)
    word = _WANTED.get(head.expects or "")
    if word is None:
        return None
    return with_activation(Edits(f"{word} in {head.end.layer_name!r}."), head, word)


def _is_shared(head: Head) -> bool:
    return head.facts is not None and head.facts.labels in ("classes", "one_hot")


def _rate(finding: Finding, subject: Subject) -> Edits | None:
    kind = kind_of(subject.optimizer)
    if subject.optimizer is not plain(subject.optimizer):
        return None
    rate = 0.01 if kind.lower() == "sgd" else 0.001
    return Edits(f"{kind}(learning_rate={rate}).", optimizer={"learning_rate": rate})


def _metric(finding: Finding, subject: Subject) -> Edits | None:
    name, found = finding.evidence["metric"], head_named(finding, subject)
    labels = None if found is None else found[1].labels
    if labels is None:
        return None
    word = "mae" if labels.is_continuous else "accuracy"
    if labels.is_one_hot:
        word = "categorical_accuracy"
    return Edits(f"metric {word!r} in place of {name!r}.", metrics={name: word})


# -- arguments of fit ------------------------------------------------------------------------


def _fit(**arguments: Any) -> Make:
    def make(finding: Finding, subject: Subject) -> Edits:
        shown = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        return Edits(f"fit({shown}).", fit=arguments)

    return make


def _whole_batches(finding: Finding, subject: Subject) -> Edits:
    size = finding.evidence["batch_size"]
    better = 32 if size == 1 else size + 1
    return Edits(f"fit(batch_size={better}).", fit={"batch_size": better})


def _class_weight(finding: Finding, subject: Subject) -> Edits | None:
    found = head_named(finding, subject)
    counts = None if found is None or found[1].labels is None else found[1].labels.class_counts
    if counts is None or len(subject.heads) != 1:
        return None
    total, kinds_seen = sum(counts), sum(count > 0 for count in counts)
    weights = {i: round(total / kinds_seen / n, 2) for i, n in enumerate(counts) if n}
    return Edits(
        "fit(class_weight=...), which makes up for rare classes.", fit={"class_weight": weights}
    )


def _split_anew(finding: Finding, subject: Subject) -> Edits | None:
    if subject.options.get("validation_mode") != "last":
        return None
    changed = {"validation_mode": "stratified"}
    return Edits('fit(validation_mode="stratified").', fit=changed)


def _unscaled_target(finding: Finding, subject: Subject) -> Edits | None:
    mean, std = finding.evidence["mean"], finding.evidence["std"]
    if len(subject.heads) != 1 or std == 0:
        return None
    turned = f"turn predictions back with * {number(std)} + {number(mean)}."
    return Edits(
        f"y = (y - {number(mean)}) / {number(std)}; {turned}",
        y=lambda y: ((np.asarray(y) - mean) / std).astype("float32"),
    )


_REMEDIES: dict[str, Make] = {
    **LABEL_REMEDIES,
    "wrong-output-activation": _other_end,
    "hidden-no-activation": _with_relu,
    "softmax-hidden": _hidden_relu,
    "constant-init": _argument("kernel_initializer", "glorot_uniform"),
    "init-too-large": _argument("kernel_initializer", "he_normal"),
    "high-dropout": _argument("rate", 0.3),
    "dropout-before-output": _dropout_before,
    "missing-flatten": _flatten,
    "unscaled-input": _scaling,
    "input-scale-too-small": _scaled_twice,
    "channels-order": _channels,
    "bottleneck": _wider,
    "missing-output-activation": _with_logits,
    "double-softmax": _without_logits,
    "loss-activation-mismatch": _matching_end,
    "lr-invalid": _rate,
    "lr-too-high": _rate,
    "lr-too-low": _rate,
    "metric-mismatch": _metric,
    "sorted-no-shuffle": _fit(shuffle=True),
    "tiny-batch": _fit(batch_size=32),
    "too-large-batch": _fit(batch_size=32),
    "batchnorm-tiny-batch": _whole_batches,
    "class-imbalance": _class_weight,
    "val-overlaps-train": _fit(validation_data=None, validation_split=0.2),
    "val-split-unrepresentative": _split_anew,
    "unscaled-target": _unscaled_target,
}
HAVE_REMEDIES = frozenset(_REMEDIES)

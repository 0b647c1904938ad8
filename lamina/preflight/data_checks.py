"""Checks of the inputs: NaN, infinity, scale, columns that say nothing."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.data import finite
from lamina.layers.imputation import places_with_gaps
from lamina.preflight.finding import Finding, Severity
from lamina.preflight.pace import is_steady
from lamina.preflight.statistics import Statistics, describe, spread_rows
from lamina.preflight.structure import Call, values_at
from lamina.preflight.subject import Subject
from lamina.preflight.wording import counted, listed, number

_LARGE = 10.0
_LARGE_FOR_ONE_MAP = 100.0
_NOTABLE = 4.0
_SMALL = 0.02
_APART = 100.0
_PROBED_ROWS = 64
_MOST_COLUMNS = 300  # in wider tables, such as flattened pictures, constant columns are usual
_TINY_DATA = 30
_ID_COLUMNS, _MANY_IDS = 5, 256


def non_finite(subject: Subject) -> Iterator[Finding]:
    """NaN or infinity among inputs or labels."""
    training, validation = subject.training, subject.validation
    allowed = subject.options.get("nan") == "allow"
    if training is None or training.is_excerpt:
        return
    y_names = [head.y_name for head in subject.heads] if subject.structure.calls else []
    if len(y_names) != len(training.targets):
        y_names = ["y"] * len(training.targets)
    columns = training.column_names or ()
    gaps = places_with_gaps(subject.model)
    inputs = zip(subject.input_names(), training.inputs, strict=True)
    named: list[tuple[str, Tensor, tuple, bool]] = []
    if not subject.is_finite:
        named += [(n, t, columns, i in gaps) for i, (n, t) in enumerate(inputs)]
        named += [(n, t, (), False) for n, t in zip(y_names, training.targets, strict=True)]
    is_known = subject.is_finite and bool(subject.options.get("validation_split"))
    if validation is not None and not validation.is_excerpt and not is_known:
        held_out = enumerate(validation.inputs)
        named += [("validation_data[0]", t, columns, i in gaps) for i, t in held_out]
        named += [("validation_data[1]", t, (), False) for t in validation.targets]
    for name, tensor, columns_of, has_gaps in named:
        if tensor.is_floating_point():
            yield from _broken(name, tensor, columns_of, allowed, has_gaps)


def _broken(
    name: str, tensor: Tensor, columns: tuple, allowed: bool, has_gaps: bool
) -> Iterator[Finding]:
    try:
        finite.check_finite(name, tensor, columns=columns, has_gaps=has_gaps)
    except DataError as error:
        parts = [part for _, part in finite.row_chunks(tensor)]
        counts: dict[str, Any] = {
            "nan": 0 if has_gaps else sum(int(part.isnan().sum()) for part in parts),
            "infinite": sum(int(part.isinf().sum()) for part in parts),
        }
        code = "nan-input" if counts["nan"] else "inf-input"
        severity: Severity = "hint" if allowed else "error"
        counts |= getattr(error, "evidence", {})
        yield Finding(code, severity, error.problem, error.expected, error.fix, counts)


def input_scale(subject: Subject) -> Iterator[Finding]:
    """Inputs far from 1 where the first layer with weights takes them."""
    if subject.training is None:
        return
    names = subject.input_names()
    structure = subject.structure
    for place, value in enumerate(structure.inputs[: len(names)]):
        arrivals = list(_arrivals(subject, value))
        raw = [call for call, is_raw in arrivals if is_raw]
        if raw:
            call = raw[0]
            numbers = subject.training.statistics(place)
        else:
            found = _changed(subject, [call for call, is_raw in arrivals if not is_raw])
            if found is None:
                continue
            call, numbers = found
        yield from _judged(subject, names[place], call, numbers, is_raw=bool(raw))


def _arrivals(subject: Subject, value: int) -> Iterator[tuple[Call, bool]]:
    """The first layers with weights that an input reaches, and whether nothing changed it."""
    structure = subject.structure
    waiting = [(value, True)]
    seen: set[int] = set()
    while waiting:
        place, is_raw = waiting.pop()
        for call in structure.consumers.get(place, []):
            if id(call) in seen or call.kind in ("ids", "scale"):
                continue
            seen.add(id(call))
            if call.kind == "weight" or (call.kind == "opaque" and _has_weights(call)):
                yield call, is_raw
            else:
                keeps = call.kind in ("shape", "dropout", "augment", "pool")
                waiting.extend((out, is_raw and keeps) for out in call.outputs)


def _has_weights(call: Call) -> bool:
    return call.module is not None and any(True for _ in call.module.parameters())


def _changed(subject: Subject, calls: list[Call]) -> tuple[Call, Statistics] | None:
    """Statistics of what arrives at a layer after functions or scaling, from a few rows."""
    calls = [call for call in calls if call.source is not None]
    if not calls or subject.network is None:
        return None
    few = [spread_rows(tensor, _PROBED_ROWS) for tensor in subject.training.inputs]
    source: Any = calls[0].source  # one that has none was left out
    value = values_at(subject.network, [source], few)[0]
    return (calls[0], describe(value)) if value.is_floating_point() else None


def _judged(
    subject: Subject, name: str, call: Call, numbers: Statistics, *, is_raw: bool
) -> Iterator[Finding]:
    evidence = {
        "low": numbers.low,
        "high": numbers.high,
        "mean": numbers.mean,
        "std": numbers.std,
        "rows_looked_at": numbers.looked_at,
        "layer": call.name,
    }
    if len(numbers.means) > 1 and is_raw:
        reaches = torch.maximum(numbers.lows.abs(), numbers.highs.abs())
        known = subject.training.column_names  # type: ignore[union-attr]  # there are inputs
        place = int(reaches.argmax())
        evidence["largest_column"] = known[place] if known else place
    size = numbers.rms
    is_table = len(call.in_shape) == 2 and len(numbers.means) > 1 and is_raw
    ranges = f"from {number(numbers.low)} to {number(numbers.high)}"
    where = "" if is_raw else f" where they reach {call.name!r}"
    varies = numbers.stds > 0
    largest = float(numbers.feature_rms[varies].max()) if is_table and varies.any() else size
    reach = torch.maximum(numbers.lows.abs(), numbers.highs.abs())[varies]
    ratio = float(reach.max() / reach.min()) if is_table and len(reach) > 1 else 1.0
    is_uneven = ratio > _APART and largest > _NOTABLE
    if size > _LARGE or largest > 2 * _LARGE or is_uneven:
        is_tamed = any(user.kind == "scale" for user in subject.structure.users(call))
        is_tamed = is_tamed or (not is_uneven and _is_one_map(subject, size))
        are_ids = is_table and _are_ids(subject, name, numbers)
        yield Finding(
            "unscaled-input",
            "hint" if is_tamed else "warning",
            f"values of {name} go {ranges}{where}{_spread_words(ratio)}.",
            "values near 1: mean about 0, deviation about 1, or 0 to 1.",
            _for_ids(numbers) if are_ids else _scaling(numbers),
            evidence,
        )
    elif max(size, largest) > _NOTABLE:
        yield Finding(
            "unscaled-input",
            "hint",
            f"values of {name} go {ranges}{where}; training is easier near 1.",
            "values near 1: mean about 0, deviation about 1, or 0 to 1.",
            _scaling(numbers),
            evidence,
        )
    elif 0 < max(abs(numbers.low), abs(numbers.high)) < _SMALL:
        yield Finding(
            "input-scale-too-small",
            "warning",
            f"values of {name} go {ranges}{where}; they may have been scaled twice.",
            "values near 1: mean about 0, deviation about 1, or 0 to 1.",
            "scale once: leave out one of the divisions, or the Rescaling layer.",
            evidence,
        )


def _is_one_map(subject: Subject, size: float) -> bool:
    """Whether a model is one linear map with a steady rate: scale slows it and harms nothing."""
    heads = subject.heads
    is_line = all(head.expects == "values" and head.end.activation == "linear" for head in heads)
    is_single = len(subject.structure.weight_calls) == 1
    return is_line and is_single and is_steady(subject.optimizer) and size < _LARGE_FOR_ONE_MAP


def _spread_words(ratio: float) -> str:
    if ratio <= _APART:
        return ""
    return f", and its columns differ {number(round(ratio))} times in size"


def _scaling(numbers: Statistics) -> str:
    is_pixels = numbers.low >= 0 and 200 < numbers.high <= 255
    if is_pixels:
        return "put keras.layers.Rescaling(1 / 255) after the Input."
    return "put keras.layers.Normalization() after the Input; fit() teaches it the scale."


def _are_ids(subject: Subject, name: str, numbers: Statistics) -> bool:
    """Whether many columns hold whole numbers of about the same large range, as word ids do."""
    names = subject.input_names()
    if len(numbers.highs) < _ID_COLUMNS or name not in names or numbers.low < 0:
        return False
    highest = float(numbers.highs.max())
    if highest < _MANY_IDS or float(numbers.highs.min()) < 0.3 * highest:
        return False
    few = spread_rows(subject.training.inputs[names.index(name)], _PROBED_ROWS)  # type: ignore[union-attr]  # there are inputs
    return not few.is_floating_point() or bool((few == few.round()).all())


def _for_ids(numbers: Statistics) -> str:
    return (
        f"ids of words or items go into keras.layers.Embedding({int(numbers.high) + 1}, 16) first; "
        "numbers that are measured into keras.layers.Normalization()."
    )


def constant_feature(subject: Subject) -> Iterator[Finding]:
    """Columns of a table that have one single value."""
    if subject.training is None:
        return
    named = zip(subject.input_names(), subject.training.inputs, strict=True)
    for place, (name, tensor) in enumerate(named):
        if tensor.shape[0] < 3 or not tensor.numel():
            continue
        is_table = tensor.ndim == 2 and tensor.shape[1] <= _MOST_COLUMNS
        numbers = subject.training.statistics(place)
        if not is_table:
            if numbers.low == numbers.high and bool((tensor == numbers.low).all()):
                yield _all_alike(name, numbers.low)
            continue
        places = (numbers.lows == numbers.highs).nonzero().squeeze(1).tolist()
        if not places:
            continue
        known = subject.training.column_names
        words = [known[i] if known else f"{name}[:, {i}]" for i in places]
        is_all = len(places) == tensor.shape[1]
        value = number(float(numbers.lows[places[0]]))
        yield Finding(
            "constant-feature",
            "warning" if is_all else "hint",
            f"{counted(len(places), 'column')} of {name} {'has' if len(places) == 1 else 'have'} "
            f"one single value: {listed(words)} (first: {value}).",
            "columns that differ from row to row.",
            f"leave them out: np.delete({name}, {places[:10]}, axis=1).",
            {"columns": places},
        )


def _all_alike(name: str, value: float) -> Finding:
    return Finding(
        "constant-feature",
        "warning",
        f"all values of {name} are {number(value)}.",
        "inputs that differ from row to row.",
        f"look at the step that makes {name}: a division of whole numbers, such as //, leaves 0.",
        {"value": value},
    )


def tiny_data(subject: Subject) -> Iterator[Finding]:
    """Too few rows to learn anything general from."""
    training = subject.training
    if training is None or training.is_excerpt or training.num_rows >= _TINY_DATA:
        return
    weights = sum(weight.numel() for weight in subject.model.parameters())
    if weights > 10 * training.num_rows:
        yield Finding(
            "tiny-data",
            "hint",
            f"x has {counted(training.num_rows, 'row')} for {weights:,} weights.",
            "many more rows than that for a model that is to be used.",
            "collect more rows, or take a smaller model.",
            {"rows": training.num_rows, "weights": weights},
        )


EARLY = {"nan-input": non_finite}
CHECKS = {
    "unscaled-input": input_scale,
    "constant-feature": constant_feature,
    "tiny-data": tiny_data,
}

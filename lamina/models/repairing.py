"""Makes the corrected copy of a model that a report's `fix()` returns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lamina import layers
from lamina.core import trees
from lamina.core.errors import LaminaError
from lamina.layers import Layer
from lamina.models import cloning, registry
from lamina.preflight import Report
from lamina.preflight.edits import Edits, Part
from lamina.preflight.finding import Finding
from lamina.preflight.remedies import edits_for
from lamina.preflight.remedy import Remedy

_ROUNDS = 4  # one change may bring a mistake to light that another one hid


@dataclass
class _Case:
    """A model with all that it is trained with, as corrected so far."""

    model: Any
    x: Any
    y: Any
    arguments: dict[str, Any]
    compile: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def check(self) -> Report:
        """The checks once more."""
        return self.model.check(self.x, self.y, **{**self.arguments, **self.fit})


def repaired(
    model: Any, x: Any, y: Any, arguments: dict[str, Any], report: Report, *, hints: bool
) -> Remedy:
    """Applies what is safe and mechanical, checks again, and goes on until nothing is left.

    Args:
        model: The model that was checked; it stays as it is.
        x: Inputs, as they were checked.
        y: Labels.
        arguments: What `fit` would have been called with.
        report: What the checks found.
        hints: Whether hints are acted on too.
    """
    case = _Case(model, x, y, arguments)
    done: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        chosen = _chosen(report, done, hints=hints)
        if not chosen:
            break
        changed = _with_all(case, chosen)
        if changed is None:
            break
        case = changed
        if isinstance(x, Iterator):  # which cannot be looked at a second time
            gone = {finding.code for finding, _ in chosen}
            report = Report([finding for finding in report if finding.code not in gone])
            break
        report = changed.check()
    left = [f.code for f in report if f.severity != "hint" or hints]
    return Remedy(
        compile=case.compile,
        changes=case.changes,
        model=None if case.model is model else case.model,
        fit={**arguments, **case.fit},
        x=case.x,
        y=case.y,
        left=list(dict.fromkeys(left)),
    )


def _chosen(report: Report, done: set, *, hints: bool) -> list[tuple[Finding, Edits]]:
    """Edits that do not get in each other's way, the gravest findings first."""
    found: list[tuple[Finding, Edits]] = []
    touched: set[Any] = set()
    subject = report.subject_checked
    if subject is None:  # a report of findings alone, which no model was looked at for
        return found
    for finding in report.findings:
        key = (finding.code, finding.problem)
        if key in done or (finding.severity == "hint" and not hints):
            continue
        edits = edits_for(finding, subject)
        places = set() if edits is None else _places(edits)
        if edits is None or places & touched:
            continue
        touched |= places
        done.add(key)
        found.append((finding, edits))
    return found


def _places(edits: Edits) -> set[Any]:
    """What an edit touches, so that a second one waits for the next round."""
    keyed = {
        "layer": [*edits.arguments, *edits.replaced, *edits.dropped, *edits.before],
        "input": edits.after_input,
        "loss": edits.losses,
        "optimizer": edits.optimizer,
        "metric": edits.metrics,
        "fit": edits.fit,
        "data": [word for word, change in (("x", edits.x), ("y", edits.y)) if change],
    }
    return {(kind, key) for kind, keys in keyed.items() for key in keys}


def _with_all(case: _Case, chosen: list[tuple[Finding, Edits]]) -> _Case | None:
    """The case with these changes; `None` where the model cannot be made again."""
    edits = [one for _, one in chosen]
    made: Any = None
    try:
        made = _Rebuilt(case.model, edits).model
    except LaminaError:
        return None
    compile_arguments = _compiled(case, made, edits)
    return _Case(
        model=made,
        x=_through(case.x, [one.x for one in edits]),
        y=_through(case.y, [one.y for one in edits]),
        arguments=case.arguments,
        compile=compile_arguments,
        fit={**case.fit, **{key: value for one in edits for key, value in one.fit.items()}},
        changes=[*case.changes, *(f"{f.code}: {one.says}" for f, one in chosen)],
    )


def _through(data: Any, changes: list[Callable[[Any], Any] | None]) -> Any:
    for change in changes:
        if change is not None:
            data = change(data.numpy() if isinstance(data, Tensor) else data)
    return data


# -- the plan --------------------------------------------------------------------------------


def _compiled(case: _Case, made: Any, edits: list[Edits]) -> dict[str, Any]:
    """Compiles the copy like the original, but for the changes; returns what was changed."""
    plan = case.model._plan
    if plan is None:
        return {}
    given = dict(plan.given or {})
    changed: dict[str, Any] = dict(case.compile)
    for one in edits:
        if one.losses:
            given["loss"] = changed["loss"] = _losses(case.model, given["loss"], one.losses)
        if one.optimizer:
            changed["optimizer"] = _optimizer(plan.optimizer, one.optimizer)
        if one.metrics:
            given["metrics"] = changed["metrics"] = _metrics(given["metrics"], one.metrics)
    given["optimizer"] = changed.get("optimizer") or _optimizer(plan.optimizer, {})
    made.compile(**given, jit={"eager": False, "compiled": "max"}.get(plan.tier, "auto"))
    return changed


def _losses(model: Any, given: Any, changes: dict[int, Any]) -> Any:
    if len(model.outputs) <= 1:
        return changes[0]
    names = model.output_names
    if isinstance(given, dict):
        return {**given, **{names[place]: loss for place, loss in changes.items()}}
    each = list(given) if isinstance(given, (list, tuple)) else [given] * len(names)
    return [changes.get(place, loss) for place, loss in enumerate(each)]


def _optimizer(optimizer: Any, changes: dict[str, Any]) -> Any:
    config = optimizer.get_config()
    if not changes and config.get("learning_rate") is None:
        return type(optimizer)()
    return type(optimizer).from_config({**config, **changes})


def _metrics(given: Any, changes: dict[str, Any]) -> Any:
    if isinstance(given, dict):
        return {name: _metrics(value, changes) for name, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [_metrics(value, changes) for value in given]
    name = given if isinstance(given, str) else getattr(given, "name", "")
    words = {name, {"acc": "accuracy"}.get(name, name)}
    hit = next((new for old, new in changes.items() if old in words or given == "accuracy"), None)
    return given if hit is None else hit


# -- the model -------------------------------------------------------------------------------


class _Rebuilt:
    """A copy of a model with the changes of some edits; weights that fit are taken over."""

    def __init__(self, model: Any, edits: list[Edits]) -> None:
        self._edits = edits
        self._made: dict[int, Any] = {}
        if "_stack" in model.__dict__:
            self.model = self._sequential(model)
        else:
            self.model = self._functional(model)
        self._take_weights()

    def _functional(self, model: Any) -> Any:
        if not any(one.changes_layers for one in self._edits) and model._network is None:
            return cloning.deep_copy(model, {})
        if not any(one.after_input for one in self._edits):
            return self._cloned(model, None)
        inputs = [cloning._like(symbol) for symbol in model.inputs]
        inner = list(inputs)
        for one in self._edits:
            for place, part in one.after_input.items():
                inner[place] = _layer(part)(inner[place])
        nested = iter(inner)
        given = trees.transform(lambda _: next(nested), model._network.inputs)
        outputs = self._cloned(model, given)._network.outputs
        outer = iter(inputs)
        kept = trees.transform(lambda _: next(outer), model._network.inputs)
        kind = registry.MODELS["Functional"]
        return kind(kept, outputs, name=model.name)

    def _cloned(self, model: Any, given: Any) -> Any:
        return cloning.clone_model(model, given, self._new, self._call, recursive=True)

    def _call(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls a cloned layer, behind those that come before it; passes over one left out."""
        original = next((old for old, new in self._originals() if new is layer), None)
        if original is not None and self._is_dropped(original):
            return args[0]
        for part in self._before(original):
            args = (_layer(part)(args[0]), *args[1:])
        return layer(*args, **kwargs)

    def _sequential(self, model: Any) -> Any:
        symbols = model.inputs
        stack: list[Any] = [cloning._like(symbols[0])] if symbols else []
        stack += [_layer(part) for one in self._edits for part in one.after_input.values()]
        for layer in model.layers:
            if not self._is_dropped(layer):
                stack += [_layer(part) for part in self._before(layer)]
                stack.append(self._new_or_nested(layer))
        kind: Any = registry.MODELS["Sequential"]
        return kind(stack, name=model.name)

    def _new_or_nested(self, layer: Any) -> Any:
        if isinstance(layer, registry.MODELS["Functional"]):
            return _Rebuilt(layer, self._edits).model
        return self._new(layer)

    def _new(self, layer: Any) -> Any:
        made = self._changed(layer)
        self._made[id(layer)] = (layer, made)
        return made

    def _changed(self, layer: Any) -> Any:
        for one in self._edits:
            if id(layer) in one.replaced:
                return _layer(one.replaced[id(layer)])
        changes = {k: v for one in self._edits for k, v in one.arguments.get(id(layer), {}).items()}
        if not changes or not isinstance(layer, Layer):
            return cloning.new_layer(layer)
        return type(layer).from_config({**layer.get_config(), **changes})

    def _originals(self) -> list[tuple[Any, Any]]:
        return list(self._made.values())

    def _is_dropped(self, layer: Any) -> bool:
        return any(id(layer) in one.dropped for one in self._edits)

    def _before(self, layer: Any) -> list[Part]:
        return [one.before[id(layer)] for one in self._edits if id(layer) in one.before]

    def _take_weights(self) -> None:
        """Copies the weights of layers that are as they were."""
        changed = {
            key
            for one in self._edits
            for key, new in one.arguments.items()
            if "kernel_initializer" in new
        }
        for old, new in self._originals():
            before, after = dict(old.state_dict()), dict(new.state_dict())
            fits = before.keys() == after.keys() and all(
                isinstance(v, Tensor) and v.shape == after[k].shape for k, v in before.items()
            )
            if fits and id(old) not in changed:
                with torch.no_grad():
                    for key, value in before.items():
                        after[key].copy_(value)


def _layer(part: Part) -> Any:
    name, arguments = part
    return getattr(layers, name)(**arguments)


def repairer(model: Any, x: Any, y: Any, arguments: dict[str, Any]) -> Callable[..., Remedy]:
    """What a report calls to make its remedy."""
    return partial(repaired, model, x, y, arguments)

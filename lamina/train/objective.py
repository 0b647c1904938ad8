"""Matches losses and metrics with the outputs of a module: forward pass, loss, tracking.

Everything here is decided once, before the first step; `Objective.loss` and `Objective.track`
then only compute.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lamina import losses, metrics
from lamina.core import trees
from lamina.core.errors import ArgumentError, DataError, StateError
from lamina.core.names import suggestion
from lamina.data import Batch
from lamina.layers.base import Layer
from lamina.layers.mixing import Mixing
from lamina.metrics import Metric
from lamina.train.plan import Plan
from lamina.train.views import averaged


class Running:
    """Sum of a loss over the examples of an epoch, kept on the device."""

    def __init__(self, name: str, device: torch.device) -> None:
        self.name = name
        self.total = torch.zeros((), device=device)
        self.count = torch.zeros((), device=device)

    def add(self, value: Tensor, count: int) -> None:
        """Adds the mean of `count` examples."""
        self.total.add_(value, alpha=count)
        self.count.add_(count)

    def result(self) -> Tensor:
        """Mean over all examples so far."""
        return self.total / self.count

    def reset(self) -> None:
        """Starts again."""
        self.total.zero_()
        self.count.zero_()


@dataclass
class Output:
    """One output of the module with what is computed on it."""

    name: str
    loss: Any
    weight: float
    metrics: list[Metric]
    weighted_metrics: list[Metric]


class Objective:
    """The loss and the metrics of a module, as functions of the tensors of a batch.

    Args:
        module: Any torch module.
        forward: Calls it on inputs that are nested as the user nested them.
        plan: What `compile` was told.
        example: A batch, whose nesting all others share.
        y_pred: What the module returned for it.
        output_names: Names of the outputs, in the order of `y_pred`'s leaves.
        device: Where totals are kept.

    Raises:
        ArgumentError: Losses or metrics do not match the outputs.
        DataError: Labels do not match the outputs.
    """

    def __init__(
        self,
        module: nn.Module,
        forward: Callable[[Any], Any],
        plan: Plan,
        example: Batch,
        y_pred: Any,
        output_names: Sequence[str] | None,
        device: torch.device,
    ) -> None:
        self.module = module
        self._forward = forward
        self.structure = example
        predictions = trees.leaves(y_pred)
        self.sample: list[Tensor] = predictions
        self.output_shapes = [tuple(prediction.shape) for prediction in predictions]
        self.is_rehearsed = False
        names = list(output_names or _default_names(y_pred))
        targets = per_output(example.y, len(predictions))
        self.outputs = _outputs(plan, names, predictions, targets)
        self._layers = [m for m in module.modules() if isinstance(m, Layer)]
        self._mixers = [layer for layer in self._layers if isinstance(layer, Mixing)]
        is_several = len([output for output in self.outputs if output.loss is not None]) > 1
        self.running = Running("loss", device)
        self.partial = [
            Running(f"{output.name}_loss", device)
            if is_several and output.loss is not None
            else None
            for output in self.outputs
        ]
        for output in self.outputs:
            for metric in (*output.metrics, *output.weighted_metrics):
                metric.to(device)

    # -- a batch -----------------------------------------------------------------------------

    def reading(self, example: Batch, augment: Any = None) -> "Objective":
        """The same objective, with the same totals, for batches nested like `example`.

        Where `augment` is given, outputs are averaged over views, see `views.averaged`.
        """
        other = copy.copy(self)
        other.structure = example
        if augment is not None:
            other._forward = averaged(self._forward, augment)
        return other

    def batch(self, leaves: Sequence[Tensor]) -> Batch:
        """Tensors of a batch, given as a flat list, in the nesting of the user's data."""
        remaining = iter(leaves)
        return trees.transform(
            lambda leaf: None if leaf is None else next(remaining), self.structure
        )

    def loss(self, leaves: list[Tensor]) -> tuple[Tensor, Any]:
        """Forward pass and total loss; also the predictions and the loss of each output."""
        x, y, sample_weight = self.batch(leaves)
        for layer in self._layers:
            layer._added_losses.clear()
        drawn: list[tuple[Mixing, tuple]] = []
        for mixer in self._mixers:
            mixer.labels_follow(drawn)
        try:
            y_pred = self._forward(x)
        finally:
            for mixer in self._mixers:
                mixer.labels_follow(None)
        for mixer, numbers in drawn:
            y = trees.transform(partial(mixer.mixed_labels, drawn=numbers), y)
        return self.total(y, y_pred, sample_weight)

    def total(self, y: Any, y_pred: Any, sample_weight: Any) -> tuple[Tensor, Any]:
        """The total loss of predictions; also the predictions and the loss of each output."""
        predictions = trees.leaves(y_pred)
        terms = self._terms(y, predictions, sample_weight)
        added = [loss for loss in self._penalties() if loss is not None]
        parts = [
            term if output.weight == 1 else term * output.weight
            for output, term in zip(self.outputs, terms, strict=True)
            if term is not None
        ] + added
        if not parts:
            raise StateError(
                f"{getattr(self.module, 'name', 'the model')} has no loss to train with.",
                expected="a loss in compile(), or add_loss() in a layer.",
                fix='compile(loss="mse", ...), or another loss that fits your labels.',
            )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        for layer in self._layers:
            layer._added_losses.clear()
        return total, (predictions, terms)

    def _terms(self, y: Any, predictions: list[Tensor], weight: Any) -> list[Tensor | None]:
        targets = per_output(y, len(predictions))
        weights = per_output(weight, len(predictions), spread=True)
        return [
            None if output.loss is None else output.loss(target, prediction, one_weight)
            for output, target, prediction, one_weight in zip(
                self.outputs, targets, predictions, weights, strict=True
            )
        ]

    def _penalties(self) -> list[Tensor]:
        found: list[Tensor] = []
        for layer in self._layers:
            found.extend(layer._added_losses)
            found.extend(rule(getattr(layer, key)) for key, rule in layer._regularizers.items())
        return found

    def constrain(self) -> None:
        """Projects weights that have a constraint."""
        for layer in self._layers:
            for key, rule in layer._constraints.items():
                weight = getattr(layer, key)
                weight.copy_(rule(weight.detach()))

    # -- metrics -----------------------------------------------------------------------------

    def track(self, leaves: list[Tensor], seen: Any, loss: Tensor) -> None:
        """Adds a batch to all totals."""
        predictions, terms = seen
        _, y, sample_weight = self.batch(leaves)
        count = leaves[0].shape[0]
        self.running.add(loss, count)
        for running, term in zip(self.partial, terms, strict=True):
            if running is not None and term is not None:
                running.add(term.detach(), count)
        self._update_metrics(y, predictions, sample_weight)

    def add_to_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> dict[str, float]:
        """Adds predictions to the metrics and returns them by name, the loss left out."""
        self._update_metrics(y, trees.leaves(y_pred), sample_weight)
        return {name: plain(metric.result()) for name, metric in self._named_metrics()}

    def _update_metrics(self, y: Any, predictions: list[Tensor], sample_weight: Any) -> None:
        targets = per_output(y, len(predictions))
        weights = per_output(sample_weight, len(predictions), spread=True)
        for output, target, prediction, weight in zip(
            self.outputs, targets, predictions, weights, strict=True
        ):
            for metric in output.metrics:
                metric.update_state(target, prediction.detach())
            for metric in output.weighted_metrics:
                metric.update_state(target, prediction.detach(), sample_weight=weight)

    def results(self) -> dict[str, float]:
        """All numbers of the epoch so far; the only place that waits for the device."""
        named: dict[str, Any] = {"loss": self.running.result()}
        for running in self.partial:
            if running is not None:
                named[running.name] = running.result()
        for name, metric in self._named_metrics():
            value = metric.result()
            named.update(value if isinstance(value, dict) else {name: value})
        return {key: plain(value) for key, value in named.items()}

    def _named_metrics(self) -> list[tuple[str, Metric]]:
        """Metrics under the names they report with; one that is taken gets another, as in Keras."""
        found: dict[str, Metric] = {}
        for kind in ("metrics", "weighted_metrics"):
            for output in self.outputs:
                prefix = f"{output.name}_" if len(self.outputs) > 1 else ""
                for metric in getattr(output, kind):
                    name = prefix + metric.name
                    if name in found and kind == "weighted_metrics":
                        name = f"{prefix}weighted_{metric.name}"
                    found[_free(name, found)] = metric
        return list(found.items())

    def metric_names(self) -> list[str]:
        """Names under which `results` reports, without computing anything."""
        partial = [running.name for running in self.partial if running is not None]
        return ["loss", *partial, *(name for name, _ in self._named_metrics())]

    def all_metrics(self) -> list[Metric]:
        """Metrics of all outputs, in the order of `results`."""
        return [metric for _, metric in self._named_metrics()]

    def reset(self) -> None:
        """Starts all totals again."""
        for running in (self.running, *self.partial):
            if running is not None:
                running.reset()
        for metric in self.all_metrics():
            metric.reset_state()


def _free(key: str, taken: dict[str, Any]) -> str:
    number = 1
    name = key
    while name in taken:
        name, number = f"{key}_{number}", number + 1
    return name


def plain(value: Any) -> Any:
    """A number as Python knows it, or an array where it has axes."""
    value = value.detach() if isinstance(value, Tensor) else value
    return value.cpu().numpy() if isinstance(value, Tensor) and value.ndim else float(value)


def _default_names(y_pred: Any) -> list[str]:
    if isinstance(y_pred, dict):
        return list(y_pred)
    count = len(trees.leaves(y_pred))
    return ["output"] if count == 1 else [f"output_{number}" for number in range(1, count + 1)]


def per_output(tree: Any, count: int, *, spread: bool = False) -> list[Any]:
    """One entry an output; a single sample weight serves all outputs."""
    if tree is None:
        return [None] * count
    found = trees.leaves(tree)
    if spread and len(found) == 1:
        return found * count
    if len(found) != count:
        raise DataError(
            f"y has {len(found)} arrays, the model has {count} outputs.",
            expected="one array of labels an output.",
            fix="pass y as a list or dict with one entry an output.",
        )
    return found


def _outputs(
    plan: Plan, names: list[str], predictions: list[Tensor], targets: list[Any]
) -> list[Output]:
    given = _matched("loss", plan.loss, names, repeat=True)
    loss_weights = _matched("loss_weights", plan.loss_weights, names, repeat=True)
    found = []
    for index, name in enumerate(names):
        prediction, target = predictions[index], targets[index]
        loss = _loss(given[index], prediction, target)
        weight = 1.0 if loss_weights[index] is None else float(loss_weights[index])
        lists = [
            _metric_list(spec, names, index, loss, prediction, target)
            for spec in (plan.metrics, plan.weighted_metrics)
        ]
        found.append(Output(name, loss, weight, *lists))
    _check_keys("metrics", plan.metrics, names)
    return found


def _loss(given: Any, prediction: Tensor, target: Any) -> Callable[..., Tensor] | None:
    if given is None:
        return None
    if target is None:
        raise DataError(
            f"y is missing: loss {_name_of(given)!r} compares predictions with it.",
            expected="labels for every output that has a loss.",
            fix="pass y, for example model.fit(x, y).",
        )
    return losses.as_loss(
        given, output_shape=tuple(prediction.shape), target_shape=tuple(target.shape)
    )


def _name_of(loss: Any) -> str:
    return loss if isinstance(loss, str) else getattr(loss, "__name__", None) or loss.name


def _metric_list(
    spec: Any, names: list[str], index: int, loss: Any, prediction: Tensor, target: Any
) -> list[Metric]:
    if spec is None:
        return []
    if isinstance(spec, dict):
        chosen = spec.get(names[index])
    elif len(names) == 1:
        chosen = spec[0] if len(spec) == 1 and isinstance(spec[0], (list, tuple)) else spec
    else:
        chosen = spec[index] if len(spec) == len(names) else _no_match("metrics", spec, names)
    chosen = chosen if isinstance(chosen, (list, tuple)) else [chosen]
    shape = None if target is None else tuple(target.shape)
    return [
        _metric(word, loss, tuple(prediction.shape), shape) for word in chosen if word is not None
    ]


def _metric(word: Any, loss: Any, output_shape: tuple, target_shape: Any) -> Metric:
    made = metrics.as_metric(word, loss=loss, output_shape=output_shape, target_shape=target_shape)
    made.build(target_shape, output_shape)
    return made


def _matched(argument: str, given: Any, names: list[str], *, repeat: bool) -> list[Any]:
    """One entry an output, from a single value, a list or a dict."""
    if isinstance(given, dict):
        _check_keys(argument, given, names)
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        return list(given) if len(given) == len(names) else _no_match(argument, given, names)
    return [given] * len(names) if repeat else [given]


def _check_keys(argument: str, given: Any, names: list[str]) -> None:
    if not isinstance(given, dict):
        return
    unknown = [key for key in given if key not in names]
    if unknown:
        raise ArgumentError(
            f"compile({argument}=...) names output {unknown[0]!r}, which the model does not have.",
            expected=f"names among {', '.join(map(repr, names))}.",
            fix=suggestion(str(unknown[0]), names),
        )


def _no_match(argument: str, given: Any, names: list[str]) -> Any:
    raise ArgumentError(
        f"compile({argument}=...) has {len(given)} entries, the model has {len(names)} outputs.",
        expected=f"one entry an output, in the order {', '.join(map(repr, names))}.",
        fix=f"pass a list of {len(names)}, or a dict keyed by output name.",
    )

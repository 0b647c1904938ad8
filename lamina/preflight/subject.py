"""Subject: all that the checks look at, gathered once.

A model is anything with layers; what it needs not have (a graph, a plan, labels) is `None`.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina import losses, metrics
from lamina.core import trees
from lamina.core.errors import LaminaError
from lamina.losses.base import Loss
from lamina.losses.facts import LossFacts, facts_of
from lamina.preflight import outputs, rows, structure
from lamina.preflight.labels import Labels, describe_labels
from lamina.preflight.outputs import OutputEnd
from lamina.preflight.statistics import Statistics, describe
from lamina.preflight.structure import Structure

_BY_UNIT = (
    metrics.AUC,
    metrics.Precision,
    metrics.Recall,
    metrics.TruePositives,
    metrics.TrueNegatives,
    metrics.FalsePositives,
    metrics.FalseNegatives,
)


@dataclass
class Part:
    """One part of the data, training or validation, as tensors."""

    x: Any
    y: Any = None
    sample_weight: Any = None
    column_names: tuple[str, ...] | None = None
    is_excerpt: bool = False  # the first batches of a stream
    num_batches: int = 0  # of a stream that were looked at
    places: Any = None  # of these rows in the user's arrays, where some were held back
    described: dict[int, Statistics] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> list[Tensor]:
        """The inputs in the order of the model's."""
        return [leaf for leaf in trees.leaves(self.x) if isinstance(leaf, Tensor)]

    @cached_property
    def targets(self) -> list[Tensor]:
        """The labels in the order of the model's outputs."""
        return [leaf for leaf in trees.leaves(self.y) if isinstance(leaf, Tensor)]

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.inputs[0].shape[0]

    def row(self, place: int) -> int:
        """The number that a row has in the user's arrays."""
        return place if self.places is None else int(self.places[place])

    def statistics(self, place: int) -> Statistics:
        """Statistics of an input, computed when they are first asked for."""
        if place not in self.described:
            self.described[place] = describe(self.inputs[place])
        return self.described[place]

    def fingerprints(self, *, whole: bool) -> np.ndarray:
        """A number for each row of the inputs, from all of it or from its middle alone."""
        return rows.fingerprints_of(self.inputs, whole=whole)


@dataclass
class Head:
    """One output with its end, loss, metrics and labels."""

    end: OutputEnd
    loss: Any
    facts: LossFacts | None
    from_logits: bool
    metrics: list[Any]
    labels: Labels | None
    target: Tensor | None
    y_name: str

    @property
    def expects(self) -> str | None:
        """What the loss wants of the output: "logits", "distribution", "values" ..."""
        if self.facts is None:
            return None
        return "logits" if self.from_logits else self.facts.output

    @property
    def wants_rows(self) -> bool:
        """Whether a metric takes one value for each unit, so that class numbers do not do."""
        return any(isinstance(m, _BY_UNIT) for m in self.metrics)

    @property
    def loss_name(self) -> str:
        """What the user calls the loss."""
        return getattr(self.loss, "name", None) or "loss"

    @property
    def loss_word(self) -> str:
        """The name of the loss's formula."""
        return getattr(getattr(self.loss, "fn", None), "__name__", self.loss_name)


@dataclass
class Subject:
    """A model, its plan and its data, as the checks see them.

    Args:
        model: The model.
        training: Data to train on; `None` where only the model is checked.
        validation: Data to validate on.
        optimizer: What `compile` was told.
        loss: What `compile` was told.
        metrics: Metrics as `compile` was told, those weighted included.
        options: Arguments of `fit`.
        forward: Calls the model on nested inputs.
        example: A few rows of the inputs, nested, for models without a recorded graph.
        is_finite: Whether NaN and infinity were looked for before in the arrays of the user.
    """

    model: nn.Module
    training: Part | None = None
    validation: Part | None = None
    optimizer: Any = None
    loss: Any = None
    metrics: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    forward: Callable[[Any], Any] | None = None
    example: Any = None
    is_finite: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def network(self) -> Any:
        """The recorded graph, if there is one."""
        return getattr(self.model, "_network", None)

    @cached_property
    def structure(self) -> Structure:
        """The calls of the model."""
        if self.network is not None:
            return structure.from_network(self.network)
        forward = self.forward
        if forward is None or self.example is None:
            return Structure()
        was_training = self.model.training
        self.model.eval()
        with torch.no_grad():
            if not getattr(self.model, "built", True):
                forward(self.example)  # builds it, in calls that do not belong to its structure
            if self.network is not None:
                found = structure.from_network(self.network)
            else:
                found = structure.from_watching(self.model, lambda: forward(self.example))
        self.model.train(was_training)
        return found

    @cached_property
    def is_fresh(self) -> bool:
        """Whether the model has not been trained by its optimizer yet."""
        return self.optimizer is None or self.optimizer.iterations == 0

    @cached_property
    def batch_size(self) -> int:
        """Rows in a batch."""
        return self.options.get("batch_size") or 32

    @cached_property
    def heads(self) -> list[Head]:
        """The outputs with what belongs to each."""
        ends = outputs.ends_of(self.structure)
        names = [end.name for end in ends]
        given = _one_each(self.loss, names)
        lists = _metric_lists(self.metrics, names)
        targets: list[Tensor | None] = list(self.training.targets) if self.training else []
        if len(targets) != len(ends):
            targets = [None] * len(ends)
        several = len(ends) > 1
        return [
            _head(end, loss, chosen, target, f"y[{end.name!r}]" if several else "y")
            for end, loss, chosen, target in zip(ends, given, lists, targets, strict=True)
        ]

    def input_names(self) -> list[str]:
        """What messages call the inputs."""
        count = len(self.training.inputs) if self.training else 0
        if count == 1:
            return ["x"]
        known = list(getattr(self.model, "input_names", []))
        return [f"x[{(known[i] if len(known) == count else i)!r}]" for i in range(count)]

    def layers_of(self, *types: type) -> Iterator[nn.Module]:
        """All layers of these types, those inside others included."""
        for module in self.model.modules():
            if isinstance(module, types):
                yield module


def _head(end: OutputEnd, loss: Any, chosen: list[Any], target: Any, y_name: str) -> Head:
    labels = None if target is None else describe_labels(y_name, target)
    made = _made_loss(loss, end, target)
    facts = None if made is None else facts_of(made)
    from_logits = bool(getattr(made, "_arguments", {}).get("from_logits", False))
    return Head(
        end=end,
        loss=made,
        facts=facts,
        from_logits=from_logits,
        metrics=[_made_metric(word, made, end, target) for word in chosen],
        labels=labels,
        target=target,
        y_name=y_name,
    )


def _made_loss(given: Any, end: OutputEnd, target: Any) -> Loss | None:
    """The loss of one output; `None` where there is none, or it cannot be made."""
    if given is None:
        return None
    shape = None if target is None else tuple(target.shape)
    try:
        return losses.as_loss(given, output_shape=end.shape or None, target_shape=shape)
    except LaminaError:
        return None


def _made_metric(word: Any, loss: Any, end: OutputEnd, target: Any) -> Any:
    """The metric that a word stands for here, or what was given."""
    shape = None if target is None else tuple(target.shape)
    try:
        return metrics.get(word, loss=loss, output_shape=end.shape or None, target_shape=shape)
    except LaminaError:
        return None


def _one_each(given: Any, names: list[str]) -> list[Any]:
    if isinstance(given, dict):
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        return list(given) if len(given) == len(names) else [None] * len(names)
    return [given] * len(names)


def _metric_lists(given: Any, names: list[str]) -> list[list[Any]]:
    """The metrics of each output, flat."""
    found: list[list[Any]] = [[] for _ in names]
    for spec in given or []:
        if spec is None:
            continue
        if isinstance(spec, dict):
            chosen = [spec.get(name) for name in names]
        elif len(names) == 1:
            chosen = [spec]
        else:
            chosen = list(spec) if len(spec) == len(names) else [None] * len(names)
        for place, words in enumerate(chosen):
            leaves = words if isinstance(words, (list, tuple)) else [words]
            found[place] += [leaf for leaf in trees.leaves(list(leaves)) if leaf is not None]
    return found


def fan_in(weight: Tensor) -> int:
    """Number of values that each result of a kernel (last axis) is computed from."""
    return max(1, math.prod(weight.shape[:-1]))

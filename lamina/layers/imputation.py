"""Imputation: missing numbers filled in with what is usual, learned from the training part."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import DataError, ShapeError
from lamina.layers.adapted import AdaptedLayer, to_compute_dtype
from lamina.layers.base import Layer, Shape

_LARGEST_COUNT = 2**31 - 1


class Imputation(AdaptedLayer):
    """Fills in missing numbers (NaN) with the mean or median of their feature.

    Mean or median are learned by `adapt` (or by `fit`, from the training part); until then they
    are 0, as they are for a feature that was always missing. An input that goes straight into
    this layer may hold NaN in `fit`, `evaluate` and `predict`. Put it before `Normalization`. With
    `add_indicator` the model can see what was missing, which often says something by itself.

    Args:
        strategy: "mean", or "median" where a few values lie far out. The median needs the whole
            training part in memory while it is learned.
        add_indicator: Whether a 1 for each missing value and a 0 for each other one are put after
            the features.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, ..., features), any dtype
        output: the shape of the input, or twice the features with `add_indicator`; floating point
        fill: (features,), starts at 0
        count: (), int32, number of rows looked at

    Raises:
        ArgumentError: `strategy` is none of the two, or `add_indicator` is no truth value.
        ShapeError: There is no feature axis, or it has another size than before.
        DataError: `adapt` received something that is no number, or infinite.

    Example:
        >>> imputation = Imputation()
        >>> imputation.adapt([[1.0], [3.0], [float("nan")]])
        >>> imputation(torch.tensor([[float("nan")], [5.0]]))
        tensor([[2.],
                [5.]])
    """

    takes_missing = True

    def __init__(self, strategy: str = "mean", add_indicator: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strategy = checks.choice(self, "strategy", strategy, ("mean", "median"))
        self.add_indicator = checks.boolean(self, "add_indicator", add_indicator)

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ShapeError(
                f"{self.name} received an input of shape {input_shape}.",
                expected="at least 2 axes, (batch, ..., features), the last of a known size.",
                fix="add a feature axis with x.reshape(-1, 1).",
            )
        self._features = input_shape[-1]
        self.fill = self.add_weight((self._features,), "zeros", trainable=False, name="fill")
        self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")

    def _check_features(self, shape: Any) -> None:
        if len(shape) < 2 or shape[-1] != self._features:
            raise ShapeError(
                f"{self.name} received an input of shape {tuple(shape)}.",
                expected=f"a last axis of size {self._features}, as at its first call.",
                fix="give every call the same number of features, or make a new layer.",
            )

    @property
    def is_adapted(self) -> bool:
        """Whether the numbers to fill in were loaded or learned."""
        return self.is_built and bool(self.count > 0)

    def reset_state(self) -> None:
        """Forgets the values collected so far."""
        self._total, self._sums, self._counts = 0, 0.0, 0
        self._seen: list[np.ndarray] = []

    def update_state(self, data: Any) -> None:
        """Adds the numbers of a batch that are there."""
        values = _with_gaps(self, data)
        if not self.is_built:
            self.build_for((values,), {})
        self._check_features(values.shape)
        values = values.reshape(-1, self._features)
        self._total += len(values)
        if self.strategy == "median":
            self._seen.append(values)
            return
        self._sums = self._sums + np.nansum(values, axis=0)
        self._counts = self._counts + np.count_nonzero(~np.isnan(values), axis=0)

    def finalize_state(self) -> None:
        """Writes mean or median into the layer's state."""
        if self.strategy == "mean":
            fill = self._sums / np.maximum(self._counts, 1)
        else:
            fill = _medians(np.concatenate(self._seen))
            self._seen = []
        self.fill.assign(fill)
        self.count.assign(min(self._total, _LARGEST_COUNT))

    def call(self, x: Tensor) -> Tensor:
        x = to_compute_dtype(self, x)
        self._check_features(x.shape)
        gaps = x.isnan()
        y = torch.where(gaps, self.fill.to(x.dtype), x)
        return torch.cat([y, gaps.to(x.dtype)], dim=-1) if self.add_indicator else y


def _medians(values: np.ndarray) -> np.ndarray:
    """The middle of the numbers of each column; 0 where there are none."""
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if len(column) else 0.0 for column in columns])


def _with_gaps(layer: Layer, batch: Any) -> np.ndarray:
    """A batch of numbers and NaN in double precision."""
    if isinstance(batch, Tensor):
        batch = batch.detach().cpu().double().numpy()
    try:
        values = np.asarray(batch, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{layer.name}.adapt() received values that are no numbers.",
            expected="an array of numbers, NaN where one is missing.",
            fix="turn text columns into numbers first, for example with StringLookup.",
        ) from error
    if np.isinf(values).any():
        raise DataError(
            f"{layer.name}.adapt() received {int(np.isinf(values).sum())} infinite values.",
            expected="finite numbers, NaN where one is missing.",
            fix="replace them by NaN, or correct the data.",
        )
    return values


def places_with_gaps(model: Any) -> frozenset[int]:
    """The inputs of a model, by place, that may hold NaN: all that takes them is an Imputation.

    Args:
        model: A model; without a recorded graph nothing is known.
    """
    network = getattr(model, "_network", None)
    if network is None:
        return frozenset()
    takers: dict[int, list[Any]] = {id(symbol): [] for symbol in network.input_symbols}
    for node in network.nodes:
        for symbol in node.inputs:
            if node.operation is not None and id(symbol) in takers:
                takers[id(symbol)].append(node.module)
    return frozenset(
        place
        for place, symbol in enumerate(network.input_symbols)
        if takers[id(symbol)]
        and all(getattr(taker, "takes_missing", False) for taker in takers[id(symbol)])
    )

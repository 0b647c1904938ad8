"""Compares inputs to predict with those of training: were they prepared in the same way?"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import trees
from lamina.preflight.finding import Finding
from lamina.preflight.statistics import describe, spread_rows
from lamina.preflight.wording import number

_ROWS = 256
_APART = 20.0
_FAR_OUT = 5.0

Range = tuple[float, float, float]


def ranges_of(inputs: list[Tensor]) -> list[Range]:
    """Lowest value, highest value and size (root mean square) of each input."""
    found = []
    for tensor in inputs:
        numbers = describe(spread_rows(tensor, _ROWS))
        found.append((numbers.low, numbers.high, numbers.rms))
    return found


def shifted(ranges: list[Range], x: Any) -> Iterator[Finding]:
    """Inputs whose size differs grossly from training's."""
    inputs = [leaf for leaf in trees.leaves(x) if isinstance(leaf, (np.ndarray, Tensor))]
    if len(inputs) != len(ranges):
        return
    for place, (values, (low, high, size)) in enumerate(zip(inputs, ranges, strict=True)):
        rows = _numbers(values)
        if rows is None or rows.size == 0 or not np.isfinite(rows).all():
            continue
        lowest, highest = float(rows.min()), float(rows.max())
        found = float(np.sqrt(np.mean(np.square(rows, dtype=np.float64))))
        reach = max(abs(low), abs(high))
        is_large = found > _APART * size > 0 and max(abs(lowest), abs(highest)) > _FAR_OUT * reach
        is_small = 0 < found < size / _APART and len(rows) > 1 and size > 1
        if not (is_large or is_small):
            continue
        name = "x" if len(inputs) == 1 else f"x[{place}]"
        yield Finding(
            "predict-scale-shift",
            "warning",
            f"values of {name} go from {number(lowest)} to {number(highest)}; in training they "
            f"went from {number(low)} to {number(high)}.",
            "inputs prepared exactly as for training.",
            f"prepare them in the same way: divide or scale {name} as you did before fit(), or "
            "put the scaling into the model, as keras.layers.Rescaling or Normalization.",
            {"low": lowest, "high": highest, "trained_low": low, "trained_high": high},
            "after",
        )


def _numbers(values: np.ndarray | Tensor) -> np.ndarray | None:
    """Some rows of real numbers; `None` where there are none to read."""
    if isinstance(values, Tensor) and (values.is_nested or values.is_quantized or values.is_meta):
        return None
    if values.ndim == 0 or len(values) == 0:
        return None
    every = max(1, len(values) // _ROWS)
    rows = slice(0, _ROWS * every, every)
    if isinstance(values, np.ndarray):
        return values[rows] if values.dtype.kind in "iuf" else None
    if values.layout != torch.strided or values.is_complex():
        return None
    chosen = values[rows].detach()
    return (chosen.double() if chosen.is_floating_point() else chosen).cpu().numpy()

"""Compares inputs to predict with those of training: were they prepared in the same way?"""

import math
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
_SEVERAL = 16  # pictures of which one at least is bright somewhere
_DARK = 8.0
_FEW_STEPS = 8.0  # highest pixel, where pixels are not from 0 to 1
_UNKNOWN = (0.0, 0.0, 0.0)

Range = tuple[float, float, float]


def ranges_of(inputs: list[Tensor]) -> list[Range]:
    """Lowest value, highest value and size (root mean square) of each input."""
    found = []
    for tensor in inputs:
        numbers = describe(spread_rows(tensor, _ROWS))
        known = (numbers.low, numbers.high, numbers.rms)
        found.append(known if all(map(math.isfinite, known)) else _UNKNOWN)
    return found


def known_ranges(noted: Any) -> list[Range] | None:
    """What a model has noted of its inputs; `None` where that is nothing, or something else."""
    if not isinstance(noted, (list, tuple)):
        return None
    ranges = [tuple(one) for one in noted if isinstance(one, (list, tuple))]
    are_sound = all(
        len(one) == 3 and all(isinstance(n, (int, float)) and math.isfinite(n) for n in one)
        for one in ranges
    )
    return ranges if are_sound and len(ranges) == len(noted) else None  # type: ignore[return-value]


def shifted(ranges: list[Range], x: Any) -> Iterator[Finding]:
    """Inputs whose size differs grossly from training's."""
    inputs = [leaf for leaf in trees.leaves(x) if isinstance(leaf, (np.ndarray, Tensor))]
    if len(inputs) != len(ranges):
        return
    for place, (values, (low, high, size)) in enumerate(zip(inputs, ranges, strict=True)):
        rows = _numbers(values)
        rows = None if rows is None else rows[np.isfinite(rows)]
        if rows is None or rows.size == 0:
            continue
        lowest, highest = float(rows.min()), float(rows.max())
        found = float(np.sqrt(np.mean(np.square(rows, dtype=np.float64))))
        reach = max(abs(low), abs(high))
        is_large = found > _APART * size > 0 and max(abs(lowest), abs(highest)) > _FAR_OUT * reach
        is_small = 0 < found < size / _APART and len(values) > 1 and size > 1
        are_pictures = values.ndim > 2 and len(values) >= _SEVERAL and reach > _FEW_STEPS
        is_small |= are_pictures and 0 < found < size / _DARK and highest <= reach / _DARK
        if not (is_large or is_small):
            continue
        name = "x" if len(inputs) == 1 else f"x[{place}]"
        yield Finding(
            "predict-scale-shift",
            "warning",
            f"values of {name} go from {number(lowest)} to {number(highest)}; in training they "
            f"went from {number(low)} to {number(high)}.",
            "inputs prepared exactly as for training.",
            _preparing(name, high, highest),
            {"low": lowest, "high": highest, "trained_low": low, "trained_high": high},
            "after",
        )


def _preparing(name: str, trained: float, found: float) -> str:
    """What to type, where the highest values look like pixels in one of their two usual scales."""
    if _is_byte(trained) and 0 < found <= 1:
        return f"pass values from 0 to 255, as in training: {name} * 255."
    if _is_byte(found) and 0 < trained <= 1:
        return f"divide them as for training: {name} / 255."
    return (
        f"prepare them in the same way: divide or scale {name} as you did before fit(), or "
        "put the scaling into the model, as keras.layers.Rescaling or Normalization."
    )


def _is_byte(highest: float) -> bool:
    return 200 < highest <= 255


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

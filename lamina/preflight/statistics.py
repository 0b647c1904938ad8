"""Numbers about the values of an array, from one pass over rows spread evenly through it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

MOST_VALUES = 1 << 22  # looked at in one array; more would cost more than they tell
MOST_ROWS = 200_000
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Statistics:
    """Moments and extremes of an array, over all values and for each feature.

    Args:
        rows: Number of rows.
        looked_at: Number of rows the numbers come from.
        low: Smallest value.
        high: Largest value.
        mean: Mean over all values.
        std: Standard deviation over all values.
        means: Mean of each feature (last axis), float64.
        stds: Standard deviation of each feature.
        lows: Smallest value of each feature.
        highs: Largest value of each feature.
    """

    rows: int
    looked_at: int
    low: float
    high: float
    mean: float
    std: float
    means: Tensor
    stds: Tensor
    lows: Tensor
    highs: Tensor

    @property
    def is_sampled(self) -> bool:
        """Whether only some of the rows were looked at."""
        return self.looked_at < self.rows

    @property
    def rms(self) -> float:
        """Root of the mean square: how large the values are."""
        return math.hypot(self.mean, self.std)

    @property
    def feature_rms(self) -> Tensor:
        """Root of the mean square of each feature."""
        return torch.hypot(self.means, self.stds)


def spread_rows(tensor: Tensor, most: int) -> Tensor:
    """At most `most` rows, evenly spread; the tensor itself where it has no more."""
    rows = tensor.shape[0]
    return tensor if rows <= most else tensor[:: -(-rows // most)]


def describe(tensor: Tensor) -> Statistics:
    """The statistics of an array with the batch axis first; NaN and infinity are left out."""
    features = tensor.shape[-1] if tensor.ndim > 1 else 1
    per_row = math.prod(tensor.shape[1:])
    most = MOST_VALUES if tensor.ndim <= 2 else MOST_VALUES // 4  # columns matter in tables alone
    seen = spread_rows(tensor, min(MOST_ROWS, max(1, most // max(1, per_row))))
    count = torch.zeros(features, dtype=torch.float64)
    total, squares = torch.zeros_like(count), torch.zeros_like(count)
    lows = torch.full_like(count, math.inf)
    highs = torch.full_like(count, -math.inf)
    shift: Tensor | None = None
    for part in _chunks(seen, per_row):
        values = part.detach().cpu().reshape(-1, features)
        low, high = values.amin(0).double(), values.amax(0).double()
        values = values.to(torch.float64 if values.dtype == torch.float64 else torch.float32)
        if not bool(low.isfinite().all() and high.isfinite().all()):
            values, low, high = _finite_only(values)
            counted = values.isfinite().sum(0)
        else:
            counted = torch.full_like(count, values.shape[0])
        # Sums of differences from the first mean: exact for columns such as years.
        shift = values.nanmean(0).nan_to_num() if shift is None else shift
        moved = (values - shift).nan_to_num(nan=0.0)
        total += moved.sum(0, dtype=torch.float64)
        squares += moved.square_().sum(0, dtype=torch.float64)
        count += counted
        lows, highs = torch.minimum(lows, low), torch.maximum(highs, high)
    return _summed_up(tensor.shape[0], seen.shape[0], count, total, squares, lows, highs, shift)


def _chunks(tensor: Tensor, per_row: int) -> Iterator[Tensor]:
    size = max(1, _CHUNK // max(1, per_row))
    for start in range(0, tensor.shape[0], size):
        yield tensor[start : start + size]


def _finite_only(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The values with NaN in place of infinity, and the extremes of what is finite."""
    bad = ~values.isfinite()
    low = values.masked_fill(bad, math.inf).amin(0).double()
    high = values.masked_fill(bad, -math.inf).amax(0).double()
    return values.masked_fill(bad, math.nan), low, high


def _summed_up(
    rows: int,
    looked_at: int,
    count: Tensor,
    total: Tensor,
    squares: Tensor,
    lows: Tensor,
    highs: Tensor,
    shift: Tensor | None,
) -> Statistics:
    safe = count.clamp(min=1)
    offset = total / safe
    variances = (squares / safe - offset.square()).clamp(min=0)
    means = offset + (0 if shift is None else shift.double())
    everything = safe.sum()
    mean = float((means * safe).sum() / everything)
    variance = float(((variances + (means - mean).square()) * safe).sum() / everything)
    return Statistics(
        rows=rows,
        looked_at=looked_at,
        low=float(lows.min()),
        high=float(highs.max()),
        mean=mean,
        std=math.sqrt(variance),
        means=means,
        stds=variances.sqrt(),
        lows=lows,
        highs=highs,
    )

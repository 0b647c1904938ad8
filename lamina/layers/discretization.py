"""Discretization: numbers sorted into bins."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.core.errors import StateError
from lamina.layers.adapted import AdaptedLayer, refuse_adapting, to_compute_dtype, to_float64
from lamina.layers.category_encoding import ENCODINGS, encode, refuse_sparse


class Discretization(AdaptedLayer):
    """Replaces each number by the bin it falls into.

    With boundaries b, bin i holds the numbers with `b[i - 1] <= x < b[i]`. Boundaries are given,
    or learned by `adapt` (or by `fit`, from the training part) so that all bins hold about
    equally many numbers.

    Args:
        bin_boundaries: Increasing boundaries; there is one bin more.
        num_bins: Number of bins to learn.
        epsilon: Largest error of a learned boundary, as a share of the numbers seen.
        output_mode: "int" for the bin, or "one_hot", "multi_hot", "count".
        sparse: Only False: results are always dense.
        dtype: Dtype of indicator vectors.
        name: Name in summaries and messages.

    Shape:
        input: (batch, ...), any dtype
        output: the shape of the input, int32, for "int"; else as in `CategoryEncoding`
        boundaries: (bins - 1,), float32, learned

    Raises:
        ArgumentError: Not exactly one of `bin_boundaries` and `num_bins` is given, or another
            argument has no possible value.
        StateError: `adapt` is called although `bin_boundaries` were given, or the layer is called
            before it has boundaries.

    Example:
        >>> Discretization([0.0, 1.0])(torch.tensor([[-1.0, 0.5, 1.0]]))
        tensor([[0, 1, 2]], dtype=torch.int32)
    """

    _resizable = ("boundaries",)
    boundaries: Tensor

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        if (bin_boundaries is None) == (num_bins is None):
            raise checks.refuse(
                self,
                "num_bins",
                num_bins,
                expected="either 'bin_boundaries' or 'num_bins'.",
                fix="pass bin_boundaries=[0.0, 1.0], or num_bins=10 and call adapt(data).",
            )
        given = () if bin_boundaries is None else _increasing(self, bin_boundaries)
        self.num_bins = (
            None if num_bins is None else checks.positive_int(self, "num_bins", num_bins)
        )
        self.epsilon = checks.number(
            self, "epsilon", epsilon, low=0.0, high=1.0, open_low=True, open_high=True
        )
        self.output_mode = checks.choice(self, "output_mode", output_mode, ENCODINGS)
        self.sparse = refuse_sparse(self, sparse)
        self._hold("boundaries", torch.tensor(given, dtype=torch.float32))

    @property
    def is_adapted(self) -> bool:
        """Whether boundaries were given, loaded or learned."""
        return self.num_bins in (None, 1) or self.boundaries.numel() > 0

    @property
    def bin_boundaries(self) -> list[float] | None:
        """The boundaries, or `None` where they are still to be learned."""
        return self.boundaries.tolist() if self.is_adapted else None

    def reset_state(self) -> None:
        """Forgets the numbers seen so far."""
        if self.num_bins is None:
            raise refuse_adapting(self, "bin_boundaries")
        self._values, self._weights = np.empty(0), np.empty(0)

    def update_state(self, data: Any) -> None:
        """Merges a summary of a batch into the summary of all numbers seen.

        A summary holds some of the numbers in order, each with how many it stands for.
        """
        values = np.sort(to_float64(self, data).reshape(-1))
        step = max(values.size * self.epsilon, 1.0)
        values = values[int(step - 1) :: int(step)]
        merged = np.concatenate([self._values, values])
        weights = np.concatenate([self._weights, np.full(values.size, step)])
        order = np.argsort(merged, kind="stable")
        self._values, self._weights = _thinned(merged[order], weights[order], self.epsilon)

    def finalize_state(self) -> None:
        """Writes the boundaries that split the summary evenly into the layer's state."""
        count: Any = self.num_bins  # given: `adapt` refuses to run without
        boundaries, _ = _thinned(self._values, self._weights, 1 / count)
        self._hold("boundaries", torch.as_tensor(boundaries[:-1], dtype=torch.float32))

    def call(self, x: Tensor) -> Tensor:
        if not self.is_adapted:
            raise StateError(
                f"{self.name} has no bin boundaries yet.",
                expected="bin_boundaries=..., or adapt() before the first call.",
                fix=f"{self.name}.adapt(train_x), before the model is built.",
            )
        x = to_compute_dtype(self, x)
        bins = torch.bucketize(x, self.boundaries.to(x.dtype), right=True)
        is_int = self.output_mode == "int"
        kind = torch.int32 if is_int else dtypes.to_torch(self.dtype_policy.compute_dtype)
        return encode(bins, self.output_mode, self.boundaries.shape[0] + 1, dtype=kind)


def _thinned(values: np.ndarray, weights: np.ndarray, share: float) -> tuple:
    """A summary with one number for each `share` of the weight, by linear interpolation."""
    if values.size * share < 1:
        return values, weights
    reached = weights.cumsum()
    shares = reached / reached[-1]
    wanted = share + np.arange(0.0, 1.0, share)
    stands_for = np.diff(np.interp(wanted, shares, reached), prepend=0.0)
    return np.interp(wanted, shares, values), stands_for


def _increasing(layer: Discretization, values: Any) -> list[float]:
    array = np.asarray(values)
    if array.ndim == 1 and array.dtype.kind in "iuf" and (np.diff(array) > 0).all():
        return array.astype(float).tolist()
    raise checks.refuse(
        layer,
        "bin_boundaries",
        values,
        expected="'bin_boundaries' as a list of increasing numbers.",
        fix="sort them and drop repeated ones, for example numpy.unique(boundaries).",
    )

"""Rules that look at a weight as a whole: Lamb, Adafactor and Muon.

They keep to operations with a batching rule of torch.func.vmap, which lerp_, addcmul_ and
addcdiv_ lack in torch 2.13.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import torch
from torch import Tensor

from lamina.core import checks, dtypes
from lamina.optimizers.base import Optimizer
from lamina.optimizers.exclusion import path_of
from lamina.optimizers.memory import Slots
from lamina.optimizers.settings import Settings


class Lamb(Optimizer):
    """`Adam` whose step is as long as the weight itself, times the learning rate.

    With d Adam's corrected direction: w -= learning_rate * norm(w) / norm(d) * d; the ratio is 1
    where a norm is 0. For very large batches.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        beta_1: As in `Adam`.
        beta_2: As in `Adam`.
        epsilon: Small constant in the denominator.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes",
        ICLR 2020.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_1 = checks.rate(self, "beta_1", beta_1)
        self.beta_2 = checks.rate(self, "beta_2", beta_2)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)

    def own_slots(self, weight: Tensor) -> Slots:
        """Means of the gradient and of its square."""
        return {key: torch.zeros_like(weight) for key in ("momentum", "velocity")}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """Corrections of both means' start at 0."""
        return {
            "momentum_correction": 1 / (1 - self.beta_1**updates),
            "velocity_correction": 1 / (1 - self.beta_2**updates),
        }

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        momentum = slots["momentum"].mul_(self.beta_1).add_(gradient, alpha=1 - self.beta_1)
        velocity = slots["velocity"].mul_(self.beta_2)
        velocity.add_(gradient.square(), alpha=1 - self.beta_2)
        denominator = (velocity * coefficients["velocity_correction"]).sqrt_().add_(self.epsilon)
        direction = (momentum * coefficients["momentum_correction"]).div_(denominator)
        weight_norm, norm = _norm(weight), _norm(direction)
        ratio = torch.where((weight_norm > 0) & (norm > 0), weight_norm / norm, 1.0)
        weight.sub_(direction.mul_(ratio * coefficients["learning_rate"]))


class Adafactor(Optimizer):
    """Keeps only row and column means of the squared gradients of a matrix.

    At update t, beta = 1 - t^beta_2_decay and rate = min(learning_rate, 1 / sqrt(t)). The mean
    square v of a matrix is row * column / mean(row); the step is
    rate * max(epsilon_2, rms(w)) * u / max(1, rms(u) / clip_threshold) with u = g / sqrt(v).
    Saves memory on large matrices.

    Args:
        learning_rate: Greatest step size, above 0, or a schedule.
        beta_2_decay: Power of the update number in beta.
        epsilon_1: Small constant added to squared gradients.
        epsilon_2: Smallest size that a weight is taken to have.
        clip_threshold: Greatest root mean square of u.
        relative_step: Accepted for Keras's sake, where it changes nothing: the limit
            1 / sqrt(t) always holds.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A constant is negative or `clip_threshold` is not above 0.

    Reference:
        Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost",
        ICML 2018.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, **settings)
        self.beta_2_decay = checks.number(
            self, "beta_2_decay", beta_2_decay, high=0.0, example=-0.8
        )
        self.epsilon_1 = checks.number(self, "epsilon_1", epsilon_1, low=0.0, example=1e-30)
        self.epsilon_2 = checks.number(self, "epsilon_2", epsilon_2, low=0.0, example=1e-3)
        self.clip_threshold = checks.number(
            self, "clip_threshold", clip_threshold, low=0.0, open_low=True, example=1.0
        )
        self.relative_step = checks.boolean(self, "relative_step", relative_step)

    def own_slots(self, weight: Tensor) -> Slots:
        """Row and column means of a matrix, all means of a vector."""
        if weight.ndim < 2:
            return {"velocity": torch.zeros_like(weight)}
        return {
            "row": torch.zeros_like(weight[..., 0]),
            "column": torch.zeros_like(weight[..., 0, :]),
        }

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """The share of new squares, and the rate with its limit."""
        return {
            "fresh_share": updates**self.beta_2_decay,
            "limited_rate": torch.minimum(learning_rate, updates**-0.5),
        }

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        fresh = coefficients["fresh_share"]
        squares = gradient.square().add_(self.epsilon_1)
        if "velocity" in slots:
            velocity = _mixed(slots["velocity"], squares, fresh)
        else:
            row = _mixed(slots["row"], squares.mean(-1), fresh)
            column = _mixed(slots["column"], squares.mean(-2), fresh)
            share = row / row.mean(-1, keepdim=True)
            velocity = share.unsqueeze(-1) * column.unsqueeze(-2)
        direction = gradient / velocity.sqrt()
        length = _rms(weight).clamp(min=self.epsilon_2) * coefficients["limited_rate"]
        length = length / (_rms(direction) / self.clip_threshold).clamp(min=1.0)
        weight.sub_(direction.mul_(length))


def _patterns(owner: object, patterns: Any) -> list[str]:
    """Regular expressions of paths; `None` for none."""
    given = [] if patterns is None else patterns
    if isinstance(given, (list, tuple)) and all(_is_pattern(one) for one in given):
        return list(given)
    raise checks.refuse(
        owner,
        "exclude_layers",
        patterns,
        expected="'exclude_layers' as a list of regular expressions of layer names.",
        fix='pass for example exclude_layers=["embedding", "head"].',
    )


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


class Muon(Optimizer):
    """Steps along the nearest orthogonal matrix to the momentum; other weights take `AdamW`.

    m = momentum * m + g; d = g + momentum * m with `nesterov`; d is made orthogonal by
    Newton-Schulz steps, and w -= learning_rate * rms_rate * sqrt(max(rows, columns)) * d.
    Weights that are no matrices, embeddings and excluded layers follow Adam's rule; so do kernels
    of convolutions, as in Keras, unless `exclude_convolutions` is false. Such a kernel counts as a
    matrix with one column a filter.

    Args:
        learning_rate: Step size, above 0, or a schedule.
        adam_beta_1: As `beta_1` of `Adam`, for the other weights.
        adam_beta_2: As `beta_2` of `Adam`, for the other weights.
        adam_weight_decay: Weight decay of the other weights.
        epsilon: Small constant in Adam's denominator.
        weight_decay: Weight decay of the matrices.
        exclude_layers: Patterns; a weight whose path contains one takes Adam's rule.
        exclude_embeddings: Whether weights with "embedding" in their path take Adam's rule.
        muon_a: First number of the Newton-Schulz step a * x + b * x x' x + c * (x x')² x.
        muon_b: Second number.
        muon_c: Third number.
        adam_lr_ratio: Learning rate of the other weights, as a share of that of the matrices.
        momentum: Share of the old momentum kept, 0 to 1.
        ns_steps: Number of Newton-Schulz steps.
        nesterov: Whether the gradient is taken to act after the momentum.
        rms_rate: Root mean square of a step, as a share of the learning rate; `None` leaves
            the orthogonal matrix as it is.
        exclude_convolutions: Whether weights of 3 and more axes take Adam's rule.
        ns_dtype: Dtype of the Newton-Schulz steps, such as "bfloat16", which they stand well; that
            of the weight when `None`.
        **settings: Those of every optimizer, see `Optimizer`.

    Raises:
        ArgumentError: A share lies outside its range or `epsilon` is negative.

    Reference:
        Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Liu et
        al., "Muon is Scalable for LLM Training", 2025, for `rms_rate`.
    """

    def __init__(  # type: ignore[misc]  # `settings` holds the others
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        exclude_convolutions: bool = True,
        ns_dtype: str | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        settings["weight_decay"] = weight_decay
        super().__init__(learning_rate, **settings)
        self.adam_beta_1 = checks.rate(self, "adam_beta_1", adam_beta_1)
        self.adam_beta_2 = checks.rate(self, "adam_beta_2", adam_beta_2)
        self.adam_weight_decay = adam_weight_decay
        if adam_weight_decay is not None:
            self.adam_weight_decay = checks.number(
                self, "adam_weight_decay", adam_weight_decay, low=0.0, example=0.004
            )
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=1e-7)
        self.exclude_layers = _patterns(self, exclude_layers)
        self.exclude_embeddings = checks.boolean(self, "exclude_embeddings", exclude_embeddings)
        self.muon_a = checks.number(self, "muon_a", muon_a)
        self.muon_b = checks.number(self, "muon_b", muon_b)
        self.muon_c = checks.number(self, "muon_c", muon_c)
        self.adam_lr_ratio = checks.number(
            self, "adam_lr_ratio", adam_lr_ratio, low=0.0, example=1.0
        )
        self.momentum = checks.number(self, "momentum", momentum, low=0.0, high=1.0, example=0.95)
        self.ns_steps = checks.whole(self, "ns_steps", ns_steps)
        self.nesterov = checks.boolean(self, "nesterov", nesterov)
        self.rms_rate = rms_rate
        if rms_rate is not None:
            self.rms_rate = checks.number(self, "rms_rate", rms_rate, low=0.0, example=0.2)
        self.exclude_convolutions = checks.boolean(
            self, "exclude_convolutions", exclude_convolutions
        )
        self.ns_dtype = ns_dtype
        self._steps_in = None if ns_dtype is None else dtypes.to_torch(ns_dtype)
        if self._steps_in is not None and not self._steps_in.is_floating_point:
            raise checks.refuse(
                self,
                "ns_dtype",
                ns_dtype,
                expected="'ns_dtype' as a floating point dtype, or None.",
                fix='pass for example ns_dtype="bfloat16".',
            )

    def takes_adam(self, weight: Tensor) -> bool:
        """Whether this weight follows Adam's rule."""
        path = path_of(weight)
        is_embedding = self.exclude_embeddings and "embedding" in path.lower()
        excluded = any(re.search(pattern, path) for pattern in self.exclude_layers)
        fits = weight.ndim == 2 or (weight.ndim > 2 and not self.exclude_convolutions)
        return not fits or is_embedding or excluded

    def decay_key(self, weight: Tensor) -> str | None:
        """Name of the coefficient that shrinks this weight, or `None` where none does."""
        if weight in self._excluded:
            return None
        if self.takes_adam(weight):
            return "adam_shrink" if self.adam_weight_decay is not None else None
        return "shrink" if self.weight_decay is not None else None

    def own_slots(self, weight: Tensor) -> Slots:
        """Momentum; the mean of squares too where Adam's rule applies."""
        keys = ("momentum", "velocity") if self.takes_adam(weight) else ("momentum",)
        return {key: torch.zeros_like(weight) for key in keys}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """Adam's step size and the weight decay of its weights."""
        correction = torch.sqrt(1 - self.adam_beta_2**updates) / (1 - self.adam_beta_1**updates)
        terms = {"step_size": learning_rate * self.adam_lr_ratio * correction}
        if self.adam_weight_decay is not None:
            terms["adam_shrink"] = learning_rate * self.adam_weight_decay
        return terms

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place."""
        if "velocity" in slots:
            self._adam(weight, gradient, slots, coefficients["step_size"])
            return
        momentum = slots["momentum"].mul_(self.momentum).add_(gradient)
        wanted = gradient.add(momentum, alpha=self.momentum) if self.nesterov else momentum
        matrix = wanted.reshape(-1, wanted.shape[-1])
        direction = self._orthogonal(matrix).reshape(weight.shape)
        scale = 1.0 if self.rms_rate is None else max(matrix.shape) ** 0.5 * self.rms_rate
        weight.sub_(direction * coefficients["learning_rate"], alpha=scale)

    def _adam(self, weight: Tensor, gradient: Tensor, slots: Slots, step_size: Tensor) -> None:
        share_1, share_2 = self.adam_beta_1, self.adam_beta_2
        momentum = slots["momentum"].mul_(share_1).add_(gradient, alpha=1 - share_1)
        velocity = slots["velocity"].mul_(share_2).add_(gradient.square(), alpha=1 - share_2)
        weight.sub_((momentum * step_size).div_(velocity.sqrt().add_(self.epsilon)))

    def _orthogonal(self, x: Tensor) -> Tensor:
        """The matrix with its singular values brought near 1."""
        is_tall = x.shape[0] > x.shape[1]
        x = x.T if is_tall else x
        kind = x.dtype
        x = (x / (_norm(x) + 1e-7)).to(self._steps_in or kind)
        for _ in range(self.ns_steps):
            square = x @ x.T
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * square @ square) @ x
        return (x.T if is_tall else x).to(kind)


def _mixed(mean: Tensor, values: Tensor, share: Tensor) -> Tensor:
    """Moves the mean towards the values, in place: (1 - share) * mean + share * values."""
    return mean.mul_(1 - share).add_(values * share)


def _norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x)


def _rms(x: Tensor) -> Tensor:
    return x.square().mean().sqrt()

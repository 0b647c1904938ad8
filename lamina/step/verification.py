"""Runs a model's training step by every tier there is, beside the eager one, and compares.

All of it happens on copies. What a session is, is known here only by what is asked of it.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, trees
from lamina.core.errors import ArgumentTypeError, CaptureError
from lamina.data import Batch, to_arrays
from lamina.step.choose import TIERS
from lamina.step.runner import Runner

Changed = dict[str, dict[str, Tensor]]

STEPS = 5  # two are recorded, three replayed


@dataclass(frozen=True)
class Difference:
    """Largest absolute differences of one tier from eager; `None` where it did not run."""

    tier: str
    weights: float | None = None
    slots: float | None = None
    metrics: float | None = None
    refusal: CaptureError | None = None

    @property
    def largest(self) -> float | None:
        """The largest of all; 0.0 means equal to the bit."""
        if self.weights is None or self.slots is None or self.metrics is None:
            return None
        return max(self.weights, self.slots, self.metrics)


@dataclass(frozen=True)
class Verification:
    """What `verify` found, one entry a tier; printed, it is a table."""

    steps: int
    differences: tuple[Difference, ...]

    def __getitem__(self, tier: str) -> Difference:
        return next(one for one in self.differences if one.tier == tier)

    def __str__(self) -> str:
        rows = [("tier", "weights", "slots", "metrics"), *map(_row, self.differences)]
        lines = [f"{a:<10}{b:>10}{c:>10}{d:>10}".rstrip() for a, b, c, d in rows]
        title = f"largest difference from eager after {self.steps} steps (0 is equal to the bit)"
        reasons = [f"{one.tier}: {one.refusal.problem}" for one in self.differences if one.refusal]
        return "\n".join([title, *lines, *reasons])


def verify(model: Any, batch: Any, tiers: Sequence[str] | None = None) -> Verification:
    """Makes five training steps by each tier on copies of a model, compares, and prints a table.

    Nothing of the model changes. Tier "compiled" takes the compiler 10 to 20 seconds.

    Args:
        model: A model after `compile`, or a session of `lamina.train`.
        batch: (x, y) or (x, y, sample_weight), as for one training step.
        tiers: Names among "captured", "graphed" and "compiled"; `None` for all.

    Returns:
        The largest absolute difference from eager of weights with buffers, of the optimizer's
        memory, and of loss and metrics, for each tier; and why where a tier did not run.

    Raises:
        ArgumentError: A name in `tiers` is unknown.
        ArgumentTypeError: `batch` is no tuple.

    Example:
        >>> model = lamina.Sequential([lamina.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> report = lamina.step.verify(model, (torch.ones(4, 2), torch.ones(4, 1)), ["captured"])
        >>> report["captured"].largest
        0.0
    """
    for tier in tiers or ():
        checks.choice("verify", "tiers", tier, TIERS)
    example = _batch(batch)
    built = _built(model, example)
    wanted: Any = _run(_copied(built), example, "eager")  # eager runs, or raises
    found = []
    for tier in tiers or TIERS[1:]:
        got = _run(_copied(built), example, tier)
        found.append(got if isinstance(got, Difference) else _difference(tier, got, wanted))
    report = Verification(STEPS, tuple(found))
    print(report)  # noqa: T201
    return report


def _batch(batch: Any) -> Batch:
    if isinstance(batch, Batch):
        return batch
    if not isinstance(batch, tuple) or not 1 <= len(batch) <= 3:
        raise ArgumentTypeError(
            f"verify(batch) received {type(batch).__name__}.",
            expected="a tuple (x, y) or (x, y, sample_weight).",
            fix="verify(model, (x[:32], y[:32])).",
        )
    arrays = to_arrays(*batch)
    return Batch(arrays.x, arrays.y, arrays.sample_weight)


def _built(model: Any, batch: Batch) -> Any:
    """A copy that has its weights, so that all copies of it start alike."""
    twin = copy.deepcopy(model) if callable(getattr(model, "session", None)) else _copied(model)
    session = twin.session() if hasattr(twin, "session") else twin
    session.prepare(batch)
    return twin


def _copied(model: Any) -> Any:
    """A session of copies of a model and its plan, optimizer memory included."""
    if callable(getattr(model, "session", None)):
        return copy.deepcopy(model).session()
    module, plan = copy.deepcopy((model.module, model.plan))
    twin = type(model)(module, plan)
    twin.state = copy.deepcopy(model.state)
    return twin


def _run(twin: Any, batch: Batch, tier: str) -> Changed | Difference:
    """Everything a step may change, after some steps; or that the tier cannot run."""
    twin.plan = replace(twin.plan, tier=tier)
    twin.prepare(batch)
    twin.prepare_training()
    refusal = twin.training_runner().refusal
    if refusal is not None and tier != "eager":
        return Difference(tier, refusal=refusal)
    runner = Runner(tier, patience=0)
    twin.objective.reset()
    twin.module.train()
    leaves = [leaf.to(twin.device) for leaf in trees.leaves(batch) if leaf is not None]
    optimizer = twin.plan.optimizer
    accumulates = optimizer.gradient_accumulation_steps or 1
    for number in range(STEPS * accumulates):
        terms = twin.coefficients(optimizer.iterations + 1, 1).values()
        optimizer.calls += 1
        makes_update = optimizer.calls % accumulates == 0
        inputs = [*leaves, *(term[0] for term in terms)]
        runner(makes_update, twin.training_step(makes_update), inputs, seed=number)
    if runner.refusal is not None:
        return Difference(tier, refusal=runner.refusal)
    return _changed(twin)


def _changed(twin: Any) -> Changed:
    return {
        "weights": {name: tensor.detach() for name, tensor in twin.module.state_dict().items()},
        "slots": {f"{weight}/{key}": slot for weight, key, slot in twin.state.slots()},
        "metrics": {k: torch.as_tensor(v) for k, v in twin.objective.results().items()},
    }


def _difference(tier: str, got: Changed, wanted: Changed) -> Difference:
    largest: dict[str, Any] = {
        kind: max((_distance(got[kind][name], one) for name, one in tensors.items()), default=0.0)
        for kind, tensors in wanted.items()
    }
    return Difference(tier, **largest)


def _distance(one: Tensor, other: Tensor) -> float:
    """Largest absolute difference; numbers that are not finite differ unless they are the same."""
    if torch.equal(one, other) or one.numel() == 0:
        return 0.0
    gap = (one.double() - other.double()).abs()
    same = (one == other) | (one.isnan() & other.isnan())
    return float(torch.where(same, 0.0, gap).nan_to_num(nan=float("inf")).max())


def _row(one: Difference) -> tuple[str, ...]:
    if one.largest is None:
        return one.tier, "-", "-", "-"
    return (one.tier, *(f"{value:.2g}" for value in (one.weights, one.slots, one.metrics)))

"""One training step as a plain function of a batch; its first tier, `eager`, is just running it.

Options are pieces put together here, once; what runs per batch has no options left in it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import StateError
from lamina.optimizers import wrappers
from lamina.optimizers.eager import average
from lamina.step.state import Block, Parts, State, apart, holding

Objective = Callable[[list[Tensor]], tuple[Tensor, Any]]
"""Maps the tensors of a batch to the loss and to whatever `Track` wants to see."""

Track = Callable[[list[Tensor], Any, Tensor], None]
"""Adds a batch to the metrics: tensors of the batch, what the objective gave, the loss."""

Constrain = Callable[[], None]
"""Projects weights back to where they are allowed to be."""


def make_step(
    objective: Objective,
    state: State,
    track: Track,
    constrain: Constrain,
    coefficient_names: list[str],
    *,
    makes_update: bool = True,
    fused: bool = False,
) -> Callable[..., None]:
    """Builds the plain function that every tier runs.

    Args:
        objective: Forward pass and loss.
        state: What the step changes.
        track: Metric updates.
        constrain: What follows each batch.
        coefficient_names: Names of the last inputs: the optimizer's numbers for this update.
        makes_update: `False` for a batch whose gradients are only added up.
        fused: Whether each weight is updated by itself with plain operations, which a compiler
            joins with the backward pass; otherwise with as few kernels as possible.

    Returns:
        A function of the batch's tensors followed by the coefficients.
    """
    weights = [weight for block in state.blocks for weight in block.weights]
    count = len(coefficient_names)
    if not state.optimizer.capturable:
        return _step_by_apply(objective, state, track, constrain, weights, count)
    parts: Parts = apart(state) if fused else state
    keeps_gradients = not fused or _changes_gradients(parts)

    def step(*inputs: Tensor) -> None:
        batch = list(inputs[: len(inputs) - count])
        coefficients = dict(zip(coefficient_names, inputs[len(inputs) - count :], strict=True))
        with torch.enable_grad():
            loss, seen = objective(batch)
            scaled = parts.optimizer.scale_loss(loss)
        gradients = _gradients(scaled, weights)
        with torch.no_grad():
            now = _store(gradients, parts) if keeps_gradients else holding(parts, gradients)
            if not makes_update:
                _accumulate(now)
                _average(now, coefficients)
            elif parts.optimizer.adapts_scale:
                _update_if_finite(now, coefficients, fused=fused)
            else:
                _update(now, coefficients, fused=fused)
                _average(now, coefficients)
            constrain()
            track(batch, seen, loss.detach())

    return step


def _step_by_apply(
    objective: Objective,
    state: State,
    track: Track,
    constrain: Constrain,
    weights: list[Tensor],
    count: int,
) -> Callable[..., None]:
    """A step for optimizers that decide on the host, such as LossScaleOptimizer."""

    def step(*inputs: Tensor) -> None:
        batch = list(inputs[: len(inputs) - count])
        with torch.enable_grad():
            loss, seen = objective(batch)
            scaled = state.optimizer.scale_loss(loss)
        gradients = _gradients(scaled, weights)
        with torch.no_grad():
            state.optimizer.apply(gradients, weights)
            constrain()
            track(batch, seen, loss.detach())

    return step


def _gradients(loss: Tensor, weights: list[Tensor]) -> tuple[Tensor | None, ...]:
    if not weights or not loss.requires_grad:
        raise StateError(
            "the loss does not depend on any trainable weight.",
            expected="a model with trainable weights on the way from its inputs to the loss.",
            fix="set layer.trainable = True, or give the model a layer with weights.",
        )
    return torch.autograd.grad(loss, weights, allow_unused=True)


def _changes_gradients(state: Parts) -> bool:
    """Whether gradients are kept, scaled or clipped before the update."""
    if state.optimizer.adapts_scale:
        return True
    settings = [
        setting
        for one in (state.optimizer, *(block.optimizer for block in state.blocks))
        for setting in (
            one.loss_scale_factor,
            one.gradient_accumulation_steps,
            one.clipnorm,
            one.global_clipnorm,
            one.clipvalue,
        )
    ]
    return any(setting is not None for setting in settings)


def _store(gradients: tuple[Tensor | None, ...], state: Parts) -> Parts:
    views = [view for block in state.blocks for view in block.gradients]
    for view, gradient in zip(views, gradients, strict=True):
        if gradient is None:
            view.zero_()
        else:
            view.copy_(gradient)
    if state.optimizer.loss_scale_factor is not None:
        flats = [block.flat_gradient for block in state.blocks]
        wrappers.unscale(flats, state.optimizer.loss_scale_factor)
    return state


def _accumulate(state: Parts) -> None:
    wrappers.accumulate(
        [block.flat_sum for block in state.blocks],
        [block.flat_gradient for block in state.blocks],
    )


def _update(state: Parts, coefficients: Mapping[str, Tensor], *, fused: bool) -> None:
    for block in state.blocks:
        steps = block.optimizer.gradient_accumulation_steps
        if steps:
            mean = wrappers.average_accumulated([block.flat_sum], [block.flat_gradient], steps)[0]
            block.flat_gradient.copy_(mean)
    _clip(state)
    for block in state.blocks:
        terms = _terms(block, state, coefficients)
        for unit in block.units:
            if block.decay_key is not None:
                wrappers.decay_weight(unit.value, terms[block.decay_key])
            rule = block.optimizer.formula_update if fused else block.optimizer.update
            rule(unit.value, unit.gradient, unit.slots, terms)


def _update_if_finite(state: Parts, coefficients: Mapping[str, Tensor], *, fused: bool) -> None:
    """One update, taken back where a gradient was not finite; the scale of the loss adapts."""
    optimizer: Any = state.optimizer  # a LossScaleOptimizer
    flats = [block.flat_gradient for block in state.blocks]
    is_finite = torch.stack([torch.isfinite(flat).all() for flat in flats]).all()
    for flat in flats:
        flat.copy_(torch.where(is_finite, flat / optimizer.dynamic_scale, 0.0))
    units = [unit for block in state.blocks for unit in block.units]
    places = [place for unit in units for place in (unit.value, *unit.slots.values())]
    before = [place.clone() for place in places]
    _update(state, coefficients, fused=fused)
    _average(state, coefficients)
    for place, old in zip(places, before, strict=True):
        place.copy_(torch.where(is_finite, place, old))
    optimizer.adapt(is_finite)


def _average(state: Parts, coefficients: Mapping[str, Tensor]) -> None:
    """Moving averages of the weights; they move with every batch, as in Keras."""
    for block in state.blocks:
        if block.optimizer.use_ema:
            terms = _terms(block, state, coefficients)
            for unit in block.units:
                average(unit.value, unit.slots["average"], terms)


def _clip(state: Parts) -> None:
    """Each norm on its own needs the weights apart; all else takes the flat buffers."""
    whole: Any = state.optimizer
    optimizer = whole.inner_optimizer if whole.adapts_scale else whole
    if optimizer.clipnorm is not None:
        optimizer.clip_gradients([view for block in state.blocks for view in block.gradients])
    elif optimizer.global_clipnorm is not None or optimizer.clipvalue is not None:
        optimizer.clip_gradients([block.flat_gradient for block in state.blocks])


def _terms(block: Block, state: Parts, coefficients: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The coefficients of a block; some carry the number of its optimizer, or its multiplier."""
    prefix = _prefix(state, block)
    return {
        key.removeprefix(prefix): value
        for key, value in coefficients.items()
        if key.startswith(prefix) and "/" not in key.removeprefix(prefix)
    }


def _prefix(state: Parts, block: Block) -> str:
    """What the names of a block's coefficients begin with."""
    own = block.optimizer is state.optimizer
    number = "" if own else f"{part_number(state, block.optimizer)}/"
    return number if block.multiplier == 1 else f"{number}{block.multiplier!r}x/"


def part_number(state: Parts, part: Any) -> int:
    """Place of an optimizer among those that share the work."""
    parts = list({id(block.optimizer): block.optimizer for block in state.blocks}.values())
    return next(i for i, other in enumerate(parts) if other is part)


def coefficient_table(state: State, first: int, count: int) -> dict[str, Tensor]:
    """What varies with the update number, for `count` updates from number `first` (from 1)."""
    updates = torch.arange(first, first + count, dtype=torch.float64)
    table: dict[str, Tensor] = {}
    for prefix, block in {_prefix(state, block): block for block in state.blocks}.items():
        part = block.optimizer
        rates = part.rate_at(updates)
        rates = rates if block.multiplier == 1 else rates * block.multiplier
        terms = part.coefficients(updates, rates)
        table.update((prefix + key, value) for key, value in terms.items())
    return table

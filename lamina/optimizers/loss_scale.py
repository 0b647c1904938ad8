"""LossScaleOptimizer: keeps small gradients of half precision from becoming 0."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from lamina.core import checks, configured, names
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.variables import Variable
from lamina.optimizers.base import Optimizer
from lamina.optimizers.memory import Memory, Slots
from lamina.optimizers.settings import Settings


class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a scale that adapts, and hands unscaled gradients on.

    A gradient that is not finite halves the scale and skips the update; `dynamic_growth_steps`
    finite ones in a row double it. Multiply the loss with `scale_loss` before its gradients are
    taken. Needed for float16 only; bfloat16 has the range of float32.

    In `fit` the step itself decides: a skipped update puts weights and memory back, and counts as
    an update for schedules (Keras does not count it). Loops written by hand read one value on the
    host; so does `fit` where the inner optimizer accumulates gradients or is a `MultiOptimizer`.

    Args:
        inner_optimizer: The optimizer that changes the weights; all settings belong to it.
        initial_scale: First scale, above 0.
        dynamic_growth_steps: Finite updates in a row that double the scale.
        name: Name in messages. Chosen automatically when `None`.

    Raises:
        ArgumentError: An argument is unknown or has no possible value.
        ArgumentTypeError: `inner_optimizer` is no optimizer.

    Reference:
        Micikevicius et al., "Mixed Precision Training", ICLR 2018, section 3.2.
    """

    adapts_scale = True

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **old: Any,
    ) -> None:
        _refuse_settings(old)
        if not isinstance(inner_optimizer, Optimizer):
            raise ArgumentTypeError(
                f"LossScaleOptimizer received {names.shown(inner_optimizer)}.",
                expected="an optimizer to hand gradients on to.",
                fix="pass for example LossScaleOptimizer(keras.optimizers.Adam()).",
            )
        inner_optimizer.loss_scale_factor = None
        super().__init__(1.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = checks.number(
            self, "initial_scale", initial_scale, low=0.0, open_low=True, example=32768.0
        )
        self.dynamic_growth_steps = checks.positive_int(
            self, "dynamic_growth_steps", dynamic_growth_steps
        )
        self.dynamic_scale = Variable(torch.tensor(self.initial_scale, dtype=torch.float32))
        self.step_counter = Variable(torch.tensor(0))

    @property
    def capturable(self) -> bool:  # type: ignore[override]  # that of a class elsewhere
        """Whether a step can decide on the device what to skip."""
        inner = self.inner_optimizer
        is_single = len(inner.optimizers) == 1 if hasattr(inner, "optimizers") else True
        return inner.capturable and is_single and inner.gradient_accumulation_steps is None

    @property
    def learning_rate(self) -> Variable:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> int:
        """Number of updates that were not skipped."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: int) -> None:
        self.inner_optimizer.iterations = value

    @property
    def calls(self) -> int:
        """Number of batches that the inner optimizer has seen."""
        return self.inner_optimizer.calls

    @calls.setter
    def calls(self, value: int) -> None:
        self.inner_optimizer.calls = value

    def note_call(self) -> None:
        """Counts one batch."""
        self.inner_optimizer.note_call()

    def groups(self, weights: Sequence[Tensor]) -> list[tuple[Optimizer, list[Tensor]]]:
        """The weights with the inner optimizer; the scale joins them on their device."""
        for weight in weights[:1]:
            self.dynamic_scale = Variable(self.dynamic_scale.to(weight.device))
            self.step_counter = Variable(self.step_counter.to(weight.device))
        return self.inner_optimizer.groups(weights)

    def clip_gradients(self, gradients: Sequence[Tensor]) -> None:
        """Clips gradients in place as the inner optimizer's settings say."""
        self.inner_optimizer.clip_gradients(gradients)

    @property
    def built(self) -> bool:
        """Whether the inner optimizer knows its weights."""
        return self.inner_optimizer.built

    @property
    def version(self) -> int:
        """That of the inner optimizer."""
        return self.inner_optimizer.version

    def build(self, weights: Iterable[Tensor]) -> None:
        """Makes the inner optimizer's memory of these weights."""
        self.inner_optimizer.build(weights)

    def adopt(
        self,
        weights: Sequence[Tensor],
        slots: Sequence[Slots],
        sums: Sequence[Tensor] | None = None,
    ) -> None:
        """Lets the inner optimizer go on with memory made elsewhere."""
        self.inner_optimizer.adopt(weights, slots, sums)

    def memory(self) -> Memory:
        """Weights and slots of the inner optimizer."""
        return self.inner_optimizer.memory()

    def make_slots(self, weight: Tensor) -> Slots:
        """The inner optimizer's memory of one weight."""
        return self.inner_optimizer.make_slots(weight)

    def scale_loss(self, loss: Tensor) -> Tensor:
        """The loss times the present scale."""
        return loss * self.dynamic_scale.to(loss.device)

    def apply(
        self,
        grads: Sequence[Tensor | None],
        trainable_variables: Sequence[Tensor] | None = None,
    ) -> None:
        """Unscales the gradients and makes one update, or skips it where one is not finite."""
        present = [gradient for gradient in grads if gradient is not None]
        if trainable_variables is not None:
            self.build(trainable_variables)
        is_finite = all(bool(torch.isfinite(gradient).all()) for gradient in present)
        if is_finite:
            scale = float(self.dynamic_scale)
            unscaled = [None if gradient is None else gradient / scale for gradient in grads]
            self.inner_optimizer.apply(unscaled, trainable_variables)
        self.adapt(torch.tensor(is_finite, device=self.dynamic_scale.device))

    def adapt(self, is_finite: Tensor) -> None:
        """Moves the scale after gradients that were finite, or not; reads nothing back."""
        is_due = is_finite & (self.step_counter == self.dynamic_growth_steps - 1)
        factor = torch.where(is_finite, torch.where(is_due, 2.0, 1.0), 0.5)
        self.dynamic_scale.mul_(factor)
        self.step_counter.add_(1).mul_(is_finite & ~is_due)

    def finalize_variable_values(self, var_list: Iterable[Tensor]) -> None:
        """With averaging, replaces the weights by their moving averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def state(self) -> dict[str, Tensor]:
        """The scale, the finite updates in a row, and the state of the inner optimizer."""
        inner = {f"inner/{key}": value for key, value in self.inner_optimizer.state().items()}
        own = {"dynamic_scale": self.dynamic_scale, "step_counter": self.step_counter}
        return {**{key: value.as_subclass(Tensor) for key, value in own.items()}, **inner}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Overwrites everything with what `state` returned.

        Raises:
            ArgumentError: Names or shapes differ.
        """
        inner = {
            key.removeprefix("inner/"): value
            for key, value in state.items()
            if key.startswith("inner/")
        }
        self.inner_optimizer.load_state(inner)
        self.dynamic_scale.assign(state["dynamic_scale"])
        self.step_counter.assign(state["step_counter"])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return {
            "name": self.name,
            "inner_optimizer": configured.recipe(self.inner_optimizer, "keras.optimizers"),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new optimizer around the inner one; `names.deserialize` makes the inner one."""
        return cls(**config)


def _refuse_settings(old: dict[str, Any]) -> None:
    for word, value in old.items():
        if word in Settings.__annotations__ and value in (None, False):
            continue
        if word == "dynamic" and value:
            continue
        raise ArgumentError(
            f"LossScaleOptimizer({word}={names.shown(value)}) is not possible.",
            expected="inner_optimizer, initial_scale, dynamic_growth_steps and name only.",
            fix=f"give {word} to the inner optimizer.",
        )

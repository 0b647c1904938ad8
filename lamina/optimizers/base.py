"""Optimizer: an update rule on tensors, with Keras's settings around it.

The rule itself (`update`) never looks at the host: what changes from update to update comes as
tensors from `coefficients`. Loops written by hand use `apply`, which lives in eager.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from lamina.core import calls, checks, configured, names
from lamina.core.errors import StateError
from lamina.core.variables import Variable
from lamina.optimizers import eager, exclusion, rate, schedules, wrappers
from lamina.optimizers.memory import Memory, Slots, blank_sums
from lamina.optimizers.settings import (
    argument_names,
    optional,
    refuse_old_names,
    refuse_other_state,
    refuse_two_clips,
)


class Optimizer:
    """Changes weights against their gradients; subclasses hold the rule.

    A subclass sets `elementwise`, makes its memory in `own_slots`, computes what varies with the
    update number in `own_coefficients` and changes the weight in place in `formula_update`.

    Args:
        learning_rate: Step size, above 0; a schedule; or a function without arguments.
        weight_decay: Share, times the learning rate, that each update takes off the weights.
        clipnorm: Greatest length of each weight's gradient.
        clipvalue: Greatest size of each value of the gradients.
        global_clipnorm: Greatest length of all gradients together.
        use_ema: Whether a moving average of the weights is kept.
        ema_momentum: Share of the old average kept at each update, 0 to 1.
        ema_overwrite_frequency: Updates after which the average replaces the weights; `None`
            for only at the end of training.
        loss_scale_factor: What the loss is multiplied by and the gradients divided by.
        gradient_accumulation_steps: Batches whose mean gradient makes one update.
        name: Name in messages. Chosen automatically when `None`.

    Raises:
        ArgumentError: An argument is unknown or has no possible value.
        StateError: A call came too early, or a schedule keeps the learning rate from being set.
    """

    elementwise: ClassVar[bool] = False
    capturable: ClassVar[bool] = True
    adapts_scale: ClassVar[bool] = False
    _watched: frozenset[str]
    _changes: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Arguments that a constructor does not know are refused by name."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)

    def __init__(
        self,
        learning_rate: Any,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **old: Any,
    ) -> None:
        self.__dict__["_watched"] = frozenset(argument_names(type(self)))
        self.__dict__["_changes"] = 0
        refuse_old_names(self, old)
        self._rate = rate.checked(self, learning_rate)
        self.weight_decay = optional(self, "weight_decay", weight_decay, 0.004, open_low=False)
        self.clipnorm = optional(self, "clipnorm", clipnorm, 1.0)
        self.clipvalue = optional(self, "clipvalue", clipvalue, 0.5)
        self.global_clipnorm = optional(self, "global_clipnorm", global_clipnorm, 1.0)
        self.use_ema = checks.boolean(self, "use_ema", use_ema)
        self.ema_momentum = checks.number(self, "ema_momentum", ema_momentum, low=0.0, high=1.0)
        if ema_overwrite_frequency is not None:
            ema_overwrite_frequency = checks.positive_int(
                self, "ema_overwrite_frequency", ema_overwrite_frequency
            )
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = optional(self, "loss_scale_factor", loss_scale_factor, 1024.0)
        if gradient_accumulation_steps is not None:
            gradient_accumulation_steps = checks.whole(
                self, "gradient_accumulation_steps", gradient_accumulation_steps, low=2
            )
        self.gradient_accumulation_steps = gradient_accumulation_steps
        if name is not None and not isinstance(name, str):
            raise checks.refuse(
                self, "name", name, expected="'name' as text.", fix='pass name="adam".'
            )
        self.name = name or names.unique(names.to_snake_case(type(self).__name__))
        self._seen_rate = self._constant()
        self._excluded = exclusion.Excluded()
        self._memory: Memory | None = None
        self._calls = 0
        refuse_two_clips(self)

    def __setattr__(self, key: str, value: Any) -> None:
        super().__setattr__(key, value)
        if key in self._watched:
            self.__dict__["_changes"] += 1

    # -- the rule ----------------------------------------------------------------------------

    def own_slots(self, weight: Tensor) -> Slots:
        """New memory of one weight, or of one flat buffer of weights."""
        return {}

    def own_coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """What else varies with the update number, in float64."""
        return {}

    def formula_update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place with plain torch operations; can be vmapped.

        With `elementwise`, a stack of members with coefficients (members, 1) works as well, and
        is faster.
        """
        raise StateError(
            f"optimizer {type(self).__name__} has no rule.",
            expected="a method formula_update(self, weight, gradient, slots, coefficients).",
            fix="write the update with in-place torch operations in that method.",
        )

    def update(
        self, weight: Tensor, gradient: Tensor, slots: Slots, coefficients: Mapping[str, Tensor]
    ) -> None:
        """Changes weight and slots in place, by the fastest way there is.

        Args:
            weight: One weight; with `elementwise`, also one flat buffer of many.
            gradient: Its gradient, left unchanged.
            slots: What `make_slots` made for it.
            coefficients: One entry of each tensor that `coefficients` returned.
        """
        self.formula_update(weight, gradient, slots, coefficients)

    def make_slots(self, weight: Tensor) -> Slots:
        """New memory of one weight: that of the rule, and the moving average if wanted.

        Args:
            weight: The weight itself (some rules look at its path), or a flat buffer.
        """
        slots = self.own_slots(weight)
        return {**slots, "average": torch.zeros_like(weight)} if self.use_ema else slots

    def coefficients(self, updates: Tensor, learning_rate: Tensor) -> dict[str, Tensor]:
        """Everything that varies with the update number, for many updates at once.

        Args:
            updates: Update numbers, the first update being 1; (n,), float64.
            learning_rate: What `rate_at` gives for them; (n,), float64.

        Returns:
            Tensors (n,) by name, float32 (float64 where that is the default float).
            "learning_rate" is always there; "shrink" with weight decay; "ema_momentum" and
            "ema_overwrite" with averaging.
        """
        terms = {"learning_rate": learning_rate, **self.own_coefficients(updates, learning_rate)}
        if self.weight_decay is not None:
            terms["shrink"] = learning_rate * self.weight_decay
        if self.use_ema:
            terms["ema_momentum"] = (updates > 1) * self.ema_momentum
            if self.ema_overwrite_frequency:
                terms["ema_overwrite"] = updates % self.ema_overwrite_frequency == 0
        kind = rate.variable(0.0).dtype
        return {key: term.to(kind) for key, term in terms.items()}

    def groups(self, weights: Sequence[Tensor]) -> list[tuple["Optimizer", list[Tensor]]]:
        """The weights with the optimizer that changes them: here all with this one."""
        return [(self, list(weights))]

    # -- around the rule ---------------------------------------------------------------------

    def clip_gradients(self, gradients: Sequence[Tensor]) -> None:
        """Clips gradients in place as `clipnorm`, `global_clipnorm` or `clipvalue` say."""
        if self.clipnorm is not None:
            wrappers.clip_each_norm(gradients, self.clipnorm)
        elif self.global_clipnorm is not None:
            wrappers.clip_global_norm(gradients, self.global_clipnorm)
        elif self.clipvalue is not None:
            wrappers.clip_value(gradients, self.clipvalue)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Tensor] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Keeps weights out of weight decay.

        Args:
            var_list: Weights to leave alone.
            var_names: Patterns; a weight whose own name ("kernel", "bias") contains one is left
                alone.

        Raises:
            StateError: The optimizer has already been built.
        """
        if self.built:
            raise StateError(
                f"exclude_from_weight_decay() was called on {self.name!r} after its first use.",
                expected="the call before the optimizer is built.",
                fix="call it right after the optimizer is made.",
            )
        self._excluded = exclusion.Excluded.of(var_list, var_names)
        self.__dict__["_changes"] += 1

    def decay_key(self, weight: Tensor) -> str | None:
        """Name of the coefficient that shrinks this weight, or `None` where none does."""
        return None if self.weight_decay is None or weight in self._excluded else "shrink"

    def scale_loss(self, loss: Tensor) -> Tensor:
        """The loss times `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # -- learning rate and counters ----------------------------------------------------------

    @property
    def learning_rate(self) -> Variable:
        """The present learning rate: a tensor without axes; assign to it or set it."""
        if isinstance(self._rate, Variable):
            return self._rate
        return rate.variable(rate.at(self._rate, torch.tensor([self._calls]))[0])

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate = rate.changed(self, self._rate, value)

    def rate_at(self, updates: Tensor) -> Tensor:
        """Learning rates of these updates, the first update being 1, in float64.

        With accumulation a schedule counts batches, as in Keras: update n comes with batch
        n * gradient_accumulation_steps.
        """
        return rate.at(self._rate, updates * (self.gradient_accumulation_steps or 1) - 1)

    @property
    def version(self) -> int:
        """A number that grows whenever the learning rate or another setting changed."""
        if self._constant() != self._seen_rate:
            self._seen_rate = self._constant()
            self.__dict__["_changes"] += 1
        return self._changes

    def _constant(self) -> float | None:
        return float(self._rate) if isinstance(self._rate, Variable) else None

    @property
    def iterations(self) -> int:
        """Number of updates made so far."""
        return self._calls // (self.gradient_accumulation_steps or 1)

    @iterations.setter
    def iterations(self, value: int) -> None:
        steps = self.gradient_accumulation_steps or 1
        self._calls = checks.whole(self, "iterations", value) * steps

    @property
    def calls(self) -> int:
        """Number of batches seen so far; with accumulation several make one update."""
        return self._calls

    @calls.setter
    def calls(self, value: int) -> None:
        self._calls = checks.whole(self, "calls", value)

    def note_call(self) -> None:
        """Counts one batch; the short way for the training loop."""
        self.__dict__["_calls"] += 1

    # -- loops written by hand ---------------------------------------------------------------

    @property
    def built(self) -> bool:
        """Whether the optimizer knows its weights."""
        return self._memory is not None

    def build(self, weights: Iterable[Tensor]) -> None:
        """Makes the memory of these weights; does nothing the second time."""
        if self._memory is None:
            weights = list(weights)
            slots = [self.make_slots(weight) for weight in weights]
            self.adopt(weights, slots)

    def adopt(
        self,
        weights: Sequence[Tensor],
        slots: Sequence[Slots],
        sums: Sequence[Tensor] | None = None,
    ) -> None:
        """Goes on with memory made elsewhere, such as views of a training step's flat buffers.

        Args:
            weights: The weights.
            slots: One dictionary a weight.
            sums: Accumulated gradients, one a weight; new ones when `None`.
        """
        weights = list(weights)
        new = blank_sums(weights, self.gradient_accumulation_steps)
        self._memory = Memory(weights, list(slots), new if sums is None else list(sums))

    def apply(
        self,
        grads: Sequence[Tensor | None],
        trainable_variables: Sequence[Tensor] | None = None,
    ) -> None:
        """Makes one update: clipping, weight decay, rule, averaging, constraints.

        Args:
            grads: One gradient a weight; weights without one (`None`) keep their values.
            trainable_variables: The weights; those of `build` when `None`.

        Raises:
            ArgumentError: Gradients and weights do not fit together.
            StateError: No weights are known yet.
        """
        eager.apply(self, grads, trainable_variables)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Tensor | None, Tensor]]) -> int:
        """Makes one update from pairs of gradient and weight; returns `iterations`."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [weight for _, weight in pairs])
        return self.iterations

    def finalize_variable_values(self, var_list: Iterable[Tensor]) -> None:
        """With averaging, replaces the weights by their moving averages."""
        if not self.use_ema:
            return
        memory = self.memory()
        with torch.no_grad():
            for weight in var_list:
                weight.copy_(memory.slots[memory.index[id(weight)]]["average"])

    def memory(self) -> Memory:
        """Weights and slots.

        Raises:
            StateError: The optimizer has not been built.
        """
        if self._memory is None:
            raise StateError(
                f"optimizer {self.name!r} does not know its weights yet.",
                expected="a call of build(weights) or of apply(gradients, weights) first.",
                fix=f"{self.name}.build(model.trainable_variables).",
            )
        return self._memory

    # -- state and configuration -------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """Count of batches, learning rate and all memory, as tensors."""
        return [Variable(tensor) for tensor in self.state().values()]

    def state(self) -> dict[str, Tensor]:
        """Everything that a resumed run needs, by name; the tensors are not copies."""
        named = {"calls": torch.tensor(self._calls)}
        if isinstance(self._rate, Variable):
            named["learning_rate"] = self._rate.as_subclass(Tensor)
        return {**named, **(self._memory.tensors() if self._memory else {})}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Overwrites everything with what `state` returned, in place.

        Raises:
            ArgumentError: Names or shapes differ; nothing is changed then.
        """
        own = self.state()
        refuse_other_state(self, own, state)
        with torch.no_grad():
            for key, tensor in own.items():
                tensor.copy_(state[key])
        self._calls = int(own["calls"])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        arguments = [key for key in argument_names(type(self)) if key != "learning_rate"]
        given = {key: configured.plain(getattr(self, key)) for key in arguments}
        return {"learning_rate": rate.recipe(self._rate), **given}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new optimizer with these arguments."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), Mapping):
            config["learning_rate"] = schedules.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)

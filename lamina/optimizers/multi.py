"""MultiOptimizer: several optimizers, each for some of the weights."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, NoReturn, Self

import torch
from torch import Tensor

from lamina.core import configured, names
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.optimizers.base import Optimizer
from lamina.optimizers.exclusion import path_of
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.memory import Slots


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Says which optimizer a weight takes, by patterns of the weight's path.

    Args:
        default_optimizer: For weights that no pattern fits.
        optimizer_map: Optimizers by regular expression; one that fits the whole path
            ("dense/kernel") decides.

    Raises:
        ArgumentError: Two patterns fit one path, a pattern is set twice, or an optimizer cannot
            be one of several.
        ArgumentTypeError: A key is no text or a value is no optimizer.

    Example:
        >>> optimizers = OptimizerMap(Adam(), {"embedding.*": SGD(0.1)})
    """

    def __init__(
        self,
        default_optimizer: Optimizer,
        optimizer_map: Mapping[str, Optimizer] | None = None,
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            _refuse_optimizer("default_optimizer", default_optimizer)
        if optimizer_map is not None and not isinstance(optimizer_map, Mapping):
            raise ArgumentTypeError(
                f"OptimizerMap(optimizer_map={names.shown(optimizer_map)}) is not possible.",
                expected="a dictionary of patterns and optimizers.",
                fix='pass for example {"embedding.*": keras.optimizers.SGD(0.1)}.',
            )
        self.default_optimizer = default_optimizer
        self._by_pattern: dict[str, Optimizer] = {}
        for pattern, optimizer in (optimizer_map or {}).items():
            self[pattern] = optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._by_pattern:
            return self._by_pattern[key]
        fitting = [pattern for pattern in self._by_pattern if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ArgumentError(
                f"weight {key!r} fits {len(fitting)} patterns: {', '.join(fitting)}.",
                expected="one pattern for each weight.",
                fix="make the patterns of the OptimizerMap narrower.",
            )
        return self._by_pattern[fitting[0]] if fitting else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ArgumentTypeError(
                f"OptimizerMap received {names.shown(key)} as a pattern.",
                expected="text, a regular expression of paths.",
                fix='use for example "dense/.*".',
            )
        if key in self._by_pattern:
            raise ArgumentError(
                f"OptimizerMap already has the pattern {key!r}.",
                expected="each pattern once.",
                fix=f"delete it first: del optimizers[{key!r}].",
            )
        if not isinstance(optimizer, Optimizer):
            _refuse_optimizer(key, optimizer)
        _refuse_nested(optimizer)
        self._by_pattern[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._by_pattern[key]

    def __len__(self) -> int:
        return len(self._by_pattern)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_pattern)

    def __call__(self, variable: Tensor) -> Optimizer:
        """The optimizer of this weight."""
        return self[path_of(variable)]

    def get_config(self) -> dict[str, Any]:
        """Default and patterns with their optimizers as plain data."""
        return {
            "default_optimizer": configured.recipe(self.default_optimizer, "keras.optimizers"),
            "optimizer_map": {
                pattern: configured.recipe(optimizer, "keras.optimizers")
                for pattern, optimizer in self._by_pattern.items()
            },
        }


class MultiOptimizer(Optimizer):
    """Hands each weight to the optimizer that a map chooses for it.

    Args:
        optimizer_map: An `OptimizerMap`, or a function from a weight to its optimizer.
        loss_scale_factor: What the loss is multiplied by and the gradients divided by.
        name: Name in messages. Chosen automatically when `None`.

    Raises:
        ArgumentError: An optimizer cannot be one of several.
        StateError: The learning rate of all of them is asked for or set.
    """

    def __init__(
        self,
        optimizer_map: Callable[[Tensor], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(1.0, loss_scale_factor=loss_scale_factor, name=name)
        self.optimizer_map = optimizer_map
        self._optimizers: list[Optimizer] = []
        if not isinstance(optimizer_map, OptimizerMap) and (
            not callable(optimizer_map) or isinstance(optimizer_map, Tensor)
        ):
            _refuse_optimizer("optimizer_map", optimizer_map)
        for optimizer in getattr(optimizer_map, "values", list)():
            self._enlist(optimizer)
        default = getattr(optimizer_map, "default_optimizer", None)
        if default is not None:
            self._enlist(default)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, those of patterns first."""
        return list(self._optimizers)

    @property  # type: ignore[override]  # there is none
    def learning_rate(self) -> NoReturn:
        """Each optimizer has its own."""
        self._refuse_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._refuse_rate()

    @property
    def version(self) -> int:
        """A number that grows whenever a setting of any of the optimizers changed."""
        return self._changes + sum(optimizer.version for optimizer in self._optimizers)

    def groups(self, weights: Sequence[Tensor]) -> list[tuple[Optimizer, list[Tensor]]]:
        """The weights of each optimizer; optimizers without weights are left out."""
        chosen = [(self._enlist(self.optimizer_map(weight)), weight) for weight in weights]
        groups = [
            (optimizer, [weight for own, weight in chosen if own is optimizer])
            for optimizer in self._optimizers
        ]
        return [(optimizer, own) for optimizer, own in groups if own]

    def make_slots(self, weight: Tensor) -> Slots:
        """Memory of one weight, made by its own optimizer."""
        return self._enlist(self.optimizer_map(weight)).make_slots(weight)

    def build(self, weights: Iterable[Tensor]) -> None:
        """Lets each optimizer make its memory of its weights; nothing the second time."""
        weights = list(weights)
        if self._memory is None:
            for optimizer, own in self.groups(weights):
                optimizer.build(own)
            self.adopt(weights, [{} for _ in weights])

    def apply(
        self,
        grads: Sequence[Tensor | None],
        trainable_variables: Sequence[Tensor] | None = None,
    ) -> None:
        """Makes one update of each weight with its own optimizer."""
        if not len(grads):
            return
        if trainable_variables is not None:
            self.build(trainable_variables)
        weights = list(trainable_variables or self.memory().weights)
        if len(grads) != len(weights):
            raise ArgumentError(
                f"{self.name} received {len(grads)} gradients for {len(weights)} weights.",
                expected="one gradient a weight, None where there is none.",
                fix="pass for example [w.grad for w in weights] with the same weights.",
            )
        gradient_of = {
            id(weight): gradient for gradient, weight in zip(grads, weights, strict=True)
        }
        for optimizer, own in self.groups(weights):
            optimizer.apply([gradient_of[id(weight)] for weight in own], own)
        self.calls += 1

    def finalize_variable_values(self, var_list: Iterable[Tensor]) -> None:
        """With averaging, replaces weights by their moving averages."""
        for optimizer, own in self.groups(list(var_list)):
            optimizer.finalize_variable_values(own)

    def state(self) -> dict[str, Tensor]:
        """State of every optimizer, by its number."""
        own = {"calls": torch.tensor(self.calls)}
        for i, optimizer in enumerate(self._optimizers):
            own.update({f"{i}/{key}": value for key, value in optimizer.state().items()})
        return own

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Overwrites everything with what `state` returned.

        Raises:
            ArgumentError: Names or shapes differ.
        """
        for i, optimizer in enumerate(self._optimizers):
            start = f"{i}/"
            optimizer.load_state(
                {key.removeprefix(start): v for key, v in state.items() if key.startswith(start)}
            )
        self.calls = int(state["calls"])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return {
            "optimizer_map": configured.recipe(self.optimizer_map, "keras.optimizers"),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new optimizer around the map; `names.deserialize` makes the map."""
        return cls(**config)

    def _enlist(self, optimizer: Optimizer) -> Optimizer:
        if not isinstance(optimizer, Optimizer):
            _refuse_optimizer("optimizer_map", optimizer)
        if all(optimizer is not known for known in self._optimizers):
            _refuse_nested(optimizer)
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._optimizers.append(optimizer)
        return optimizer

    def _refuse_rate(self) -> NoReturn:
        raise StateError(
            f"{self.name} has no learning rate of its own.",
            expected="the learning rate of one of its optimizers.",
            fix=f"use {self.name}.optimizers[0].learning_rate.",
        )


def _refuse_optimizer(name: str, value: Any) -> NoReturn:
    raise ArgumentTypeError(
        f"{name!r} is {names.shown(value)}, not an optimizer.",
        expected="an object of an optimizer class.",
        fix="pass for example keras.optimizers.Adam().",
    )


def _refuse_nested(optimizer: Optimizer) -> None:
    if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ArgumentError(
            f"{type(optimizer).__name__} cannot be one of several optimizers.",
            expected="optimizers that change weights themselves.",
            fix="put the MultiOptimizer inside, or set loss_scale_factor on it.",
        )

"""Metric: numbers about a run, kept as totals in tensors on the device.

Updating reads nothing back; only who looks at `result()` waits for the device.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.core import calls, checks, dtypes, names
from lamina.core.constructors import arguments_of
from lamina.core.errors import ArgumentError, StateError
from lamina.core.variables import Variable

Initializer = str | Callable[..., Any] | None
_BASE_ARGUMENTS = ("name", "dtype")


class Metric:
    """Gathers a number over many batches, exactly: totals and counts, never means of means.

    A subclass creates its state with `add_variable` in the constructor, adds to it in
    `update_state` and computes from it in `result`.

    Args:
        dtype: The dtype to compute in; the default float when `None`.
        name: Name in logs. Chosen automatically when `None`. May also come first.

    Raises:
        StateError: A subclass used the metric before calling `super().__init__()`.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest"):
        ...         super().__init__(name=name)
        ...         self.peak = self.add_weight(name="peak", initializer="zeros")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.peak.assign(torch.maximum(self.peak, y_pred.max()))
        ...     def result(self):
        ...         return self.peak
        >>> Largest()(torch.zeros(2), torch.tensor([1.0, 3.0])).item()
        3.0
    """

    # Whether the totals are fractions, which whole numbers cannot hold.
    _is_fraction = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Arguments that a constructor does not know are refused by name."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        if isinstance(dtype, str) and dtypes.name_of(dtype) not in dtypes.TORCH_DTYPES:
            dtype, name = name, dtype  # Metric("name"), as older programs write it
        self._variables: list[Variable] = []
        self._first_values: dict[int, Tensor] = {}
        self._constants: list[Tensor] = []
        self._device = torch.device("cpu")
        self._metrics: list[Metric] = []
        own_name = names.to_snake_case(type(self).__name__)
        self.name = checks.label(self, name) or names.unique(own_name)
        self.dtype = dtypes.policy(dtypes.floatx() if dtype is None else dtype).compute_dtype
        if self._is_fraction and not dtypes.to_torch(self.dtype).is_floating_point:
            raise _no_fractions(self, dtype)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if "_metrics" not in self.__dict__:
            return
        if isinstance(value, Metric) and not _holds(self._metrics, value):
            self._metrics.append(value)
        if isinstance(value, Variable) and not _holds(self._variables, value):
            self._variables.append(value)

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Initializer = "zeros",
        dtype: Any = None,
        name: str | None = None,
        *,
        aggregation: str | None = None,
    ) -> Variable:
        """Creates state that lives as long as the metric and that `reset_state` starts again.

        Args:
            shape: Its axes.
            initializer: "zeros", "ones", or a function of (shape, dtype).
            dtype: Its dtype; the metric's when `None`.
            name: Its name.
            aggregation: Accepted for programs written for Keras; has no effect.

        Returns:
            A tensor with `assign` and `assign_add`.

        Raises:
            ArgumentError: The initializer is unknown.
            StateError: `super().__init__()` was not called before.
        """
        if "_variables" not in self.__dict__:
            raise StateError(
                f"{type(self).__name__} adds a variable before super().__init__() was called.",
                expected="super().__init__(name=name) as the first line of __init__.",
                fix="move super().__init__(name=name) to the top of __init__.",
            )
        dtype = dtypes.to_torch(dtype or self.dtype)
        values = _initial(self, tuple(shape), initializer, dtype).to(self._device)
        variable = Variable(values)
        variable.path = f"{self.name}/{name or 'variable'}"
        if initializer not in ("zeros", None):
            self._first_values[id(variable)] = values.clone()
        self._variables.append(variable)
        return variable

    def add_weight(self, *arguments: Any, **named: Any) -> Variable:
        """The same as `add_variable`, under Keras's older name; the name may come first."""
        if arguments and isinstance(arguments[0], str):
            named["name"], arguments = arguments[0], arguments[1:]
        return self.add_variable(*arguments, **named)

    def add_constant(self, values: Any) -> Tensor:
        """Keeps a tensor that never changes beside the state, on the same device."""
        constant = torch.as_tensor(values, device=self._device)
        self._constants.append(constant)
        return constant

    def build(self, target_shape: Sequence[int], output_shape: Sequence[int]) -> None:
        """Creates state whose shape depends on the data; most metrics have none.

        A step calls it before it is captured. Otherwise the first update does.
        """

    @property
    def variables(self) -> list[Variable]:
        """All state, that of metrics inside this one included."""
        inner = [variable for metric in self._metrics for variable in metric.variables]
        return [*self._variables, *inner]

    def reset_state(self) -> None:
        """Sets all state back to where it began, in place."""
        with torch.no_grad():
            for variable in self._variables:
                first = self._first_values.get(id(variable))
                variable.zero_() if first is None else variable.copy_(first)
        for metric in self._metrics:
            metric.reset_state()

    def to(self, device: torch.device | str) -> "Metric":
        """Moves all state to a device; the variables stay the same objects."""
        for tensor in [*self._variables, *self._constants, *self._first_values.values()]:
            tensor.data = tensor.data.to(device)
        self._device = torch.empty(0, device=device).device
        for metric in self._metrics:
            metric.to(device)
        return self

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Adds a batch to the state; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}.update_state(y_true, y_pred)")

    def result(self) -> Any:
        """Computes the metric from the state; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}.result()")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a batch and returns the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, read from the attributes of the same names."""
        return arguments_of(self, also=_BASE_ARGUMENTS)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Metric":
        """An equal metric with fresh state."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _no_fractions(owner: Metric, dtype: Any) -> ArgumentError:
    return checks.refuse(
        owner,
        "dtype",
        dtype,
        expected="a dtype for fractions: float16, bfloat16, float32 or float64.",
        fix='leave dtype out, or pass dtype="float32".',
    )


def beside(metric: Metric, tensor: Tensor) -> None:
    """Moves a metric to the device of the values it is about to receive."""
    if metric._device != tensor.device:
        metric.to(tensor.device)


def _holds(things: list[Any], wanted: object) -> bool:
    return any(thing is wanted for thing in things)


def _initial(
    owner: Metric, shape: tuple[int, ...], initializer: Initializer, dtype: torch.dtype
) -> Tensor:
    if initializer in ("zeros", None):
        return torch.zeros(shape, dtype=dtype)
    if initializer == "ones":
        return torch.ones(shape, dtype=dtype)
    if not callable(initializer):
        raise ArgumentError(
            f"metric {owner.name!r} has no initializer {names.shown(initializer)}.",
            expected='"zeros", "ones", or a function of (shape, dtype).',
            fix='pass initializer="zeros".',
        )
    maker = initializer() if isinstance(initializer, type) else initializer
    return torch.as_tensor(maker(shape, dtype=dtype)).detach().to(dtype, copy=True)

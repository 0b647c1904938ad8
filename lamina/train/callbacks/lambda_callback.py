"""LambdaCallback: functions in the place of hooks."""

import inspect
from collections.abc import Callable
from typing import Any

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import shown, suggestion
from lamina.train.callbacks.base import Callback

Hook = Callable[..., Any] | None
_NAMES = [name for name in vars(Callback) if name.startswith("on_")]


class LambdaCallback(Callback):
    """Calls functions of the user where a callback's methods would be called.

    Functions for the end of a batch get the numbers so far, which waits for the device; use
    those for the end of an epoch where they will do.

    Args:
        on_epoch_begin: Called with (epoch, logs).
        on_epoch_end: Called with (epoch, logs).
        on_train_begin: Called with (logs).
        on_train_end: Called with (logs).
        on_train_batch_begin: Called with (batch, logs).
        on_train_batch_end: Called with (batch, logs).
        **others: Functions for any other hook of `Callback`, by its name.

    Raises:
        ArgumentError: There is no hook of this name.
        ArgumentTypeError: A hook is no function.

    Example:
        >>> spoken = LambdaCallback(on_epoch_end=lambda epoch, logs: logs["loss"])
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **others: Hook,
    ) -> None:
        super().__init__()
        named = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **others,
        }
        for name, function in named.items():
            if function is not None:
                setattr(self, name, _checked(name, function))


def _checked(name: str, function: Any) -> Callable[..., Any]:
    if name not in _NAMES:
        raise ArgumentError(
            f"LambdaCallback has no hook {name!r}.",
            expected=f"one of {', '.join(_NAMES)}.",
            fix=suggestion(name, _NAMES),
        )
    if not callable(function):
        raise ArgumentTypeError(
            f"LambdaCallback({name}={shown(function)}) is not possible.",
            expected="a function.",
            fix=f"pass for example {name}=lambda *arguments: None.",
        )
    wanted = list(inspect.signature(getattr(Callback, name)).parameters)[1:]
    try:
        inspect.signature(function).bind(*wanted)
    except ValueError:  # functions written in C may have no signature
        return function
    except TypeError as reason:
        raise ArgumentTypeError(
            f"LambdaCallback({name}=...) cannot be called with ({', '.join(wanted)}): {reason}.",
            expected=f"a function of ({', '.join(wanted)}).",
            fix=f"pass for example {name}=lambda {', '.join(wanted)}: None.",
        ) from reason
    return function

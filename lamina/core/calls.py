"""Calls with misspelled, missing or spare arguments: refused by name, with the nearest name.

A call that fits costs nothing but one more Python call: its arguments are not looked at.
"""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown, suggestion

Function = TypeVar("Function", bound=Callable[..., Any])
_OWN = "lamina."
_UNKNOWN = re.compile(r"got an unexpected keyword argument '(\w+)'")


def explained(function: Function) -> Function:
    """The same function or method; a call that Python cannot bind raises an error of this library.

    Its signature and documentation stay as they are. An error inside of the function passes
    through untouched.
    """

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            traceback = error.__traceback__
            if traceback is None or traceback.tb_next is not None:
                raise
            problem = _unbound(function, args, str(error))
        raise problem

    return called  # type: ignore[return-value]  # what functools.wraps makes of it


def explain_constructor(kind: type) -> None:
    """Does the same to the constructor of a class of this library, where it has one of its own."""
    if "__init__" in vars(kind) and kind.__module__.startswith(_OWN):
        kind.__init__ = explained(kind.__init__)  # type: ignore[misc]  # same signature


def _unbound(function: Callable[..., Any], args: tuple[Any, ...], reason: str) -> ArgumentTypeError:
    name = function.__name__
    if name == "__init__" and args:
        name = type(args[0]).__name__
    known = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name != "self"
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    expected = f"arguments among {', '.join(known)}." if known else "no arguments."
    unknown = _UNKNOWN.search(reason)
    if unknown:
        return ArgumentTypeError(
            f"{name}() has no argument {shown(unknown[1])}.",
            expected=expected,
            fix=suggestion(unknown[1], known),
        )
    what = re.sub(r"^[\w.<>]+\(\) ", "", reason)
    return ArgumentTypeError(
        f"{name}() {what}."[:200], expected=expected, fix=f"compare the call with help({name})."
    )

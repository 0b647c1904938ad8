"""Objects that can be written down as their constructor's arguments, and made again from them."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import torch

from lamina.core import calls
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import look_up, shown, suggestion

Recipe = dict[str, Any]


class Configured:
    """Keeps each constructor argument under its own name and is rebuilt from them.

    Subclasses store every argument of `__init__` as the attribute of the same name.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Arguments that a constructor does not know are refused by name."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)

    def get_config(self) -> Recipe:
        """The constructor's arguments as plain data."""
        return {name: plain(getattr(self, name)) for name in argument_names(type(self))}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object with these arguments."""
        return cls(**config)

    def clone(self) -> Self:
        """A new object with the same arguments."""
        return self.from_config(self.get_config())

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def argument_names(kind: type) -> list[str]:
    """Names of the arguments that the class's constructor takes one by one."""
    if kind.__init__ is object.__init__:  # type: ignore[misc]  # this very class's
        return []
    single = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    signature = inspect.signature(kind.__init__)  # type: ignore[misc]  # this very class's
    parameters = list(signature.parameters.values())[1:]
    return [parameter.name for parameter in parameters if parameter.kind in single]


def plain(value: Any) -> Any:
    """The value as data that JSON can hold; objects with a configuration become recipes."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, torch.Tensor):
        return value.detach().tolist()
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    return value


def recipe(thing: Any, namespace: str) -> Recipe:
    """How Keras writes an object of `namespace` down: module, class and configuration."""
    return {
        "module": namespace,
        "class_name": type(thing).__name__,
        "config": thing.get_config(),
        "registered_name": None,
    }


def make(
    kind: str,
    word_or_recipe: str | Mapping[str, Any],
    table: Mapping[str, Any],
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Makes the object that a word or a recipe stands for.

    Args:
        kind: What the table holds, with its article: "an initializer".
        word_or_recipe: A name from the table, or {"class_name": ..., "config": ...}.
        table: Names and the classes or functions they stand for.
        custom_objects: Names that come before those of the table.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit the class.
    """
    table = {**table, **(custom_objects or {})}
    if isinstance(word_or_recipe, str):
        return _made(look_up(kind, word_or_recipe, table), {})
    word, config = word_or_recipe.get("class_name"), word_or_recipe.get("config") or {}
    if word == "function":
        word, config = config, {}
    if not isinstance(word, str):
        raise ArgumentError(
            f"{shown(dict(word_or_recipe))} does not say which object it means.",
            expected=f'{kind} as {{"class_name": ..., "config": ...}}.',
            fix="pass what serialize() returned.",
        )
    return _made(look_up(kind, word.rpartition(">")[2], table), config)


def _made(target: Any, config: Mapping[str, Any]) -> Any:
    if not isinstance(target, type):
        return target
    known = argument_names(target)
    unknown = [key for key in config if key not in known]
    if unknown and not _takes_any(target):
        raise ArgumentError(
            f"{target.__name__} has no argument {unknown[0]!r}.",
            expected=f"arguments among {', '.join(known) or 'none'}.",
            fix=suggestion(str(unknown[0]), known),
        )
    return target.from_config(config) if hasattr(target, "from_config") else target(**config)


def _takes_any(target: type) -> bool:
    """Whether the constructor takes arguments of any name."""
    signature = inspect.signature(target.__init__)  # type: ignore[misc]  # this very class's
    parameters = signature.parameters.values()
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)


def obtain(
    kind: str,
    identifier: Any,
    table: Mapping[str, Any],
    custom_objects: Mapping[str, Any] | None = None,
) -> Callable[..., Any]:
    """The callable meant by a word, a recipe, a class or the callable itself.

    Raises:
        ArgumentError: The name is unknown or the configuration does not fit the class.
        ArgumentTypeError: `identifier` is none of these things.
    """
    if isinstance(identifier, (str, Mapping)):
        return make(kind, identifier, table, custom_objects)
    if callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    word = next(iter(sorted(word for word in table if word.islower())))
    raise ArgumentTypeError(
        f"{shown(identifier)} is not {kind}.",
        expected="a name, a configuration, a function or an object.",
        fix=f'pass for example "{word}".',
    )

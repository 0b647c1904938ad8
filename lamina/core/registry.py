"""Names that a program gives its own classes and functions, so that configurations can name them.

Only what was registered in this process is ever found: no name is looked up by a module's path.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, TypeVar

from lamina.core import checks, kinds
from lamina.core.errors import ArgumentError

Target = TypeVar("Target")

_registered: dict[str, Any] = {}
_scopes: ContextVar[dict[str, Any]] = ContextVar("custom_objects", default={})  # noqa: B039 - never changed in place


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Target], Target]:
    """Gives the decorated class or function the name "package>name".

    Args:
        package: First part of the name.
        name: Second part; the object's own name when `None`.

    Returns:
        A decorator that returns what it decorates, unchanged.

    Raises:
        ArgumentError: A class has no `get_config`, or a part of the name is no text.

    Example:
        >>> @register_keras_serializable("mine")
        ... def halve(x):
        ...     return x / 2
        >>> get_registered_name(halve)
        'mine>halve'
    """
    for argument, value in (("package", package), ("name", name)):
        if not isinstance(value, str) and (argument, value) != ("name", None):
            raise checks.refuse(
                "register_keras_serializable",
                argument,
                value,
                expected=f"{argument!r} as text.",
                fix='write @register_keras_serializable(package="my_package").',
            )

    def register(target: Target) -> Target:
        named: Any = target  # a class or a function
        own = name if name is not None else named.__name__
        if isinstance(target, type) and not hasattr(target, "get_config"):
            raise ArgumentError(
                f"class {target.__name__} cannot be registered: it has no get_config().",
                expected="a class whose objects can be written down as a configuration.",
                fix=f"add def get_config(self): return {{...}} to {target.__name__}.",
            )
        _registered[f"{package}>{own}"] = target
        return target

    return register


def get_custom_objects() -> dict[str, Any]:
    """The registered names and what they stand for: the table itself, not a copy."""
    return _registered


def get_registered_name(obj: Any) -> str:
    """The name an object was registered under, or its own."""
    for name, target in _registered.items():
        if target is obj:
            return name
    return getattr(obj, "__name__", None) or type(obj).__name__


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The object of that name, or `None`.

    Scopes come first, then registered names, then the two tables.

    Args:
        name: A name such as "mine>halve".
        custom_objects: Further names and what they stand for.
        module_objects: The last place to look.
    """
    kinds.text("get_registered_object", "name", name, "mine>halve")
    for given, value in (("custom_objects", custom_objects), ("module_objects", module_objects)):
        if value is not None:
            kinds.arguments("get_registered_object", given, value)
    for table in (_scopes.get(), _registered, custom_objects or {}, module_objects or {}):
        if name in table:
            return table[name]
    return None


def known_objects() -> dict[str, Any]:
    """All names that can be used here: registered, with and without package, and in scope."""
    short = {name.rpartition(">")[2]: target for name, target in _registered.items()}
    return {**short, **_registered, **_scopes.get()}


class CustomObjectScope:
    """Makes names usable in configurations for a `with` block; scopes add up.

    Args:
        custom_objects: Names and the classes or functions they stand for.

    Raises:
        ArgumentError: `custom_objects` is no dict.

    Example:
        >>> with CustomObjectScope({"twice": lambda x: 2 * x}):
        ...     get_registered_object("twice")(4)
        8
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        if custom_objects is not None and not isinstance(custom_objects, Mapping):
            raise checks.refuse(
                self,
                "custom_objects",
                custom_objects,
                expected="'custom_objects' as a dict from names to classes or functions.",
                fix='pass for example {"MyLayer": MyLayer}.',
            )
        self.custom_objects = dict(custom_objects or {})
        self._tokens: list[Token] = []

    def __enter__(self) -> "CustomObjectScope":
        self._tokens.append(_scopes.set({**_scopes.get(), **self.custom_objects}))
        return self

    def __exit__(self, *_: object) -> None:
        _scopes.reset(self._tokens.pop())


custom_object_scope = CustomObjectScope

"""Public names that are imported when somebody first uses them.

A package's `__init__` lists where its names live; `import lamina` then costs next to nothing, and
a program pays for the parts it uses.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from lamina.core import absent

Getter = Callable[[str], Any]
"""What a module defines as `__getattr__`."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keeps the garbage collector, which would look through all of torch, out of an import."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def imported_later(package: str, places: dict[str, str]) -> Getter:
    """A module's `__getattr__` that imports names from where they live, once.

    The module also gets a `__dir__` that lists these names, imported or not.

    Args:
        package: The package's own name.
        places: Full module names, and the names found there, separated by spaces; a name may be
            given as "public=own". The module itself can be got by the last part of its name.
    """
    table: dict[str, tuple[str, str | None]] = {}
    for module, names in places.items():
        for name in names.split():
            public, _, own = name.partition("=")
            table[public] = (module, own or public)
        table.setdefault(module.rpartition(".")[2], (module, None))

    def get(name: str) -> Any:
        if name not in table:
            if name.startswith("__"):  # what Python itself looks for
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            raise absent.missing_name(package, name, held["__dir__"]())
        module, own = table[name]
        with _no_collection():
            found = import_module(module)
        value = found if own is None else getattr(found, own)
        setattr(sys.modules[package], name, value)
        return value

    children = [name for name, place in table.items() if place == (f"{package}.{name}", None)]
    held = vars(sys.modules[package])
    held["__dir__"] = lambda: sorted({*held, *held.get("__all__", table), *children})
    return get


def nothing_later(package: str) -> Getter:
    """A module's `__getattr__` for a module that has all its names: says which name comes near."""

    def get(name: str) -> Any:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        raise absent.missing_name(package, name, dir(sys.modules[package]))

    return get

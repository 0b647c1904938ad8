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
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, own = table[name]
        with _no_collection():
            found = import_module(module)
        value = found if own is None else getattr(found, own)
        setattr(sys.modules[package], name, value)
        return value

    return get

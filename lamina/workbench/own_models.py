"""A model of the user's own: the function named in "file.py:build" makes it."""

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.names import shown, suggestion
from lamina.data.dataset import Schema
from lamina.models.model import Model

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def is_own(name: str) -> bool:
    """Whether a word names a function in a file, rather than a preset."""
    return name.rpartition(":")[0].endswith(".py") or name.endswith(".py")


def build(name: str, schema: Schema) -> Model:
    """Calls the user's function and returns the model that it makes.

    The function gets the schema of the data (`input_shape`, `num_classes`, `columns`...) when it
    has a parameter, nothing otherwise. Files of the user's are run here and in `objects_of`, and
    only when the user names them.

    Args:
        name: "file.py:function"; the function is called "build" when none is named.
        schema: How an example is read.

    Raises:
        ArgumentError: There is no such file or function, it fails, or it returns no model.
    """
    path, function = _found(name)
    takes_schema = bool(inspect.signature(function).parameters)
    try:
        model = function(schema) if takes_schema else function()
    except _BROKEN as error:
        raise _failed(f"function {function.__name__!r} of {path.name} failed", error) from error
    if not isinstance(model, Model):
        raise ArgumentError(
            f"function {function.__name__!r} of {path.name} returned {shown(model, 60)}.",
            expected="a model of lamina, compiled or not.",
            fix="end it for example with return lamina.Sequential([...]).",
        )
    return model


def objects_of(name: str) -> dict[str, Any]:
    """Runs the user's file and returns the classes and functions that it defines, by name.

    Args:
        name: "file.py:function", or the file alone.

    Raises:
        ArgumentError: There is no such file, or it fails.
    """
    module = _imported(_file(_split(name)[0]))
    return {
        key: value
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    }


def code_of(name: str) -> str | None:
    """SHA-256 of the file of a model of the user's own; `None` for a preset.

    Args:
        name: The name of a preset, or "file.py:function".

    Raises:
        ArgumentError: There is no such file.
    """
    if not is_own(name):
        return None
    return hashlib.sha256(_file(_split(name)[0]).read_bytes()).hexdigest()


def _split(name: str) -> tuple[str, str]:
    file, _, word = name.rpartition(":") if not name.endswith(".py") else (name, ":", "build")
    return file, word


def _file(file: str) -> Path:
    path = Path(file).expanduser()
    if not path.is_file():
        raise ArgumentError(
            f"{shown(file)} is no file.",
            expected='a Python file and a function in it, such as "mine.py:build".',
            fix="check the path, from the folder that the command is run in.",
        )
    return path


def _found(name: str) -> tuple[Path, Callable[..., Any]]:
    file, word = _split(name)
    path = _file(file)
    module = _imported(path)
    function = getattr(module, word, None)
    if not callable(function):
        own = [
            key
            for key, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        ]
        raise ArgumentError(
            f"{path.name} has no function {shown(word)}.",
            expected="one of " + ", ".join(own) + "." if own else "a function that makes a model.",
            fix=suggestion(word, own) if own else f"write def {word}(schema): in {path.name}.",
        )
    return path, function


def _imported(path: Path) -> Any:
    name = f"own_model_{path.stem}"  # a file of the user's may be called like a package
    spec: Any = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except _BROKEN as error:
        raise _failed(f"{path.name} cannot be run", error) from error
    finally:
        sys.path.remove(str(path.parent.resolve()))
    return module


def _failed(what: str, error: Exception) -> ArgumentError:
    reason = " ".join(str(error).split())
    return ArgumentError(
        f"{what}: {type(error).__name__}: {reason}"[:200],
        expected="a file that runs without an error.",
        fix="run it by itself, or pass --debug to see where it failed.",
    )

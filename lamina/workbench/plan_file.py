"""plan.toml: all that was decided about a run, in a file that repeats it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lamina.files import write_text
from lamina.files.toml import read_toml
from lamina.workbench.settings import NAMES, PASSING, Settings

NAME = "plan.toml"
_HEADER = (
    "# Everything this run decided. It repeats the run: lamina train --config {name} --out NEW\n"
)
_KNOWN = ["columns.*", *(name for name in NAMES if name not in PASSING)]


def read(path: str | os.PathLike) -> dict[str, Any]:
    """Settings by name from a TOML file.

    Raises:
        LoadError: It is no TOML, or has a setting that is not known; the message names the line.
        StorageError: There is no such file, or it cannot be read.
    """
    return read_toml(path, known=_KNOWN)


def write(settings: Settings, path: Path) -> None:
    """Writes the plan of a run, whole or not at all.

    Raises:
        StorageError: The file cannot be written.
    """
    write_text(path, _HEADER.format(name=path) + dumps(settings.to_plan()))


def dumps(values: Mapping[str, Any]) -> str:
    r"""Plain values as TOML, tables last.

    Args:
        values: Text, numbers, truth values, lists of text, and tables of text.

    Example:
        >>> dumps({"epochs": 3, "columns": {"zip code": "category"}})
        'epochs = 3\n\n[columns]\n"zip code" = "category"\n'
    """
    flat = [(key, value) for key, value in values.items() if not isinstance(value, Mapping)]
    lines = [f"{key} = {_value(value)}" for key, value in flat]
    for name, table in values.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{name}]", *(f"{_text(k)} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value) if isinstance(value, (int, float)) else _text(value)


def _text(value: Any) -> str:
    """Text as TOML writes it: like JSON's, and without the DEL character."""
    text = str(value).encode("utf-8", "replace").decode()  # a path that is no Unicode text
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

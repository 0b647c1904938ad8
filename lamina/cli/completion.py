"""What the shell offers when TAB is pressed: sources, runs, models, columns.

Nothing here imports torch, and no file is run: a shell waits for the answer.
"""

import ast
import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

RUNS = "runs"
DATASETS = (
    "fashion-mnist", "mnist", "cifar10", "cifar100", "california-housing", "digits", "iris",
    "wine", "breast-cancer", "diabetes",
)  # fmt: skip
PRESETS = ("linear", "mlp", "cnn", "resnet")
_HEADER_BYTES = 1 << 16
_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def words(*known: str) -> Callable[[str], list[str]]:
    """What offers those of a few words that begin like another.

    Args:
        *known: The words.
    """

    def offer(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return offer


def sources(incomplete: str) -> list[str]:
    """Names of the catalogue and paths that begin like a word."""
    return words(*DATASETS)(incomplete) + list(_paths(incomplete))


def runs(incomplete: str) -> list[str]:
    """Run folders, those of `runs` among them, and files of models, that begin like a word."""
    paths = list(_paths(incomplete))
    if not incomplete and os.path.isdir(RUNS):
        paths += _paths(f"{RUNS}/")
    found = [path for path in paths if _is_run(path)]
    return found or [path for path in paths if path.endswith("/")]


def models(incomplete: str) -> list[str]:
    """Names of presets, and functions in Python files, that begin like a word."""
    return words(*PRESETS)(incomplete) + own_models(incomplete)


def own_models(incomplete: str) -> list[str]:
    """Functions in Python files, such as "mine.py:build", that begin like a word."""
    file, sign, _ = incomplete.partition(".py:")
    if sign:
        return [name for name in _functions(f"{file}.py") if name.startswith(incomplete)]
    paths = list(_paths(incomplete))
    folders = [path for path in paths if path.endswith("/")]
    return [name for path in paths if path.endswith(".py") for name in _functions(path)] + folders


def columns(ctx: typer.Context, incomplete: str) -> list[str]:
    """Columns of the table that the command names as its source, that begin like a word."""
    given = [ctx.params.get("source"), *ctx.args]  # an unfinished line leaves it among the latter
    path = next((Path(word).expanduser() for word in given if word), Path())
    return words(*_header(path))(incomplete)


def _paths(incomplete: str) -> Iterator[str]:
    """Files and folders whose path begins like a word; folders end in a slash."""
    folder, _, start = incomplete.rpartition("/")
    root = f"{folder}/" if "/" in incomplete else ""
    try:
        children = sorted(os.listdir(os.path.expanduser(root or ".")))
    except OSError:
        return
    for child in children:
        if child.startswith(start) and (start or not child.startswith(".")):
            path = f"{root}{child}"
            yield f"{path}/" if os.path.isdir(os.path.expanduser(path)) else path


def _is_run(path: str) -> bool:
    place = Path(path).expanduser()
    is_run = (place / "run.json").is_file() or (place / "seeds.json").is_file()
    return is_run or path.endswith(".lamina")


def _functions(path: str) -> list[str]:
    """The functions of a Python file, which is read and not run."""
    try:
        tree = ast.parse(Path(path).expanduser().read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [f"{path}:{part.name}" for part in tree.body if isinstance(part, ast.FunctionDef)]


def _header(path: Path) -> list[str]:
    """The names of the columns of a table of text; nothing where they are not found at once."""
    try:
        with path.open("rb") as file:
            line = file.readline(_HEADER_BYTES).decode("utf-8-sig").strip()
        if path.suffix in (".jsonl", ".ndjson"):
            row: Any = json.loads(line)
            return list(row) if isinstance(row, dict) else []
        separator = _SEPARATORS.get(path.suffix)
        return next(csv.reader([line], delimiter=separator), []) if separator else []
    except (OSError, ValueError, RecursionError, csv.Error):
        return []

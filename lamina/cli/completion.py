"""What the shell offers when TAB is pressed: sources, runs, models."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

RUNS = "runs"


def sources(incomplete: str) -> list[str]:
    """Names of the catalogue and paths that begin like a word."""
    catalog = import_module("lamina.data.catalog")  # it takes a while, and only TAB needs it
    names = [name.replace("_", "-") for name in catalog.names()]
    return [name for name in names if name.startswith(incomplete)] + list(_paths(incomplete))


def runs(incomplete: str) -> list[str]:
    """Run folders, those of `runs` among them, and files of models, that begin like a word."""
    paths = list(_paths(incomplete))
    if not incomplete and os.path.isdir(RUNS):
        paths += _paths(f"{RUNS}/")
    found = [path for path in paths if _is_run(path)]
    return found or [path for path in paths if path.endswith("/")]


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
    return path.endswith(".lamina") or (place / "run.json").is_file()

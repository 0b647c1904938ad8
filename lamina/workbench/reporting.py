"""The pages of finished runs, written again."""

from pathlib import Path
from typing import Any

from lamina.report import page
from lamina.report.reading import find
from lamina.workbench import seeds, seeds_page
from lamina.workbench.finished import open_model, read_facts


def write(run: str | Path, *, model: str | None = None) -> Path:
    """Writes report.html into a run folder, from what the folder holds, and returns its path.

    Args:
        run: A run folder, or the folder of a run with several seeds.
        model: "file.py:function" that made the model, where it needs code of the user's.

    Raises:
        ArgumentError: The folder holds no run, or its model needs code that was not named.
        LoadError: A file is damaged.
        StorageError: The folder cannot be written.
    """
    folder = Path(run).expanduser()
    if (folder / seeds.NAME).is_file():
        return seeds_page.write(folder)
    needs_code = bool(find(read_facts(folder), "model", "needs", default=""))
    made: Any = open_model(run, model, "lamina report {run}") if model or needs_code else None
    return page.write(folder, model=made)

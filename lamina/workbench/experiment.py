"""The whole way from a source to a report: loads, trains with one seed or several, tests.

A single run is the business of `one_run`, several of `seeds`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lamina.core import devices
from lamina.workbench import choosing, seeds, seeds_page, sources
from lamina.workbench.one_run import Voice, run_on
from lamina.workbench.settings import Settings, check
from lamina.workbench.telling import Say


def carry_out(settings: Settings, *, say: Say, verbose: Any = "auto") -> Path:
    """Loads the data, trains and tests a model, and leaves everything in a run folder.

    The same settings with the same folder go on with a run that was interrupted, to the same
    bits; a run that has finished is left as it is.

    Args:
        settings: What is asked for.
        say: Is told what happens, line by line.
        verbose: What is shown of the epochs, as in `Model.fit`.

    Returns:
        The run folder: run.json, plan.toml, history.jsonl, model.lamina, report.html. With
        several seeds it holds a run folder for each, and seeds.json.

    Raises:
        ArgumentError: A setting is not possible.
        DivergedError: The loss became NaN or infinite.
        LoadError: A file of the data set is damaged.
        StorageError: The data set cannot be had, or the folder not be written.
    """
    check(settings)
    choosing.check_model(settings.model)
    with _on(settings.device):
        dataset = sources.load(settings, say)
        voice = Voice(say, verbose)
        if settings.seeds > 1:
            path = seeds.run_all(dataset, settings, voice)
            if settings.report:
                seeds_page.write(path)
                say(f"report         {path / seeds_page.PAGE}")
            say(f"run folder     {path}")
            return path
        return run_on(dataset, settings, voice)


@contextmanager
def _on(device: str | None) -> Iterator[None]:
    if device is None:
        yield
        return
    with devices.device(device):
        yield

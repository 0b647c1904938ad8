"""Loads the source of a run, read as its settings say."""

from dataclasses import replace
from typing import Any

from lamina.data.dataset import Dataset
from lamina.data.loading.entry import load as load_source
from lamina.workbench import spoken
from lamina.workbench.settings import Settings
from lamina.workbench.telling import Say


def load(settings: Settings, say: Say) -> Dataset:
    """The data set that the settings name.

    Args:
        settings: What is asked for.
        say: Is told what happens, line by line.

    Raises:
        ArgumentError: There is no such source, or a setting does not suit it.
        DataError: Its examples cannot be trained on.
        LoadError: A file is damaged.
        StorageError: It cannot be read or fetched.
    """
    known: dict[str, Any] = {"task": settings.task, "color_mode": settings.color_mode}
    with spoken.in_shell():
        dataset = load_source(
            settings.source,
            target=settings.target,
            kinds=dict(settings.columns) or None,
            picture_size=settings.picture_size,
            test_share=settings.test_share,
            validation_share=settings.validation_share,
            seed=settings.split_seed,
            on_bad_file="skip" if settings.skip_bad_files else "error",
            say=say,
            **known,
        )
    return replace(dataset, notes=tuple(spoken.text(note) for note in dataset.notes))

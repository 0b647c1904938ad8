"""Loads the source of a run, read as its settings say."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lamina.core.errors import LaminaError
from lamina.data.dataset import Dataset
from lamina.data.loading.entry import load as load_source
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
    with spoken_as_settings():
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
    return replace(dataset, notes=tuple(_spoken(note) for note in dataset.notes))


_SETTINGS = (
    (r'on_bad_file="skip"', "--set skip_bad_files=true"),
    (r"\bkinds=\{(['\"])(.+?)\1: (['\"])(\w+)\3\}", r"--set 'columns.\2=\4'"),
    (r"\bpicture_size=\((\d+), (\d+)\)", r"--set picture_size=\1x\2"),
    (r"\btask=(['\"])(\w+)\1", r"--task \2"),
    (r"\btarget=('[^']*'|\"[^\"]*\") \(on the command line: --target .*\)", r"--target \1"),
    (r"\b(test_share|validation_share)=(?![\d])", r"--set \1=0.5"),
    (r"--picture-size or picture_size=", "--set picture_size=64"),
    (
        r"(?<!--set )\b(test_share|validation_share|picture_size|color_mode)=([\w.]*)(?<!\.)",
        r"--set \1=\2",
    ),
)
"""Arguments of `lamina.data.load` as its messages write them, and the settings that hold them."""


@contextmanager
def spoken_as_settings() -> Iterator[None]:
    """Errors of a block name the settings of `lamina train` in place of arguments in Python."""
    try:
        yield
    except LaminaError as error:
        fix = _spoken(error.fix)
        if fix == error.fix:
            raise
        raise type(error)(error.problem, expected=error.expected, fix=fix) from error


def _spoken(text: str) -> str:
    for pattern, setting in _SETTINGS:
        text = re.sub(pattern, setting, text)
    return text

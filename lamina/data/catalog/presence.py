"""Says whether a data set is on this machine, by names of files alone: nothing is read."""

import os
from collections.abc import Iterator
from pathlib import Path

from lamina.data.catalog.fashion_mnist import DEBIAN_FOLDER
from lamina.data.catalog.registry import describe
from lamina.files.downloads import RemoteFile

_EITHER_FILE_WILL_DO = ("california_housing",)


def is_present(name: str) -> bool:
    """Whether `load(name)` would find all files without a network.

    A copy that turns out to be damaged when it is read still counts.

    Args:
        name: Name in the catalogue; "-" and "_" are the same.

    Raises:
        ArgumentError: There is no data set of this name.

    Example:
        >>> is_present("digits")
        True
    """
    description = describe(name)
    found = [_is_found(file, description.name) for file in description.files]
    return any(found) if description.name in _EITHER_FILE_WILL_DO else all(found)


def _is_found(file: RemoteFile, dataset: str) -> bool:
    names = (file.name, file.name.removesuffix(".gz"))
    return any((folder / name).is_file() for folder in _folders(dataset) for name in names)


def _folders(dataset: str) -> Iterator[Path]:
    """Where `load` looks, in no particular order."""
    subfolders = {dataset, dataset.replace("_", "-")}
    offline = os.environ.get("LAMINA_DATA")
    if offline:
        yield Path(offline)
        yield from (Path(offline, subfolder) for subfolder in subfolders)
    cache = Path(os.environ.get("LAMINA_HOME") or "~/.cache/lamina")
    if str(cache)[0] != "~" or "HOME" in os.environ:
        cache = cache.expanduser()
    yield from (cache / "datasets" / subfolder for subfolder in subfolders)
    if dataset == "fashion_mnist":
        yield Path(DEBIAN_FOLDER)

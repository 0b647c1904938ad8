"""Shows how a download goes: a bar in a terminal, one line at its end elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lamina.files.transfer import Report


@contextmanager
def shown_progress(title: str) -> Iterator[Report]:
    """Yields the function that is told about bytes received; writes to the error stream."""
    if not sys.stderr.isatty():
        yield from _plain(title)
        return
    from rich.console import Console  # noqa: PLC0415 (slow to import)
    from rich.progress import (  # noqa: PLC0415 (slow to import)
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _plain(title: str) -> Iterator[Report]:
    start, received = time.monotonic(), [0]

    def report(done: int, total: int | None) -> None:
        received[0] = done

    yield report
    seconds = time.monotonic() - start
    sys.stderr.write(f"{title}: {received[0] / 1e6:.1f} MB in {seconds:.1f} s\n")

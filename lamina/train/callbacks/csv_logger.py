"""CSVLogger: one row of numbers an epoch in a CSV file."""

import csv
import os
from collections.abc import Iterable
from typing import Any, TextIO

import numpy as np

from lamina.core import checks, kinds
from lamina.core.errors import ArgumentError, StorageError
from lamina.core.names import shown
from lamina.train.callbacks.base import Callback


class CSVLogger(Callback):
    """Writes the numbers of each epoch as a row: "epoch", then all names in alphabetical order.

    A row is in the file when its epoch ends. Numbers that an epoch lacks become "NA".

    Args:
        filename: The file to write.
        separator: One character between two numbers.
        append: Whether rows are added to a file that is there; it is overwritten otherwise.

    Raises:
        ArgumentError: `separator` is not one character, or a file to be continued has other
            columns.
        StorageError: The file cannot be opened.

    Example:
        >>> CSVLogger("training.csv", separator=";").separator
        ';'
    """

    def __init__(
        self, filename: str | os.PathLike, separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.filename = kinds.path(self, "filename", filename, "log.csv")
        self.separator = _checked_separator(separator)
        self.append = checks.boolean(self, "append", append)
        self._file: TextIO | None = None
        self._columns: list[str] | None = None
        self._keep_bytes: int | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the file; what it held before stays until the first epoch ends."""
        self._close()
        try:
            self._file = open(self.filename, "a+", encoding="utf-8", newline="")  # noqa: SIM115
        except OSError as error:
            raise StorageError(
                f"CSVLogger cannot write {shown(self.filename)}: {error.strerror}.",
                expected="the path of a file in an existing folder that this user may change.",
                fix="create the folder first, or choose another one.",
            ) from error
        self._columns = None
        self._keep_bytes = os.path.getsize(self.filename) if self.append else 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the row of an epoch."""
        logs = logs or {}
        file = self._file
        if file is None:
            return
        if self._keep_bytes is not None:
            self._start(file, logs)
        row = [_cell(logs.get(name, "NA")) for name in self._columns or ()]
        self._writer(file).writerow([epoch, *row])
        file.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._close()

    def state(self) -> dict[str, Any]:
        """Columns, and bytes written so far."""
        written = os.path.getsize(self.filename) if self._columns else None
        return {"columns": self._columns, "bytes": written}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on after the rows written so far; later ones are removed."""
        if state["bytes"] is not None:
            self._keep_bytes = state["bytes"]

    def _start(self, file: TextIO, logs: dict[str, Any]) -> None:
        """Cuts the file where this run begins and settles the columns."""
        file.truncate(self._keep_bytes)
        self._keep_bytes = None
        wanted = _columns(logs)
        file.seek(0)
        header = next(csv.reader(file, delimiter=self.separator), None)
        file.seek(0, os.SEEK_END)
        if not header:
            self._writer(file).writerow(["epoch", *wanted])
        elif header[0] != "epoch" or set(header) != {"epoch", *wanted}:
            raise ArgumentError(
                f"CSVLogger cannot continue {shown(self.filename)}: its columns are "
                f"{', '.join(header)[:80]}.",
                expected=f"the columns epoch, {', '.join(wanted)}.",
                fix="choose another file, or pass append=False.",
            )
        self._columns = header[1:] if header else wanted

    def _writer(self, file: TextIO) -> Any:
        return csv.writer(file, delimiter=self.separator)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _columns(logs: dict[str, Any]) -> list[str]:
    """Sorted names; those of validation are added where this epoch had none."""
    names = sorted(logs)
    if not any(name.startswith("val_") for name in names):
        names += [f"val_{name}" for name in names]
    return names


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'


def _checked_separator(separator: Any) -> str:
    if isinstance(separator, str) and len(separator) == 1 and separator not in '\r\n"':
        return separator
    raise checks.refuse(
        "CSVLogger",
        "separator",
        separator,
        expected="one character that is no quote and no line end.",
        fix="pass for example separator=';'.",
    )

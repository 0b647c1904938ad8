"""A source of examples as one looks at it before training: its parts, classes, columns, rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lamina.data.dataset import Dataset, Part
from lamina.report import features
from lamina.report.samples import shows_pictures
from lamina.report.wording import clean, typed
from lamina.workbench import sheets, sources
from lamina.workbench.aligned import table
from lamina.workbench.settings import Settings, check
from lamina.workbench.telling import Say

_ROWS = 5
_BAR = 24
_MOST_CLASSES, _MOST_COLUMNS = 40, 60
_CELL, _LINE = 14, 80


@dataclass(frozen=True)
class Look:
    """What is seen of a source.

    Args:
        dataset: The source, read and divided.
    """

    dataset: Dataset

    def parts(self) -> dict[str, Part]:
        """The parts that the source has, by name."""
        found = {
            "training": self.dataset.train,
            "validation": self.dataset.validation,
            "test": self.dataset.test,
        }
        return {name: part for name, part in found.items() if part is not None}

    def balance(self) -> list[tuple[str, int]]:
        """Examples of each class over all parts, in the order of the classes."""
        counts = np.zeros(self.dataset.schema.num_classes, np.int64)
        for part in self.parts().values():
            if part.y is not None and self.dataset.schema.num_classes:
                numbers = part.y.reshape(-1).astype(np.int64)
                counts += np.bincount(numbers, minlength=len(counts))[: len(counts)]
        return list(zip(self.dataset.schema.class_names, counts.tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """What is seen, as plain data."""
        schema = self.dataset.schema
        x = self.dataset.train.x
        return {
            "title": self.dataset.title,
            "source": self.dataset.source,
            "form": schema.form,
            "task": schema.task,
            "shape": None if isinstance(x, dict) else list(x.shape[1:]),
            "target": schema.target,
            "parts": {name: part.num_examples for name, part in self.parts().items()},
            "classes": dict(self.balance()),
            "columns": [
                {"name": c.name, "kind": c.kind, "missing": c.missing, "distinct": c.distinct,
                 "note": c.note}
                for c in schema.columns
            ],
            "fingerprint": self.dataset.fingerprint,
            "notes": list(self.dataset.notes),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """What is seen, for a terminal."""
        data, schema = self.dataset, self.dataset.schema
        counts = ", ".join(f"{p.num_examples:,} {name}" for name, p in self.parts().items())
        wanted = "classes" if schema.num_classes else "one number"
        of = f" of {clean(schema.target, 40)}" if schema.target and schema.form == "table" else ""
        number = f"{schema.num_classes} " if schema.num_classes else ""
        lines = [f"{clean(data.title)}: {schema.task}, {number}{wanted}{of}", f"examples  {counts}"]
        if not isinstance(data.train.x, dict):
            shape = "x".join(map(str, data.train.x.shape[1:])) or "one number"
            lines.append(f"shape     {shape}, {data.train.x.dtype}")
        blocks = (self._class_lines(), self._number_line(), self._column_lines(), self._row_lines())
        for block in blocks:
            lines += [""] * bool(block) + block
        notes = [f"note  {clean(note, 300)}" for note in data.notes]
        return lines + [""] * bool(notes) + notes

    def _class_lines(self) -> list[str]:
        """A bar for each class."""
        balance = self.balance()
        if not balance:
            return []
        most, every = max(count for _, count in balance), sum(count for _, count in balance)
        rows = [("class", "examples", "share", "")]
        for name, count in balance[:_MOST_CLASSES]:
            bar = "#" * round(_BAR * count / max(1, most))
            rows.append(
                (clean(name, 30), f"{count:,}", f"{100 * count / max(1, every):.1f} %", bar)
            )
        left = len(balance) - _MOST_CLASSES
        return table(rows, right=(1, 2)) + ([f"and {left:,} more classes"] if left > 0 else [])

    def _number_line(self) -> list[str]:
        """The spread of the numbers to predict."""
        if self.dataset.schema.task == "classification":
            return []
        labels = [part.y.reshape(-1) for part in self.parts().values() if part.y is not None]
        every = np.concatenate(labels).astype(np.float64)
        low, middle, high = np.quantile(every, (0.0, 0.5, 1.0))
        mean, deviation = every.mean(), every.std()
        return [
            f"numbers   from {typed(low)} to {typed(high)}, median {typed(middle)}, "
            f"mean {typed(mean)}, deviation {typed(deviation)}"
        ]

    def _column_lines(self) -> list[str]:
        columns = self.dataset.schema.columns
        if not columns:
            return []
        rows = [("column", "kind", "missing", "distinct", "note")]
        for column in columns[:_MOST_COLUMNS]:
            numbers = (f"{column.missing:,}", f"{column.distinct:,}")
            rows.append((clean(column.name, 26), column.kind, *numbers, clean(column.note, 120)))
        left = len(columns) - _MOST_COLUMNS
        return table(rows, right=(2, 3)) + ([f"and {left:,} more columns"] if left > 0 else [])

    def _row_lines(self) -> list[str]:
        """The first rows of the training part, as many columns as fit."""
        part, schema = self.dataset.train, self.dataset.schema
        columns = features.features_of(schema, part.x)
        if not columns or part.y is None:
            return []
        rows = []
        for place in range(min(_ROWS, part.num_examples)):
            cells = features.row_as_text(part.x, columns, place)
            label = part.y.reshape(-1)[place]
            shown = schema.class_names[int(label)] if schema.num_classes else typed(label, 5)
            rows.append([part.ids[place], shown, *cells])
        heads = ["first rows", schema.target or "label", *(column.name for column in columns)]
        short = [[clean(cell, _CELL) for cell in row] for row in (heads, *rows)]
        return table(_fitting(short))


def _fitting(rows: list[list[str]]) -> list[list[str]]:
    """The rows with as many columns as a terminal shows, and a sign that there are more."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    count = next((n for n in range(len(widths), 1, -1) if sum(widths[:n]) <= _LINE - 3), 2)
    more = ["…"] if count < len(widths) else []
    return [[*row[:count], *more] for row in rows]


def show(settings: Settings, *, out: Path | None = None, overwrite: bool = False, say: Say) -> Look:
    """Reads a source and says what is in it; writes a sheet of examples where one is asked for.

    Args:
        settings: The source, and how it is to be read.
        out: A .png or .html file with examples of each class.
        overwrite: Whether that file may exist.
        say: Is told what happens, line by line.

    Raises:
        ArgumentError: A setting is not possible, or a sheet of a table is asked for as a picture.
        DataError: The examples cannot be used.
        LoadError: A file is damaged.
        StorageError: A file is missing or cannot be written.
    """
    check(settings)
    target = None if out is None else sheets.checked(out, overwrite=overwrite)
    look = Look(sources.load(settings, say))
    if target is not None:
        has_pictures = shows_pictures(look.dataset.schema, look.dataset.train.x)
        sheets.write(look.dataset, target, look.lines(), has_pictures=has_pictures)
    return look

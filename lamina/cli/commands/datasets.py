"""`lamina datasets`: the catalogue as a table."""

from typing import Any

from lamina.cli import below
from lamina.cli.arguments import Json
from lamina.cli.printing import as_json
from lamina.train.printing import say

_HEADINGS = ("name", "task", "examples", "shape", "classes", "source", "here")


def datasets(json: Json = False) -> None:
    """Lists the data sets that `lamina train` knows by name.

    "examples" counts the training and the test part. "here" says whether the data is on this
    machine already; the others are downloaded when they are first used.
    """
    if json:
        as_json([_plain(below.catalog.describe(name)) for name in below.catalog.names()])
        return
    rows = [_HEADINGS, *(_row(below.catalog.describe(name)) for name in below.catalog.names())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def _row(description: Any) -> tuple[str, ...]:
    return (
        description.name.replace("_", "-"),
        description.task,
        f"{description.num_train:,} + {description.num_test:,}",
        "x".join(map(str, description.input_shape)),
        str(description.num_classes or "-"),
        description.source,
        "yes" if below.presence.is_present(description.name) else "no",
    )


def _plain(description: Any) -> dict[str, Any]:
    return {
        "name": description.name.replace("_", "-"),
        "task": description.task,
        "train_examples": description.num_train,
        "test_examples": description.num_test,
        "shape": list(description.input_shape),
        "classes": description.num_classes,
        "source": description.source,
        "is_here": below.presence.is_present(description.name),
    }

"""`lamina datasets`: the catalogue as a table."""

from lamina.data import catalog
from lamina.data.catalog.description import Description
from lamina.data.catalog.presence import is_present
from lamina.train.printing import say

_HEADINGS = ("name", "task", "examples", "shape", "classes", "source", "here")


def datasets() -> None:
    """Lists the data sets that `lamina train` knows by name.

    "examples" counts the training and the test part. "here" says whether the data is on this
    machine already; the others are downloaded when they are first used.
    """
    rows = [_HEADINGS, *(_row(catalog.describe(name)) for name in catalog.names())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def _row(description: Description) -> tuple[str, ...]:
    return (
        description.name.replace("_", "-"),
        description.task,
        f"{description.num_train:,} + {description.num_test:,}",
        "x".join(map(str, description.input_shape)),
        str(description.num_classes or "-"),
        description.source,
        "yes" if is_present(description.name) else "no",
    )

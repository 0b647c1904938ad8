"""`lamina compare`: which of several runs is better, and whether by more than chance."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below, completion
from lamina.cli.arguments import Json, Overwrite
from lamina.cli.printing import as_json, as_lines, silence

Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN",
        help="Run folders.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="A page with the curves laid over each other (.html).", show_default=False),
]


def compare(runs: Runs, out: Out = None, overwrite: Overwrite = False, json: Json = False) -> None:
    """Compares runs: scores with 95 % intervals, and a paired test on the same test examples.

    Example: lamina compare runs/digits-mlp-1 runs/digits-cnn-1 --out compare.html
    """
    with silence(json):
        target = (
            None if out is None else below.targets.checked(out, (".html",), overwrite=overwrite)
        )
        found = below.comparison.compare(runs)
        if target is not None:
            below.comparison_page.write(found, target)
    if json:
        as_json(below.comparison_lines.as_dict(found))
    else:
        as_lines(below.comparison_lines.lines(found) + ([f"wrote {out}"] if out else []))

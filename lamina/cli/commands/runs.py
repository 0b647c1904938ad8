"""`lamina runs`: the runs of a folder."""

from typing import Annotated

import typer

from lamina.cli import below
from lamina.cli.arguments import Json
from lamina.cli.printing import as_json, as_lines

Folder = Annotated[
    str | None, typer.Argument(help="Where to look.", show_default="runs, or this folder")
]


def runs(folder: Folder = None, json: Json = False) -> None:
    """Lists runs, the newest first, with their status and test score.

    Example: lamina runs
    """
    found = below.listing.runs_in(folder)
    if json:
        as_json([entry.to_dict() for entry in found])
    else:
        as_lines(below.listing.lines(found))

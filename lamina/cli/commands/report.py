"""`lamina report`: writes the page of a run again."""

from typing import Annotated

import typer

from lamina.cli import below
from lamina.cli.arguments import Json, OwnModel, Run
from lamina.cli.printing import as_json
from lamina.train.printing import say

Open = Annotated[bool, typer.Option("--open", help="Show it in the browser.")]


def report(run: Run, model: OwnModel = None, open_: Open = False, json: Json = False) -> None:
    """Writes report.html into a run folder, from what the folder holds, and prints its path.

    Example: lamina report runs/digits-cnn-1 --open
    """
    path = below.reporting.write(run, model=model)
    if json:
        as_json({"report": str(path)})
    else:
        say(str(path))
    if open_:
        typer.launch(path.resolve().as_uri())

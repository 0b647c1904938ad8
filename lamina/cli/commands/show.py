"""`lamina show`: what is in a source, before anything is trained."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below
from lamina.cli.arguments import Drop, Json, Overwrite, Source, Target
from lamina.cli.printing import as_json, as_lines, silence, tell

Out = Annotated[
    Path | None,
    typer.Option(help="A sheet of examples to write: .png or .html.", show_default=False),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of `lamina train`, for reading."),
]


def show(
    source: Source,
    target: Target = None,
    out: Out = None,
    overwrite: Overwrite = False,
    drop: Drop = None,
    set_: Set = None,
    json: Json = False,
) -> None:
    """Shows what is in a source: its parts, classes, columns and first rows.

    Example: lamina show flowers.zip --out flowers.png
    """
    options = {"source": source} | ({"target": target} if target else {})
    with silence(json):
        settings = below.settings.from_words(set_ or (), drop=drop or ())
        asked = below.settings.gather(settings, options)
        found = below.showing.show(asked, out=out, overwrite=overwrite, say=tell)
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines() + ([f"wrote {out}"] if out else []))

"""`lamina evaluate`: how good a finished run is on another labelled source."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below
from lamina.cli.arguments import Json, Overwrite, OwnModel, Run, Source
from lamina.cli.printing import as_json, as_lines, silence, tell

Out = Annotated[Path | None, typer.Option(help="A .json file to write.", show_default=False)]

Skip = Annotated[bool, typer.Option("--skip-bad-files", help="Leave out broken pictures.")]


def evaluate(
    run: Run,
    source: Source,
    out: Out = None,
    model: OwnModel = None,
    overwrite: Overwrite = False,
    skip_bad_files: Skip = False,
    json: Json = False,
) -> None:
    """Tests a trained model on labelled examples, with 95 % intervals.

    The source is read as the one of the training was; of a source with parts, the test part.

    Example: lamina evaluate runs/flowers-cnn-1 new-flowers.zip
    """
    with silence(json):
        found = below.evaluation.evaluate(
            run, source, out=out, model=model, overwrite=overwrite,
            skip_bad_files=skip_bad_files, say=tell,
        )  # fmt: skip
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines() + ([f"wrote {out}"] if out else []))

"""`lamina export`: a trained model in the formats of other programs."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below, completion
from lamina.cli.arguments import Json, Overwrite, OwnModel, Run
from lamina.cli.printing import as_json, as_lines, silence

To = Annotated[
    Path,
    typer.Option(help="File (.pt2, .safetensors, .onnx), or a folder for it.", show_default=False),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="torch, safetensors or onnx. By the file.",
        autocompletion=completion.words("torch", "safetensors", "onnx"),
        show_default=False,
    ),
]


def export(
    run: Run,
    to: To,
    form: Format = None,
    model: OwnModel = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Writes a trained model for other programs, scaling and lookup of words included.

    A program is compared with the model before it is written. Safetensors hold the weights alone.

    Example: lamina export runs/digits-cnn-1 --to digits.pt2
    """
    with silence(json):
        found = below.exporting.export(run, to, form=form, model=model, overwrite=overwrite)
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines())

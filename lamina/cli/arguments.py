"""Arguments that several commands share."""

from typing import Annotated

import typer

from lamina.cli import completion

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run folder, or a .lamina file.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]
Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A name of `lamina datasets`, a folder or archive of pictures, a table or arrays.",
        autocompletion=completion.sources,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")]
Target = Annotated[
    str | None,
    typer.Option(
        help="Column to predict, for tables.",
        autocompletion=completion.columns,
        show_default=False,
    ),
]
Drop = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="COLUMN",
        help="Column of a table to leave out; may be repeated.",
        autocompletion=completion.columns,
        show_default=False,
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="linear, mlp, cnn, resnet, or file.py:function. By the data.",
        autocompletion=completion.models,
        show_default=False,
    ),
]
OwnModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Your file.py:function that made the model, where the run needs your own code.",
        autocompletion=completion.own_models,
        show_default=False,
    ),
]

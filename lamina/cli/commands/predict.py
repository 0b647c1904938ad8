"""`lamina predict`: a table with the answers of a trained model to unseen examples."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below, completion
from lamina.cli.arguments import Json, Overwrite, OwnModel, Run
from lamina.cli.printing import as_json, as_lines, silence, tell

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="A table, a folder or archive of pictures, arrays, or pictures.",
        autocompletion=completion.sources,
        show_default=False,
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        help="A .csv, .tsv, .jsonl or .parquet file; - or nothing shows the first rows.",
        show_default=False,
    ),
]
All = Annotated[bool, typer.Option("--all", help="Add the probability of every class.")]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the table to write beside the answers; may be repeated. Columns that name "
        "the rows (ids) are written anyway.",
    ),
]
Skip = Annotated[bool, typer.Option("--skip-bad-files", help="Leave out broken pictures.")]


def predict(
    run: Run,
    source: Sources,
    out: Out = None,
    every: All = False,
    keep: Keep = None,
    overwrite: Overwrite = False,
    skip_bad_files: Skip = False,
    model: OwnModel = None,
    json: Json = False,
) -> None:
    """Lets a trained model answer unseen examples: a row each, with label and probability.

    For a table: the number of the row, the columns that name it (ids), predicted_TARGET, and the
    probability of a class. For pictures and arrays: id, label and probability, or value.

    In CSV, a text that a spreadsheet would take for a formula (it begins with = + - or @) gets an
    apostrophe in front; JSON lines and Parquet hold every text as it is.

    Example: lamina predict runs/flowers-cnn-1 new-flowers --out answers.csv
    """
    path = None if out in (None, "-") else Path(out or "")
    with silence(json):
        found = below.prediction.predict(
            run, source, out=path, every_class=every, keep=keep or (), overwrite=overwrite,
            skip_bad_files=skip_bad_files, model=model, say=tell,
        )  # fmt: skip
    if json:
        as_json(found.to_dict(path, every_class=every))
    else:
        as_lines(found.told(path))

"""`lamina check`: mistakes in data, model and plan, found before training."""

from typing import Annotated, Any

import typer

from lamina.cli import below
from lamina.cli.arguments import Drop, Json, ModelName, Source, Target
from lamina.cli.printing import silence, tell
from lamina.train.printing import say

Deep = Annotated[bool, typer.Option("--deep", help="Try the model out on one batch as well.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of `lamina train`."),
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Code of a finding to leave out; may be repeated.")
]
FOUND = 3


def check(
    source: Source,
    target: Target = None,
    model: ModelName = None,
    deep: Deep = False,
    drop: Drop = None,
    set_: Set = None,
    ignore: Ignore = None,
    json: Json = False,
) -> None:
    """Looks for mistakes in the data, the model and the plan of a training, without training.

    Ends with exit code 3 where an error was found, with 0 where there are warnings at most.

    Example: lamina check houses.csv --target price --deep
    """
    given: dict[str, Any] = {"target": target, "model": model, "ignore": tuple(ignore or ())}
    options = {"source": source, **{name: value for name, value in given.items() if value}}
    with silence(json):
        settings = below.settings.from_words(set_ or (), drop=drop or ())
        asked = below.settings.gather(settings, options)
        found = below.checking.look(asked, deep=deep, say=tell)
    say(found.to_json() if json else str(found))
    if found.errors:
        raise typer.Exit(FOUND)

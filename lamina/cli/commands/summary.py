"""`lamina summary`: the layers of a model."""

from lamina.cli import below
from lamina.cli.arguments import Json, OwnModel, Run
from lamina.cli.printing import as_json, as_lines, silence


def summary(run: Run, model: OwnModel = None, json: Json = False) -> None:
    """Shows the layers of a trained model, its parameters, and what it was trained on.

    Example: lamina summary runs/digits-cnn-1
    """
    with silence(json):
        found = below.summarizing.describe(run, model=model)
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines())

"""`lamina summary`: the layers of a model."""

from lamina.cli.arguments import Json, Run
from lamina.cli.printing import as_json, as_lines, silence
from lamina.workbench import summarizing


def summary(model: Run, json: Json = False) -> None:
    """Shows the layers of a trained model, its parameters, and what it was trained on.

    Example: lamina summary runs/digits-cnn-1
    """
    with silence(json):
        found = summarizing.describe(model)
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines())

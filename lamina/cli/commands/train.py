"""`lamina train`: trains a model on a source and leaves a run folder."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli import below, completion
from lamina.cli.arguments import Drop, Json, ModelName, Target
from lamina.cli.printing import as_json, as_lines, silence, tell, terminal_width
from lamina.train.printing import say

Source = Annotated[
    str | None,
    typer.Argument(
        help="A data set of `lamina datasets`, a folder or archive of pictures, a table "
        "(CSV, TSV, Parquet, JSON lines), or arrays (npz, npy, IDX).",
        autocompletion=completion.sources,
        show_default=False,
    ),
]
Task = Annotated[
    str | None,
    typer.Option(
        help="classification or regression, where the labels leave it open.",
        autocompletion=completion.words("classification", "regression"),
    ),
]
Epochs = Annotated[int | None, typer.Option(help="Times each example is seen. By the data.")]
BatchSize = Annotated[int | None, typer.Option(help="Examples in a training step. By the data.")]
LearningRate = Annotated[float | None, typer.Option(help="Largest step size. By the model.")]
Seed = Annotated[
    int | None, typer.Option(help="The same seed gives the same run.", show_default="1")
]
Seeds = Annotated[
    int | None, typer.Option(help="Runs with as many seeds, and their spread.", show_default="1")
]
Out = Annotated[
    Path | None, typer.Option(help="Folder of the run.", show_default="runs/DATASET-MODEL-N")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Any setting (see --settings); may be repeated."
    ),
]
Config = Annotated[
    Path | None, typer.Option(help="A TOML file of settings, such as plan.toml of another run.")
]
Device = Annotated[
    str | None,
    typer.Option(
        help="cpu, cuda or mps. The fastest one.",
        autocompletion=completion.words("cpu", "cuda", "mps"),
    ),
]
Jit = Annotated[
    str | None,
    typer.Option(
        help="auto, off or max.",
        autocompletion=completion.words("auto", "off", "max"),
        show_default="auto",
    ),
]
Check = Annotated[
    str | None,
    typer.Option(
        help="auto, raise, warn or off: what findings lead to.",
        autocompletion=completion.words("auto", "raise", "warn", "off"),
        show_default="auto",
    ),
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Code of a finding to leave out; may be repeated.")
]
Every = Annotated[
    str | None,
    typer.Option(help="Steps, epoch, or a time such as 60s, between checkpoints."),
]
Watch = Annotated[bool, typer.Option("--watch", help="Show the run on a page of this machine.")]
NoReport = Annotated[bool, typer.Option("--no-report", help="Write no report.html.")]
List = Annotated[
    bool,
    typer.Option(
        "--settings",
        help="List every setting with its meaning, default and value for SOURCE; train nothing.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but the result.")]


def train(
    source: Source = None,
    target: Target = None,
    task: Task = None,
    model: ModelName = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    seed: Seed = None,
    seeds: Seeds = None,
    out: Out = None,
    drop: Drop = None,
    set_: Set = None,
    config: Config = None,
    device: Device = None,
    jit: Jit = None,
    check: Check = None,
    ignore: Ignore = None,
    every: Every = None,
    watch: Watch = False,
    no_report: NoReport = False,
    settings: List = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Trains a model on a source, tests it, and leaves everything in a run folder.

    The folder holds report.html, run.json (settings, versions, results), plan.toml (which repeats
    the run), history.jsonl (one line an epoch), model.lamina and checkpoints. The same command
    goes on with a run that was stopped; a finished run is made again in a new folder, unless
    --out names its own. `lamina train SOURCE --settings` lists what --set can change.
    """
    options: dict[str, Any] = {
        "source": source, "target": target, "task": task, "model": model, "epochs": epochs,
        "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed, "seeds": seeds,
        "out": out, "device": device, "jit": jit, "check": check, "every": every,
        "ignore": tuple(ignore) if ignore else None,
        "watch": watch or None, "report": False if no_report else None,
    }  # fmt: skip
    layers = (
        {} if config is None else below.plan_file.read(config),
        below.settings.from_words(set_ or (), drop=drop or ()),
        {name: value for name, value in options.items() if value is not None},
    )
    if settings and not any(layer.get("source") for layer in layers):
        as_lines(below.settings_list.lines(below.settings_list.rows(None), terminal_width()))
        return
    asked = below.settings.gather(*layers)
    if settings:
        _list_settings(asked, json)
    elif json:
        below.results.run_as_json(asked)
    elif quiet:
        below.results.quietly(asked)
    else:
        below.experiment.carry_out(asked, say=say)


def _list_settings(asked: Any, json: bool) -> None:
    """Prints the settings, with the values that a source gets."""
    with silence(json):
        decided = below.settings_list.decided(asked, tell)
    rows = below.settings_list.rows(decided)
    if json:
        as_json(rows)
    else:
        as_lines(below.settings_list.lines(rows, terminal_width()))

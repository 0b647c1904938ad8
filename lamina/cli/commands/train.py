"""`lamina train`: trains a preset model on a data set and leaves a run folder."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.train.printing import say
from lamina.workbench.experiment import Settings, carry_out

Dataset = Annotated[str, typer.Argument(help="Name of a data set; see `lamina datasets`.")]
ModelName = Annotated[str, typer.Option("--model", help="mlp, cnn or linear.")]
Epochs = Annotated[int | None, typer.Option(help="Times each example is seen. Chosen by the data.")]
BatchSize = Annotated[
    int | None, typer.Option(help="Examples in a training step. Chosen by the data.")
]
LearningRate = Annotated[
    float | None, typer.Option(help="Step size of the first update. Chosen by the model.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same run.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder of the run.", show_default="runs/DATASET-MODEL-N")
]


def train(
    dataset: Dataset,
    model: ModelName = "mlp",
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    seed: Seed = 1,
    out: Out = None,
) -> None:
    """Trains a model on a data set, tests it, and leaves everything in a run folder.

    The folder holds run.json (settings, versions, results, the command that repeats it),
    history.jsonl (one line an epoch, written as it goes) and model.lamina.
    """
    settings = Settings(
        dataset=dataset,
        model=model,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        out=out,
    )
    carry_out(settings, say=say)

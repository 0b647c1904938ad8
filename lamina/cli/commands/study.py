"""`lamina study`: what a dense net loses on pictures, and what a convolution keeps."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import below, completion
from lamina.train.printing import say

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A source of pictures: a name, a folder, an archive.",
        autocompletion=completion.sources,
        show_default=False,
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder of the study.", show_default="study-SOURCE")]
Minutes = Annotated[
    float | None, typer.Option(help="Minutes of training in all.", show_default="30")
]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer nets, two seeds, three minutes.")]
Seeds = Annotated[
    int | None, typer.Option(help="Trainings of each net.", show_default="3, quick 2")
]
Seed = Annotated[int, typer.Option(help="The first seed.")]


def study(
    source: Source,
    out: Out = None,
    minutes: Minutes = None,
    quick: Quick = False,
    seeds: Seeds = None,
    seed: Seed = 1,
) -> None:
    """Trains dense nets and small convolutions side by side on pictures, and shows why they differ.

    The folder holds study.json (every training), study.html (the page) and the best net of each
    kind. A study that was stopped goes on when it is asked for again.
    """
    folder = out or Path(f"study-{Path(source).stem}")
    asked = below.StudySettings(source, folder, minutes, quick, seeds, seed)
    below.study(asked, say=say)

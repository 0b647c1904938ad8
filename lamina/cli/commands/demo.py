"""`lamina demo`: `lamina train fashion-mnist` with a few words around it."""

from lamina.cli import below
from lamina.cli.commands.train import Epochs, Out, Seed
from lamina.core.errors import StorageError
from lamina.train.printing import say

_BEST, _FALLBACK = "fashion-mnist", "digits"


def demo(epochs: Epochs = None, seed: Seed = None, out: Out = None) -> None:
    """Trains a small network on pictures of clothes, from nothing to a test result.

    Where Fashion-MNIST is neither on this machine nor to be had from a network, the digits that
    come with scikit-learn take its place.
    """
    say("Lamina trains a network with two hidden layers to tell pictures apart.")
    dataset = _choose()
    say(f"This is `lamina train {dataset}`. Afterwards, try it with `--model cnn`,")
    say("or another data set of `lamina datasets`.\n")
    settings = below.settings.Settings(
        source=dataset, model="mlp", epochs=epochs, seed=seed or 1, out=out
    )
    below.experiment.carry_out(settings, say=say)


def _choose() -> str:
    try:
        below.catalog.load(_BEST)
    except StorageError as error:
        say(f"Fashion-MNIST cannot be had here: {error.problem}")
        say("The small handwritten digits that come with scikit-learn take its place.")
        return _FALLBACK
    return _BEST

"""Chooses what the settings of a run leave open, by the data, the model and the machine."""

from dataclasses import dataclass, replace
from typing import Any

import torch

from lamina.core import devices
from lamina.core.names import look_up
from lamina.workbench import own_models
from lamina.workbench.facts import DataFacts
from lamina.workbench.settings import Settings

_MANY_EXAMPLES = 10_000
_SMALLEST_PICTURE = 8  # pixels a side from which on a convolution pays
_TINY = 12
_MOST_EPOCHS = 100
_USUAL_FEATURES = 1_024  # beyond which an mlp learns in smaller steps
_LEAST_SHARE = 0.15


@dataclass(frozen=True)
class Recipe:
    """How a model is trained unless the user says otherwise.

    Args:
        epochs: Times each example is seen where there are many examples.
        least_updates: Updates of the weights that few examples get by more epochs.
        learning_rate: Largest step size.
        warmup: Share of the updates in which it rises.
        dropout: Share of values dropped between layers.
        weight_decay: Share that weights shrink by in an update, times the learning rate.
    """

    epochs: int
    least_updates: int
    learning_rate: float
    warmup: float = 0.0
    dropout: float = 0.0
    weight_decay: float = 0.0

    def batch_size_for(self, num_examples: int) -> int:
        """Examples in a training step."""
        return 32 if num_examples < _MANY_EXAMPLES else 128

    def epochs_for(self, num_examples: int, batch_size: int) -> int:
        """Epochs that make enough updates, at most 100."""
        steps = -(-num_examples // batch_size)
        return max(self.epochs, min(_MOST_EPOCHS, -(-self.least_updates // steps)))


RECIPES = {
    "linear": Recipe(10, 2_000, 3e-3),
    "mlp": Recipe(15, 2_000, 2e-3, dropout=0.2),
    "cnn": Recipe(10, 1_500, 3e-3, warmup=0.1, dropout=0.05),
    "resnet": Recipe(12, 1_500, 3e-3, warmup=0.1, dropout=0.05),
}
_FEW_ROWS = Recipe(15, 2_000, 2e-3, warmup=0.1, dropout=0.3, weight_decay=1.0)
"""Of an mlp on a small table: chosen by cross-validation on the training parts of four."""
_OWN = Recipe(10, 1_000, 1e-3)


def recipe(name: str, facts: DataFacts) -> Recipe:
    """How a model is trained unless the user says otherwise.

    Args:
        name: A preset, or "file.py:function".
        facts: What is known of the training part.

    Raises:
        ArgumentError: There is no such preset.
    """
    if own_models.is_own(name):
        return _OWN
    found = look_up("a model", name, RECIPES)
    if name != "mlp":
        return found
    is_small = len(facts.input_shape) < 2 and facts.num_examples < _MANY_EXAMPLES
    found = _FEW_ROWS if is_small else found
    return replace(found, learning_rate=_for_features(found.learning_rate, facts.num_features))


def _for_features(rate: float, count: int) -> float:
    """A learning rate for a hidden layer that sees so many values at once.

    Each step moves a weight by the rate, and an answer by as many times that as there are values.
    """
    share = max(_LEAST_SHARE, min(1.0, _USUAL_FEATURES / count))
    return float(f"{rate * share:.1g}")


def check_model(name: str | None) -> None:
    """Passes a name that a model can have, before anything is loaded.

    Raises:
        ArgumentError: There is no such preset.
    """
    if name is not None and not own_models.is_own(name):
        look_up("a model", name, RECIPES)


def decide(settings: Settings, facts: DataFacts) -> Settings:
    """The same settings with nothing left open.

    Args:
        settings: What is asked for.
        facts: What is known of the training part.

    Raises:
        ArgumentError: There is no such model.
    """
    name = settings.model or choose_model(facts)
    known = recipe(name, facts)
    batch_size = settings.batch_size or known.batch_size_for(facts.num_examples)
    is_convolutional = name in ("cnn", "resnet")
    augment, precision = settings.augment, settings.precision
    if augment == "auto":
        augment = choose_augmentation(facts) if is_convolutional else "none"
    if precision == "auto":
        precision = choose_precision(facts) if is_convolutional else "float32"
    return replace(
        settings,
        model=name,
        batch_size=batch_size,
        epochs=settings.epochs or known.epochs_for(facts.num_examples, batch_size),
        learning_rate=_first(settings.learning_rate, known.learning_rate),
        warmup=_first(settings.warmup, known.warmup),
        dropout=_first(settings.dropout, known.dropout),
        weight_decay=_first(settings.weight_decay, known.weight_decay),
        augment=augment,
        precision=precision,
    )


def choose_model(facts: DataFacts) -> str:
    """The preset that suits data best: "cnn" for pictures of 8 pixels a side or more, else "mlp".

    Numbers in two axes without a known range may be anything; they are no pictures.
    """
    shape = facts.picture_shape
    if shape is None or facts.value_range is None:
        return "mlp"
    is_picture = min(shape[:2]) >= _SMALLEST_PICTURE and shape[2] in (1, 3, 4)
    return "cnn" if is_picture else "mlp"


def choose_augmentation(facts: DataFacts) -> str:
    """How pictures are changed while training.

    Photographs, which have colours, are mirrored and moved a little; grey pictures, which may be
    digits or letters, are moved only; tiny ones stay as they are.
    """
    shape = facts.picture_shape
    if shape is None or min(shape[:2]) <= _TINY:
        return "none"
    return "flip" if shape[2] >= 3 else "shift"


def choose_precision(facts: DataFacts) -> str:
    """What convolutions compute in: bfloat16 where this machine has units for it.

    Tiny pictures stay in float32: what is saved in the convolutions goes into conversions.
    """
    device = devices.default()
    shape = facts.picture_shape
    if shape is None or min(shape[:2]) <= _TINY:
        return "float32"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    has_units = device.type == "cpu" and bool(capabilities.get("amx_bf16"))
    return "bfloat16" if has_units else "float32"


def _first(asked: float | None, known: float) -> float:
    return known if asked is None else asked

"""Preset models, sized to the data: linear, mlp and cnn.

Each takes raw examples: scaling is its first layer, and a regression gives its answer in the
unit of the labels. What rates and how long to train is in RECIPES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.names import look_up
from lamina.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    Normalization,
    Rescaling,
    Reshape,
)
from lamina.models.sequential import Sequential

_FEW_EXAMPLES = 10_000
_MANY_FEATURES = 1_024
_SMALLEST_MAP = 3  # pixels a side that pooling must leave


@dataclass(frozen=True)
class DataFacts:
    """What a preset needs to know of the training data.

    Args:
        name: What messages call the data.
        input_shape: Shape of one example.
        num_examples: Examples in the training part.
        num_classes: Number of classes; 0 for regression.
        value_range: Lowest and highest input, where they are fixed; otherwise the model learns
            mean and variance of each feature in `fit`.
        label_mean: Mean of the labels of the training part, for regression.
        label_deviation: Their standard deviation, above 0.
    """

    name: str
    input_shape: tuple[int, ...]
    num_examples: int
    num_classes: int = 0
    value_range: tuple[float, float] | None = None
    label_mean: float = 0.0
    label_deviation: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """How a preset is trained unless the user says otherwise.

    Args:
        epochs: Times each example is seen where there are many examples.
        least_updates: Updates of the weights that few examples get by more epochs.
        learning_rate: Step size at the start; it falls to 0 along a cosine.
    """

    epochs: int
    least_updates: int
    learning_rate: float

    def batch_size_for(self, num_examples: int) -> int:
        """Examples in a training step."""
        return 32 if num_examples < _FEW_EXAMPLES else 128

    def epochs_for(self, num_examples: int, batch_size: int) -> int:
        """Epochs that make enough updates, at most 100."""
        steps = -(-num_examples // batch_size)
        return max(self.epochs, min(100, -(-self.least_updates // steps)))


def build(name: str, facts: DataFacts) -> Sequential:
    """Makes a preset model for some data, its weights not trained.

    Args:
        name: "linear", "mlp" or "cnn".
        facts: What it is to be trained on.

    Raises:
        ArgumentError: There is no such preset, or it does not suit the data.

    Example:
        >>> build("linear", DataFacts("iris", (4,), 120, num_classes=3)).output_shape
        (None, 3)
    """
    hidden = look_up("a model", name, PRESETS)(facts)
    return Sequential(
        [Input(shape=facts.input_shape), _scaling(facts), *hidden, *_head(facts)], name=name
    )


def recipe(name: str) -> Recipe:
    """How a preset is trained unless the user says otherwise.

    Raises:
        ArgumentError: There is no such preset.
    """
    return look_up("a model", name, RECIPES)


def _linear(facts: DataFacts) -> list[Any]:
    return [Flatten()]


def _mlp(facts: DataFacts) -> list[Any]:
    """Two hidden layers, wider for more examples and for more features."""
    units = 64
    if facts.num_examples >= _FEW_EXAMPLES:
        units = 512 if _size(facts) > _MANY_FEATURES else 256
    return [
        Flatten(),
        Dense(units, activation="swish"),
        Dropout(0.2),
        Dense(units // 2, activation="swish"),
        Dropout(0.2),
    ]


def _cnn(facts: DataFacts) -> list[Any]:
    """Three convolutions, each with twice the filters on a quarter of the pixels."""
    height, width, channels = _picture_shape(facts)
    layers: list[Any] = []
    if len(facts.input_shape) == 2:
        layers.append(Reshape((height, width, channels)))
    side = min(height, width)
    for filters in (24, 48, 96):
        layers += [
            Conv2D(filters, 3, padding="same", use_bias=False),
            BatchNormalization(momentum=0.9),
            Activation("relu"),
        ]
        if side >= 2 * _SMALLEST_MAP:
            layers.append(MaxPooling2D(2))
            side //= 2
        layers.append(Dropout(0.15))
    return [*layers, Flatten()]


def _picture_shape(facts: DataFacts) -> tuple[int, int, int]:
    shape = facts.input_shape
    if len(shape) not in (2, 3) or min(shape[:2]) < _SMALLEST_MAP:
        raise ArgumentError(
            f"model 'cnn' does not suit {facts.name}: its examples have the shape {shape}.",
            expected="pictures of shape (height, width) or (height, width, channels).",
            fix="use the model 'mlp'.",
        )
    return (shape[0], shape[1], 1 if len(shape) == 2 else shape[2])


def _scaling(facts: DataFacts) -> Any:
    """Brings inputs to a handy range: by a known one, or by one learned in `fit`."""
    if facts.value_range is None:
        return Normalization()
    low, high = facts.value_range
    return Rescaling(1 / (high - low), offset=-low / (high - low))


def _head(facts: DataFacts) -> list[Any]:
    if facts.num_classes:
        return [Dense(facts.num_classes, activation="softmax")]
    return [Dense(1), Rescaling(facts.label_deviation, offset=facts.label_mean)]


def _size(facts: DataFacts) -> int:
    size = 1
    for length in facts.input_shape:
        size *= length
    return size


PRESETS: dict[str, Callable[[DataFacts], list[Any]]] = {
    "linear": _linear,
    "mlp": _mlp,
    "cnn": _cnn,
}

RECIPES = {
    "linear": Recipe(epochs=10, least_updates=2_000, learning_rate=3e-3),
    "mlp": Recipe(epochs=15, least_updates=2_000, learning_rate=2e-3),
    "cnn": Recipe(epochs=10, least_updates=1_000, learning_rate=3e-3),
}

"""Preset models, sized to the data: linear, mlp, cnn and resnet.

Each takes raw examples: scaling, gaps and words are the business of its first layers, and a
regression gives its answer in the unit of the labels. How they are trained is in `choosing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lamina.core import dtypes
from lamina.core.errors import ArgumentError
from lamina.core.names import look_up
from lamina.layers import (
    Dense,
    Dropout,
    Flatten,
    Input,
    Normalization,
    RandomFlip,
    RandomTranslation,
    Rescaling,
    Reshape,
)
from lamina.models.model import Model
from lamina.workbench import convolutions, tables
from lamina.workbench.facts import DataFacts

_FEW_EXAMPLES = 10_000
_MANY_FEATURES = 1_024
_MIDDLE = 0.5  # of values from 0 to 1
_SHIFT = 0.08  # of height and width: two pixels of 28


@dataclass(frozen=True)
class Sizing:
    """What of a preset can be set.

    Args:
        width: What the numbers of units and filters are multiplied by.
        dropout: Share of values dropped between layers.
        augment: "none", "shift" or "flip".
        precision: What convolutions compute in: "float32" or "bfloat16".
    """

    width: float = 1.0
    dropout: float = 0.0
    augment: str = "none"
    precision: str = "float32"


def build(name: str, facts: DataFacts, sizing: Sizing | None = None) -> Model:
    """Makes a preset model for some data, its weights not trained.

    Args:
        name: "linear", "mlp", "cnn" or "resnet".
        facts: What it is to be trained on.
        sizing: Width, dropout, augmentation and precision.

    Raises:
        ArgumentError: There is no such preset, or it does not suit the data.

    Example:
        >>> build("linear", DataFacts("iris", (4,), 120, num_classes=3)).output_shape
        (None, 3)
    """
    body = look_up("a model", name, PRESETS)
    sizing = sizing or Sizing()
    given: Any
    if facts.is_table:
        _refuse_pictures(name, facts)
        given, x = tables.features(facts, one_hot=name == "linear")
    else:
        given = Input(shape=facts.input_shape, name="examples")
        x = _scaling(facts, centred=name == "mlp")(given)
    outputs = _head(body(x, facts, sizing), facts)
    return Model(inputs=given, outputs=outputs, name=name)


def _linear(x: Any, facts: DataFacts, sizing: Sizing) -> Any:
    return x if len(x.shape) == 2 else Flatten()(x)


def _mlp(x: Any, facts: DataFacts, sizing: Sizing) -> Any:
    """Two hidden layers, wider for more examples and for more features."""
    units = 64
    if facts.num_examples >= _FEW_EXAMPLES:
        units = 512 if facts.num_features > _MANY_FEATURES else 256
    units = max(4, round(units * sizing.width))
    x = x if len(x.shape) == 2 else Flatten()(x)
    for size in (units, max(2, units // 2)):
        x = Dropout(sizing.dropout)(Dense(size, activation="swish")(x))
    return x


def _cnn(x: Any, facts: DataFacts, sizing: Sizing) -> Any:
    return _convolutional("cnn", convolutions.cnn, x, facts, sizing)


def _resnet(x: Any, facts: DataFacts, sizing: Sizing) -> Any:
    return _convolutional("resnet", convolutions.resnet, x, facts, sizing)


def _convolutional(name: str, body: Any, x: Any, facts: DataFacts, sizing: Sizing) -> Any:
    shape = facts.picture_shape
    if shape is None or min(shape[:2]) < convolutions.SMALLEST_SIDE:
        raise ArgumentError(
            f"model {name!r} does not suit {facts.name}: its examples have the shape "
            f"{facts.input_shape}.",
            expected="pictures of shape (height, width) or (height, width, channels).",
            fix="use the model 'mlp'.",
        )
    if len(facts.input_shape) == 2:
        x = Reshape(shape)(x)
    if sizing.augment == "flip":
        x = RandomFlip("horizontal")(x)
    if sizing.augment in ("flip", "shift"):
        x = RandomTranslation(_SHIFT, _SHIFT, fill_mode="nearest")(x)
    with _computing_in(sizing.precision):
        return body(x, min(shape[:2]), facts.num_examples, sizing.width, sizing.dropout)


@contextmanager
def _computing_in(precision: str) -> Iterator[None]:
    """Layers made in this block compute in that dtype; their weights stay float32."""
    before = dtypes.policy()
    if precision != "float32":
        dtypes.set_policy(f"mixed_{precision}")
    try:
        yield
    finally:
        dtypes.set_policy(before)


def _refuse_pictures(name: str, facts: DataFacts) -> None:
    if name in ("cnn", "resnet"):
        raise ArgumentError(
            f"model {name!r} does not suit {facts.name}: its examples are rows of a table.",
            expected="pictures of shape (height, width) or (height, width, channels).",
            fix="use the model 'mlp'.",
        )


def _scaling(facts: DataFacts, *, centred: bool) -> Any:
    """Brings inputs to a handy range: by a known one, or by one learned in `fit`.

    Thousands of values above 0 push a dense hidden layer all the same way, hence `centred`;
    convolutions have a normalization behind them.
    """
    if facts.value_range is None:
        return Normalization()
    low, high = facts.value_range
    middle = _MIDDLE if centred else 0.0
    return Rescaling(1 / (high - low), offset=-low / (high - low) - middle)


def _head(x: Any, facts: DataFacts) -> Any:
    if facts.num_classes:
        return Dense(facts.num_classes, activation="softmax", name="classes")(x)
    answer = Dense(1, name="answer")(x)
    return Rescaling(facts.label_deviation, offset=facts.label_mean, name="unit")(answer)


PRESETS = {"linear": _linear, "mlp": _mlp, "cnn": _cnn, "resnet": _resnet}

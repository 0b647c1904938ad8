"""The nets of the study: plain dense ones by depth and width, and small convolutional ones."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from lamina.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    Rescaling,
)
from lamina.losses import CategoricalCrossentropy
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.models.summary import multiply_adds
from lamina.optimizers import Adam
from lamina.optimizers.schedules import CosineDecay

_SMALLEST_MAP = 2  # pixels a side that pooling must leave
_RATES = {"dense": 1e-3, "convolution": 4e-3}
_MOMENTUM = 0.9  # of the moving averages, which must be good after one epoch


@dataclass(frozen=True)
class Net:
    """One net of the grid.

    Args:
        kind: "dense", which sees a picture as a list of numbers, or "convolution".
        depth: Hidden layers of a dense net; blocks of two convolutions, a pooling between them.
        width: Units of each hidden layer; filters of the first block, doubled in each block.
    """

    kind: Literal["dense", "convolution"]
    depth: int
    width: int

    @property
    def size(self) -> str:
        """Depth and width, such as "2 x 512"."""
        return f"{self.depth} x {self.width}"

    @property
    def name(self) -> str:
        """Short name, such as "dense 2 x 512"."""
        return f"{self.kind} {self.size}"

    def to_dict(self) -> dict[str, Any]:
        """The net as plain data."""
        return asdict(self)


def build(net: Net, input_shape: tuple[int, ...], num_classes: int) -> Sequential:
    """Makes a net for pictures of 0 to 255, its outputs logits in float32.

    Args:
        net: Which one.
        input_shape: Height, width and channels of a picture.
        num_classes: Number of classes.
    """
    hidden = _dense(net) if net.kind == "dense" else _convolutions(net, min(input_shape[:2]))
    head = Dense(num_classes, dtype="float32")
    name = net.name.replace(" ", "-")
    return Sequential([Input(shape=input_shape), Rescaling(1 / 255), *hidden, head], name=name)


def compiled(
    net: Net, input_shape: tuple[int, ...], num_classes: int, num_updates: int
) -> Sequential:
    """A net ready for `fit` on one-hot labels: Adam, its rate falling to 0 along a cosine.

    Args:
        net: Which one.
        input_shape: Height, width and channels of a picture.
        num_classes: Number of classes.
        num_updates: Updates until the rate is 0.
    """
    model = build(net, input_shape, num_classes)
    model.compile(
        optimizer=Adam(CosineDecay(_RATES[net.kind], max(1, num_updates))),
        loss=CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def cost(model: Model) -> int:
    """Multiply-adds that one picture needs."""
    layers: list[Any] = model.layers  # of ours all, for the net was built from them
    nodes = [node for layer in layers for node in layer._nodes[:1]]
    return sum(multiply_adds(node) or 0 for node in nodes if node.operation is not None)


def _dense(net: Net) -> list[Any]:
    return [Flatten(), *(Dense(net.width, activation="relu") for _ in range(net.depth))]


def _convolutions(net: Net, side: int) -> list[Any]:
    # Pooling before the second convolution of a block saves three quarters of its work; in the
    # same seconds that is worth more than the finer map.
    layers: list[Any] = []
    for block in range(net.depth):
        filters = net.width * 2**block
        layers.append(_filters(filters))
        if side >= 2 * _SMALLEST_MAP:
            layers.append(MaxPooling2D(2))
            side //= 2
        layers += [*_normalized(), _filters(filters), *_normalized()]
    return [*layers, GlobalAveragePooling2D()]


def _filters(count: int) -> Conv2D:
    return Conv2D(count, 3, padding="same", use_bias=False)


def _normalized() -> list[Any]:
    return [BatchNormalization(momentum=_MOMENTUM), Activation("relu")]

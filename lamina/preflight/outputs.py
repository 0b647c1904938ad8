"""What each output of a model ends in: the last activation, its layer, and dropout on the way."""

from dataclasses import dataclass, field

from lamina.preflight.structure import Call, Shape, Structure

# What values an activation can take; `None` for no end.
RANGES: dict[str, tuple[float | None, float | None]] = {
    "softmax": (0, 1),
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "hardsigmoid": (0, 1),
    "tanh": (-1, 1),
    "hard_tanh": (-1, 1),
    "hardtanh": (-1, 1),
    "softsign": (-1, 1),
    "relu": (0, None),
    "relu6": (0, 6),
    "softplus": (0, None),
    "exponential": (0, None),
    "elu": (-1, None),
    "selu": (-1.7581, None),
    "linear": (None, None),
    "leaky_relu": (None, None),
    "leakyrelu": (None, None),
    "prelu": (None, None),
    "gelu": (-0.17, None),
    "silu": (-0.28, None),
    "logsoftmax": (None, 0),
}
UNKNOWN = "unknown"


@dataclass
class OutputEnd:
    """The end of a model on the way to one output."""

    name: str
    shape: Shape
    activation: str = UNKNOWN
    weight: Call | None = None  # the last linear map with weights
    bends: list[Call] = field(default_factory=list)  # activations met, the last first
    dropouts: list[Call] = field(default_factory=list)

    @property
    def units(self) -> int | None:
        """Size of the last axis."""
        return self.shape[-1] if len(self.shape) > 1 else 1

    @property
    def layer_name(self) -> str:
        """The layer that the user would change: the last activation or linear map."""
        last = self.weight if self.weight is not None and not self.weight.is_linear else None
        last = self.bends[0] if self.bends else last or self.weight
        return self.name if last is None else last.name

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The values the output can take."""
        return RANGES.get(self.activation, (None, None))


def ends_of(structure: Structure) -> list[OutputEnd]:
    """The end of the model for each output."""
    parts = zip(structure.outputs, structure.output_shapes, structure.output_names, strict=True)
    return [_end(structure, *part) for part in parts]


def _end(structure: Structure, value: int, shape: Shape, name: str) -> OutputEnd:
    end = OutputEnd(name, shape)
    call = structure.producer.get(value)
    while call is not None:
        if call.kind == "dropout":
            end.dropouts.append(call)
        elif call.kind == "activation":
            end.bends.append(call)
            if not call.is_linear and end.activation == UNKNOWN:
                end.activation = call.activation
        elif call.kind == "weight":
            end.weight = call
            if end.activation == UNKNOWN:
                end.activation = call.activation
            return end
        elif call.kind != "shape":
            break
        call = structure.maker(call)
    end.dropouts = []
    return end

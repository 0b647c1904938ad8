"""Accident: where and why a training stopped being finite, as plain data."""

from dataclasses import dataclass, field
from typing import Any

from lamina.preflight.tracing import LOSS, Operation, Passage, Trace

_LOGARITHMS = {"log", "log2", "log10", "log1p", "xlogy", "logit", "logaddexp"}
_DIVISIONS = {"div", "truediv", "rtruediv", "true_divide", "divide", "reciprocal", "rsqrt"}
_DIVISIONS |= {"rdiv", "itruediv"}
_ROOTS = {"sqrt", "pow", "rpow", "norm", "vector_norm", "rsqrt"}
_STEEP = {*_ROOTS, "acos", "asin", "arccos", "arcsin", "atan2", "acosh", "atanh"}


@dataclass
class Accident:
    """The step that made the loss or a weight no finite number any more.

    Args:
        epoch: Number of the epoch, from 1.
        step: Number of the step in it, from 1.
        update: Number of the update, from 1 at the beginning of the training.
        rows: Rows of the batch, as places in x; `None` for a stream.
        bad_rows: Those among them whose numbers were not finite first; `None` where all share it.
        kind: What was not finite first: "input", "output", "gradient" or "update".
        layer: Where.
        operation: The torch function that did it; "" where none did.
        low: Smallest number that went into the operation.
        high: Largest number that went into the operation.
        dtype: Type of the numbers that came out.
        what: For "input": which array, such as "x".
        path: What left each layer on the way there.
        growth: How many times the weights were longer than at the beginning.
    """

    epoch: int
    step: int
    update: int
    kind: str
    rows: list[int] | None = None
    bad_rows: list[int] | None = None
    layer: str = ""
    operation: str = ""
    low: float = 0.0
    high: float = 0.0
    dtype: str = "float32"
    what: str = "x"
    path: list[Passage] = field(default_factory=list)
    growth: float = 1.0

    @property
    def cause(self) -> str:
        """One word for what most likely lies behind it."""
        if self.kind == "input":
            return "input"
        is_half = self.dtype in ("float16",)
        if self.kind == "output":
            if self.operation in _LOGARITHMS and self.low <= 0:
                return "logarithm"
            if self.operation in ("sqrt", "rsqrt") and self.low < 0:
                return "root"
            if self.operation in _DIVISIONS and max(abs(self.low), abs(self.high)) < 1e18:
                return "division"
            if is_half and self.growth < 10:
                return "half"
        if self.kind == "gradient" and self.operation in (_STEEP | _LOGARITHMS | _DIVISIONS):
            return "steep"
        if is_half and self.growth < 10:
            return "half"
        return "exploding"

    def to_dict(self) -> dict[str, Any]:
        """The accident as plain data."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "update": self.update,
            "rows": self.rows,
            "bad_rows": self.bad_rows,
            "first": {"kind": self.kind, "layer": self.layer, "operation": self.operation},
            "path": [
                {"layer": one.layer, "largest": one.largest, "gradient": one.gradient}
                for one in self.path
            ],
            "cause": self.cause,
            "growth": self.growth,
        }


def accident_of(trace: Trace, **place: Any) -> Accident:
    """What a trace shows: the first operation that went wrong, forwards or backwards."""
    found = trace.first_output
    if found is not None:
        return _made("output", found, found.rows, trace, place)
    back = trace.first_gradient
    if back is not None:
        return _made("gradient", back[0], back[1], trace, place)
    if trace.weights:
        layer = trace.weights[0].rpartition(".")[0] or trace.weights[0]
        return Accident(kind="gradient", layer=layer, path=trace.passages, **place)
    return Accident(kind="update", layer=LOSS, path=trace.passages, **place)


def _made(
    kind: str, found: Operation, rows: list[int] | None, trace: Trace, place: dict[str, Any]
) -> Accident:
    return Accident(
        kind=kind,
        layer=found.layer,
        operation=found.name,
        bad_rows=rows,
        low=found.low,
        high=found.high,
        dtype=str(found.dtype).removeprefix("torch."),
        path=trace.passages,
        **place,
    )

"""Checks ids against the vocabulary of the Embedding that an input feeds, before the first step."""

from types import TracebackType
from typing import Any, NamedTuple

from torch import Tensor

from lamina.core import trees
from lamina.core.errors import DataError
from lamina.data.finite import row_chunks, words_for
from lamina.layers import Embedding


class Lookup(NamedTuple):
    """An input whose values are looked up in a table."""

    place: int
    layer: str
    size: int


def lookups(model: Any) -> list[Lookup]:
    """The inputs of a model that go straight into an Embedding, by their place."""
    places = {id(symbol): place for place, symbol in enumerate(model.inputs or [])}
    return [
        Lookup(places[id(node.args[0])], layer.name, layer.input_dim)
        for layer in model.modules()
        if isinstance(layer, Embedding)
        for node in layer._nodes
        if node.args and id(node.args[0]) in places
    ]


def check_ids(model: Any, x: Any, name: str = "x") -> None:
    """Passes inputs whose ids the model's Embedding layers know.

    Args:
        model: A model; without a recorded graph nothing is known beforehand.
        x: Any number of examples, as tensors.
        name: What messages call them.

    Raises:
        DataError: An id is not whole, negative, or beyond the vocabulary.
    """
    found = lookups(model)
    if not found:
        return
    leaves = trees.leaves(x)
    for lookup in found:
        label = f"{name}[{model.input_names[lookup.place]!r}]" if len(leaves) > 1 else name
        _check(label, leaves[lookup.place], lookup)


def _check(name: str, ids: Tensor, lookup: Lookup) -> None:
    for start, part in row_chunks(ids):
        wrong = ~((part >= 0) & (part < lookup.size))
        is_whole = True
        if not wrong.any() and part.is_floating_point():
            wrong = part != part.round()
            is_whole = False
        if not wrong.any():
            continue
        row, *rest = wrong.nonzero()[0].tolist()
        value, place = part[(row, *rest)].item(), words_for([start + row, *rest])
        fix = f"make it Embedding({int(max(value, 0)) + 1}, ...), or map unknown ids to one id."
        if not is_whole or not value >= 0:
            fix = "number the words or categories from 0, for example with np.unique."
        raise DataError(
            f"{name} has the id {value:g} at {place}; "
            f"layer {lookup.layer!r} knows {lookup.size} ids.",
            expected=f"whole numbers from 0 to {lookup.size - 1}.",
            fix=fix,
        )


class Explained:
    """Says which layers look ids up when a kernel meets one that does not exist.

    For ids that no check sees beforehand: those that a model computes on the way.

    Args:
        model: The model that runs in the block.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        """Nothing has to be prepared."""

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, IndexError) or "out of range" not in str(error):
            return
        found = [layer for layer in self.model.modules() if isinstance(layer, Embedding)]
        if found:
            tables = ", ".join(f"{layer.name!r} ({layer.input_dim} ids)" for layer in found[:3])
            raise DataError(
                f"an id is outside the vocabulary of {tables}.",
                expected="whole numbers from 0 up to, not including, input_dim.",
                fix="make input_dim larger than the largest id, or correct the ids.",
            ) from error

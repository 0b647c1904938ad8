"""Lets layers that learn from data learn from the training part, before the first step."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import StateError
from lamina.data import ArrayBatches, StreamBatches
from lamina.graph import Network
from lamina.layers.adapted import AdaptedLayer
from lamina.layers.base import as_parts
from lamina.train.feeding import feed


def adapt_layers(model: Any, batches: ArrayBatches | StreamBatches) -> None:
    """Adapts every layer that has not been, in the order of the graph.

    Args:
        model: A model; its graph says what each layer is called on.
        batches: The training data.

    Raises:
        StateError: A layer that must learn stands in a model without a recorded graph, or the
            training data is a stream that can be gone through only once.
    """
    waiting = [m for m in model.modules() if isinstance(m, AdaptedLayer) and not m.is_adapted]
    for layer in waiting:
        if not model.inputs or not layer._nodes or _is_one_pass(batches):
            raise StateError(
                f"layer {layer.name!r} has learned nothing yet.",
                expected="a layer that fit() can adapt: in a model made from Input(), on arrays.",
                fix=f"call {layer.name}.adapt(train_x) before fit().",
            )
        network = Network(model.input, layer.input)
        layer.adapt(_features(network, batches))


def _is_one_pass(batches: ArrayBatches | StreamBatches) -> bool:
    return isinstance(batches, StreamBatches) and batches.is_one_pass


def _features(network: Network, batches: ArrayBatches | StreamBatches) -> Iterator[Tensor]:
    count = len(network.input_symbols)
    with torch.no_grad():
        for fed in feed(batches, 0):
            inputs = [
                tensor if tensor.dtype == symbol.dtype else tensor.to(symbol.dtype)
                for tensor, symbol in zip(fed.tensors[:count], network.input_symbols, strict=True)
            ]
            with as_parts():
                outputs = network.run(inputs)
            yield outputs

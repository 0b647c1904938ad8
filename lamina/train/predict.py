"""The prediction loop, and the short way for a few rows."""

import threading
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import devices, trees
from lamina.data import ArrayBatches, Batch, StreamBatches
from lamina.step.runner import Runner, layout_key
from lamina.train.callbacks.base import CallbackList
from lamina.train.feeding import feed
from lamina.train.id_checks import lookups
from lamina.train.session import Session, leaves_of
from lamina.train.views import averaged
from lamina.train.whereabouts import Whereabouts

_MOST_CAPTURES = 16  # shapes kept; a program that predicts on ever new shapes runs eagerly


class Predictor:
    """Forward passes of a session's module in evaluation mode, captured per shape of input.

    May be called from several threads: replays of a prediction share no memory.
    """

    def __init__(self, session: Session, augment: Any = None) -> None:
        self.session = session
        forward = session.forward
        self._forward = forward if augment is None else averaged(forward, augment)
        self._others: dict[Any, Predictor] = {}
        self._lock = threading.Lock()
        self._graph: Any = None
        self._looks_ids_up = False
        self._forget()

    def seeing(self, augment: Any) -> "Predictor":
        """The predictor that averages over these views; this one where there are none."""
        if augment is None:
            return self
        key = tuple(augment) if isinstance(augment, list) else augment
        if key not in self._others:
            self._others[key] = Predictor(self.session, augment)
        return self._others[key]

    def _forget(self) -> None:
        is_eager = self.session.plan is not None and self.session.plan.tier == "eager"
        self._runner = Runner("eager" if is_eager else "captured", plan_memory=False)
        self._places: Whereabouts | None = None

    def looks_ids_up(self) -> bool:
        """Whether an input goes straight into an Embedding, so that its values need a check."""
        graph = self.session.module.__dict__.get("_network")
        if graph is not self._graph:
            self._graph, self._looks_ids_up = graph, bool(lookups(self.session.module))
        return self._looks_ids_up

    def outputs(self, x: Any, leaves: list[Tensor]) -> Any:
        """Outputs, nested, for inputs nested like `x` whose tensors are `leaves`."""
        if self._places is not None and self._places.still_hold():
            replay = self._runner.replays.get(layout_key(leaves))
            if replay is not None:
                return replay(*leaves)
        with self._lock:
            if self._places is None or not self._places.still_hold():
                self._forget()
            result = self._record(x, leaves)
            self._places = self._places or Whereabouts(self.session.module)
            return result

    def _record(self, x: Any, leaves: list[Tensor]) -> Any:
        module = self.session.module
        was_training = module.training
        module.eval()

        def forward(*inputs: Tensor) -> Any:
            with torch.no_grad():
                return self._forward(trees.refill(x, list(inputs)))

        try:
            if len(self._runner.replays) >= _MOST_CAPTURES:
                return forward(*leaves)
            return self._runner(layout_key(leaves), forward, leaves)
        finally:
            if was_training:
                module.train()

    def run(
        self,
        batches: ArrayBatches | StreamBatches,
        steps: int | None,
        callbacks: CallbackList,
        threads: int | None = None,
    ) -> Any:
        """Outputs for all batches, joined, as NumPy arrays in the nesting of the outputs."""
        has_hooks = callbacks.has_batch_hooks("predict")
        callbacks.on_predict_begin({})
        parts: list[list[np.ndarray]] = []
        nesting: Any = None
        structure = batches.data.x if isinstance(batches, ArrayBatches) else None
        with devices.threads(threads):
            for index, x, leaves in _inputs(batches, structure, steps):
                if has_hooks:
                    callbacks.on_predict_batch_begin(index, {})
                nesting = self.outputs(x, leaves)
                parts.append([to_numpy(leaf) for leaf in trees.leaves(nesting)])
                if has_hooks:
                    callbacks.on_predict_batch_end(index, {"outputs": parts[-1]})
        callbacks.on_predict_end({})
        joined = [
            np.concatenate(column) if len(column) > 1 else column[0]
            for column in zip(*parts, strict=True)
        ]
        return trees.refill(nesting, joined)


def _inputs(batches: Any, structure: Any, steps: int | None) -> Any:
    if isinstance(batches, ArrayBatches):
        for fed in feed(batches, 0, stop=steps):
            yield fed.index, structure, fed.tensors
        return
    for index, batch in enumerate(batches.epoch(0)):
        yield index, batch.x, leaves_of(Batch(batch.x))
        if index + 1 == steps:
            return


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The values as a NumPy array; half precision becomes float32."""
    tensor = tensor.detach()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return tensor.as_subclass(Tensor).cpu().numpy()


def predictor_of(model: Any) -> Predictor:
    """The captured forward passes that a model keeps, made where there are none yet."""
    if model._predictor is None:
        held = model._session or Session(model, model._plan)
        model.__dict__["_predictor"] = Predictor(held)
    return model._predictor

"""The evaluation loop."""

from typing import Any

from lamina.core import devices
from lamina.data import ArrayBatches, StreamBatches
from lamina.train.callbacks.base import CallbackList
from lamina.train.callbacks.swap_ema import SwapEMAWeights
from lamina.train.feeding import example_of, feed
from lamina.train.session import Session
from lamina.train.watch import Interrupted, Watch
from lamina.train.whereabouts import Whereabouts


class Evaluation:
    """Computes loss and metrics over a data set; may be run once an epoch.

    Args:
        session: The module with its plan, prepared.
        batches: Data with labels.
        steps: Batches to look at; all when `None`.
        threads: Threads inside kernels.
        augment: Views that outputs are averaged over, see `views.averaged`.
    """

    def __init__(
        self,
        session: Session,
        batches: ArrayBatches | StreamBatches,
        steps: int | None = None,
        threads: int | None = None,
        augment: Any = None,
    ) -> None:
        self.session, self.batches, self.steps, self.threads = session, batches, steps, threads
        self.runner = session.reading_runner()
        self._places = Whereabouts(session.module)
        self._step = session.evaluation_step(example_of(batches), augment)

    def run(self, callbacks: CallbackList, watch: Watch | None = None) -> dict[str, float]:
        """Loss and metrics by name, exact over all examples.

        Raises:
            Interrupted: A signal came that `watch` holds back; the model is as it was.
        """
        session, has_hooks = self.session, callbacks.has_batch_hooks("test")
        if not self._places.still_hold():
            self.runner = session.reading_runner()
            self._places = Whereabouts(session.module)
        callbacks.on_test_begin({})
        session.module.eval()
        session.objective.reset()
        try:
            with devices.threads(self.threads):
                self._batches(callbacks, watch, has_hooks)
        except BaseException:
            _put_weights_back(callbacks)
            raise
        results = session.objective.results()
        callbacks.on_test_end(results)
        return results

    def _batches(self, callbacks: CallbackList, watch: Watch | None, has_hooks: bool) -> None:
        for fed in feed(self.batches, 0, stop=self.steps):
            if has_hooks:
                callbacks.on_test_batch_begin(fed.index, {})
            self.runner(fed.key, self._step, fed.tensors)
            if has_hooks:
                callbacks.on_test_batch_end(fed.index, {})
            if watch is not None and watch.stops_here:
                raise Interrupted
            if fed.index + 1 == self.steps:
                break


def _put_weights_back(callbacks: CallbackList) -> None:
    """Ends the exchange with moving averages where an evaluation did not come to its end."""
    for callback in callbacks.callbacks:
        if isinstance(callback, SwapEMAWeights):
            callback.on_test_end()

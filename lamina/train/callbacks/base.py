"""Callback with all of Keras's hooks, and the list that calls them.

A batch hook that nobody overrides costs nothing: the list says once which hooks are wanted.
"""

from collections.abc import Iterable
from typing import Any

from lamina.core import calls
from lamina.core.errors import ArgumentTypeError
from lamina.core.names import shown

_BATCH_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """Is told what happens in training, evaluation and prediction.

    Attributes:
        model: The model in training.
        params: What `fit` was asked for: "epochs", "steps", "verbose", and where they are known
            "metrics", the names that the logs will have. "adds_logs" says whether a callback of
            the user may add others.

    Numbers in the logs of batch hooks are read when a hook looks at them, which waits for the
    device.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Arguments that a constructor does not know are refused by name."""
        super().__init_subclass__(**kwargs)
        calls.explain_constructor(cls)

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._model: Any = None

    @property
    def model(self) -> Any:
        """The model in training."""
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        """Is told what `fit` was asked for."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Is told the model in training."""
        self._model = model

    def set_examples(self, x: Any, y: Any) -> None:
        """Is told a few labelled examples: of the validation, or else of the training."""

    def state(self) -> dict[str, Any]:
        """What a resumed run must know; see `load_state`.

        Plain data that JSON can hold, and under "tensors", if there are any, a dictionary of
        tensors by name.
        """
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on from what `state` returned; called after `on_train_begin`."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """After the last epoch."""

    def on_train_stopped(self, error: BaseException) -> None:
        """After a run that an error or Ctrl-C ended; `on_train_end` is not called then."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Before an epoch; the first is 0."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """After an epoch and its validation, with all numbers in `logs`."""

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before a training batch."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After a training batch."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before an evaluation."""

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """After an evaluation."""

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before an evaluation batch."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After an evaluation batch."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before a prediction batch."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After a prediction batch."""


class CallbackList:
    """Calls a list of callbacks in order.

    Args:
        callbacks: One callback, a list of them, or `None`.
        model: The model they are told about.
        **params: What `fit` was asked for.

    Raises:
        ArgumentTypeError: One of them is no callback.
    """

    def __init__(
        self, callbacks: Any = None, add_history: bool = False, model: Any = None, **params: Any
    ) -> None:
        self.callbacks = _checked(callbacks)
        self.params = params
        self.set_params(params)
        if model is not None:
            self.set_model(model)

    def append(self, callback: Callback) -> None:
        """Adds a callback at the end."""
        self.callbacks.append(callback)

    def set_params(self, params: dict[str, Any]) -> None:
        """Tells all of them what `fit` was asked for."""
        adds_logs = any(_may_add_logs(callback) for callback in self.callbacks)
        self.params = params = {**params, "adds_logs": adds_logs}
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Tells all of them the model."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    @property
    def wants_examples(self) -> bool:
        """Whether any callback overrides `set_examples`."""
        return any(_overrides(callback, "set_examples") for callback in self.callbacks)

    def set_examples(self, x: Any, y: Any) -> None:
        """Tells all of them a few labelled examples."""
        for callback in self.callbacks:
            callback.set_examples(x, y)

    def has_batch_hooks(self, kind: str) -> bool:
        """Whether any callback overrides a batch hook of "train", "test" or "predict"."""
        return any(
            _overrides(callback, hook) for callback in self.callbacks for hook in _BATCH_HOOKS[kind]
        )

    def __getattr__(self, hook: str) -> Any:
        if not hook.startswith("on_"):
            raise AttributeError(hook)

        def call(*args: Any) -> None:
            for callback in self.callbacks:
                getattr(callback, hook)(*args)

        return call

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the hook under its new and its old name."""
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)
            callback.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the hook under its new and its old name."""
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)
            callback.on_batch_end(batch, logs)


def _overrides(callback: Callback, hook: str) -> bool:
    """Whether the hook is another one, by its class or set on the object itself."""
    return getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook)


def _may_add_logs(callback: Callback) -> bool:
    """Whether code of the user runs at the end of an epoch; it may add numbers to the logs."""
    is_foreign = not type(callback).__module__.startswith("lamina.")
    own = "on_epoch_end" in vars(callback)
    return own or (is_foreign and _overrides(callback, "on_epoch_end"))


def _checked(callbacks: Any) -> list[Callback]:
    if callbacks is None:
        return []
    if isinstance(callbacks, CallbackList):
        return list(callbacks.callbacks)
    is_several = isinstance(callbacks, Iterable) and not hasattr(callbacks, "__array__")
    found = list(callbacks) if is_several else [callbacks]
    for callback in found:
        if isinstance(callback, type) and issubclass(callback, Callback):
            raise ArgumentTypeError(
                f"callbacks holds the class {callback.__name__}.",
                expected="objects.",
                fix=f"make one: callbacks=[{callback.__name__}(...)].",
            )
        if not isinstance(callback, Callback):
            raise ArgumentTypeError(
                f"callbacks holds {shown(callback)}, which is no callback.",
                expected="objects of classes derived from lamina.callbacks.Callback.",
                fix="wrap a function: LambdaCallback(on_epoch_end=lambda epoch, logs: ...).",
            )
    return found

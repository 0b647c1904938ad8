"""Checks the arguments of fit, evaluate and predict that are no data."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lamina.core import checks
from lamina.core.errors import ArgumentError, StateError
from lamina.data.split import check_share

_VERBOSE = ("auto", 0, 1, 2, True, False)
_NAN = ("error", "allow")
_lock = threading.Lock()


def check_fit(options: dict[str, Any]) -> None:
    """Passes numbers and words that `fit` can work with.

    Raises:
        ArgumentError: One of them has no possible value.
    """
    checks.positive_int("fit", "epochs", options["epochs"])
    checks.whole("fit", "initial_epoch", options["initial_epoch"])
    if options["initial_epoch"] >= options["epochs"] and options["initial_epoch"] > 0:
        raise ArgumentError(
            f"fit(initial_epoch={options['initial_epoch']}, epochs={options['epochs']}) trains "
            "no epoch.",
            expected="'epochs' as the number of the last epoch, above 'initial_epoch'.",
            fix=f"pass epochs={options['initial_epoch'] + 1} or more.",
        )
    names = ("batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size")
    _check_counts("fit", options, names)
    checks.choice("fit", "shuffle", options["shuffle"], (True, False, "batch"))
    checks.choice("fit", "verbose", options["verbose"], _VERBOSE)
    modes = ("stratified", "last")
    checks.choice("fit", "validation_mode", options["validation_mode"], modes)
    checks.choice("fit", "nan", options["nan"], _NAN)
    _check_frequency(options["validation_freq"])
    share = options["validation_split"]
    if share is not None and not (checks.is_number(share) and share == 0):
        check_share(share)


def check_evaluate(options: dict[str, Any]) -> None:
    """Passes numbers and words that `evaluate` can work with.

    Raises:
        ArgumentError: One of them has no possible value.
    """
    _check_counts("evaluate", options, ("batch_size", "steps"))
    checks.choice("evaluate", "verbose", options["verbose"], _VERBOSE)
    checks.choice("evaluate", "nan", options["nan"], _NAN)
    checks.boolean("evaluate", "return_dict", options["return_dict"])


def check_predict(options: dict[str, Any]) -> None:
    """Passes numbers and words that `predict` can work with.

    Raises:
        ArgumentError: One of them has no possible value.
    """
    _check_counts("predict", options, ("batch_size", "steps"))
    if options["verbose"] is not _VERBOSE[0]:  # the default, for calls that should be short
        checks.choice("predict", "verbose", options["verbose"], _VERBOSE)
    if options["nan"] is not _NAN[0]:
        checks.choice("predict", "nan", options["nan"], _NAN)


def _check_counts(owner: str, options: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if options[name] is not None:
            checks.positive_int(owner, name, options[name])


def _check_frequency(value: Any) -> None:
    """A number of epochs, or the numbers of the epochs that end with a validation."""
    if isinstance(value, (list, tuple, set, frozenset, range)):
        if value and all(checks.is_whole(epoch) and epoch >= 1 for epoch in value):
            return
    elif checks.is_whole(value) and value >= 1:
        return
    raise checks.refuse(
        "fit",
        "validation_freq",
        value,
        expected="'validation_freq' as a whole number of at least 1, or a list of them.",
        fix="pass for example validation_freq=1.",
    )


@contextmanager
def training_alone(model: Any) -> Iterator[None]:
    """Keeps a second training of one model from starting while a first one runs.

    Raises:
        StateError: The model is being trained, by another thread or by a callback's caller.
    """
    with _lock:
        if model.__dict__.get("_is_training", False):
            raise StateError(
                f"{model.name!r} is being trained by another call of fit().",
                expected="one training of a model at a time.",
                fix="wait for the first one, or train a copy: keras.models.clone_model(model).",
            )
        model.__dict__["_is_training"] = True
    try:
        yield
    finally:
        model.__dict__["_is_training"] = False

"""What the scikit-learn wrappers are made of: new models, labels in the model's form, one seed."""

import copy
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from sklearn.utils import check_random_state

from lamina import layers
from lamina.core import randomness
from lamina.core.errors import ArgumentTypeError, StateError
from lamina.core.names import shown
from lamina.models.cloning import clone_model
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.optimizers import Adam

DEFAULT_FIT = {"epochs": 40, "batch_size": 32}
"""How the model "mlp" is trained where nothing else is said."""
_BATCH = 32


def mlp(X: np.ndarray, y: np.ndarray, is_classifier: bool) -> Model:  # noqa: N803
    """A compiled network for a table: standardised inputs, two hidden layers of 64, and dropout.

    Args:
        X: Inputs, for their shape; the means are learned in `fit`.
        y: One-hot rows, or numbers in columns.
        is_classifier: Whether the outputs are probabilities of classes.
    """
    stack: list[Any] = [layers.Input(shape=X.shape[1:])]
    if X.ndim > 2:
        stack.append(layers.Flatten())
    stack.append(layers.Normalization())
    for _ in range(2):
        stack += [layers.Dense(64, "relu"), layers.Dropout(0.3)]
    if is_classifier:
        stack.append(layers.Dense(y.shape[1], "softmax"))
    else:
        spread = y.std(0)
        stack.append(layers.Dense(y.shape[1]))
        stack.append(
            layers.Rescaling(np.where(spread > 0, spread, 1.0).tolist(), y.mean(0).tolist())
        )
    model = Sequential(stack)
    model.compile(Adam(0.003), "categorical_crossentropy" if is_classifier else "mse")
    return model


def new_model(given: Any, x: Any, y: Any, arguments: dict[str, Any], owner: str) -> Model:
    """A compiled model with new weights: a clone of the one given, or what a function made.

    Raises:
        ArgumentTypeError: The function returned something else than a model.
        StateError: The model is not compiled.
    """
    if isinstance(given, Model):
        _check_compiled(given, owner)
        made = clone_model(given)
        _compile_alike(made, given)
        return made
    made = given(X=x, y=y, **arguments)
    if not isinstance(made, Model):
        raise ArgumentTypeError(
            f"{owner}: the function given as 'model' returned {shown(made)}.",
            expected="a compiled lamina Model.",
            fix="end it with: return model.",
        )
    _check_compiled(made, owner)
    return made


def _check_compiled(model: Model, owner: str) -> None:
    if not model.compiled or model.loss is None:
        raise StateError(
            f"{owner}: the model {model.name!r} has not been compiled with a loss.",
            expected="a compiled model, with a loss and an optimizer.",
            fix=f'{model.name}.compile(loss="mse", optimizer="adam").',
        )


def _compile_alike(made: Model, model: Model) -> None:
    plan: Any = model._plan  # checked before
    optimizer = plan.optimizer
    given = {key: copy.deepcopy(value) for key, value in plan.given.items() if key != "optimizer"}
    fresh = type(optimizer).from_config(optimizer.get_config())
    made.compile(optimizer=fresh, **given)
    compiled: Any = made._plan  # just made
    made.__dict__["_plan"] = dataclasses.replace(compiled, tier=plan.tier)


def labels_for(model: Model, numbers: np.ndarray, one_hot: np.ndarray) -> np.ndarray:
    """Labels in the form that the model's loss takes.

    Class numbers for a sparse loss, one column of 0 and 1 for one output of a binary model, and
    one-hot rows, as in Keras, for everything else.
    """
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    if "sparse" in str(name).lower():
        return numbers
    if one_hot.shape[1] == 2 and _units(model) == 1:
        return numbers[:, None].astype(np.float32)
    return one_hot


def _units(model: Model) -> Any:
    if model.outputs:
        return model.outputs[0].shape[-1]
    last = model.layers[-1] if model.layers else None
    return getattr(last, "units", None)


def outputs_of(model: Model, x: np.ndarray) -> np.ndarray:
    """Outputs of a model, which for one row do not depend on how many rows stand beside it.

    Kernels round differently for batches of different sizes, so all have the same one.
    """
    whole = -(-len(x) // _BATCH) * _BATCH
    rows = np.minimum(np.arange(whole), len(x) - 1)
    return np.asarray(model.predict(x[rows], batch_size=_BATCH, verbose=0))[: len(x)]


def probabilities(model: Model, outputs: np.ndarray) -> np.ndarray:
    """Outputs of a classifier as one probability a class, each row with the sum 1."""
    values = torch.as_tensor(outputs).double()
    if bool(getattr(model.loss, "from_logits", False)):
        values = values.sigmoid() if values.shape[1] == 1 else values.softmax(1)
    if values.shape[1] == 1:
        values = torch.cat([1.0 - values, values], 1)
    values = values.clamp(min=0.0)
    return (values / values.sum(1, keepdim=True).clamp(min=1e-300)).numpy()


@contextmanager
def seeded(random_state: Any) -> Iterator[None]:
    """Draws weights, order and dropout from this seed, and leaves all other streams as they were.

    Args:
        random_state: A whole number, a RandomState of NumPy, or `None` to change nothing.
    """
    if random_state is None:
        yield
        return
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    before = randomness.state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        randomness.load_state(seed, 0)
        try:
            yield
        finally:
            randomness.load_state(*before)

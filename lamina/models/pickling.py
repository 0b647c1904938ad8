"""What of a model goes into a pickle: everything but recorded steps, which are made anew.

Model files (`saving.py`) run no code; a pickle can, so it is for trips between one's own
processes: joblib, multiprocessing, scikit-learn's searches.
"""

from typing import Any

from lamina.models.optimizer_state import optimizer_tensors, restore_optimizer

_MADE_ANEW = ("_session", "_predictor")
_MEMORY = "_optimizer_memory"


def state_of(model: Any) -> dict[str, Any]:
    """Attributes of a model as they can be pickled, with copies of its optimizer's memory."""
    state = {**model.__dict__, **dict.fromkeys(_MADE_ANEW)}
    if model.__dict__["_plan"] is not None and model.__dict__["_session"] is not None:
        tensors = optimizer_tensors(model)
        state[_MEMORY] = {name: tensor.clone() for name, tensor in tensors.items()}
    return state


def attributes(state: dict[str, Any]) -> dict[str, Any]:
    """The attributes in what `state_of` returned."""
    return {key: value for key, value in state.items() if key != _MEMORY}


def remember(model: Any, state: dict[str, Any]) -> None:
    """Gives the optimizer of a model the memory in what `state_of` returned."""
    if state.get(_MEMORY):
        restore_optimizer(model, state[_MEMORY], "the pickle")

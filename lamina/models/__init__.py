"""Models: what is compiled, trained and asked for predictions."""

from lamina.models.cloning import clone_model
from lamina.models.model import Model
from lamina.models.saving import load_model, model_from_json, save_model
from lamina.models.sequential import Sequential

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

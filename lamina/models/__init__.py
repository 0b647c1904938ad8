"""Models: what is compiled, trained and asked for predictions."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.models.cloning import clone_model
    from lamina.models.model import Model
    from lamina.models.saving import load_model, model_from_json, save_model
    from lamina.models.sequential import Sequential

_PLACES = {
    "lamina.models.cloning": "clone_model",
    "lamina.models.model": "Model",
    "lamina.models.objects": "",
    "lamina.models.pickling": "",
    "lamina.models.repairing": "",
    "lamina.models.saving": "load_model model_from_json save_model",
    "lamina.models.sequential": "Sequential",
    "lamina.models.summary": "",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

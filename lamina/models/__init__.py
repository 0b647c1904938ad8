"""Models: what is compiled, trained and asked for predictions."""

from lamina.models.model import Model
from lamina.models.sequential import Sequential

__all__ = ["Model", "Sequential"]

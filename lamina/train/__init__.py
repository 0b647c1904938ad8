"""Training, evaluation and prediction of any torch module."""

from lamina.core.later import imported_later

__getattr__ = imported_later(__name__, {"lamina.train.callbacks": ""})

__all__ = ["callbacks"]

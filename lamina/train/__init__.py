"""Training, evaluation and prediction of any torch module."""

from lamina.train import callbacks

__all__ = ["callbacks"]

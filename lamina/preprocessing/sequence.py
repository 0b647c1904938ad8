"""keras.preprocessing.sequence: sequences of different lengths, re-exported from lamina.data."""

from lamina.data import pad_sequences

__all__ = ["pad_sequences"]

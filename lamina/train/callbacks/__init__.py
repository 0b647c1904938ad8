"""Callbacks."""
from lamina.train.callbacks.base import Callback, CallbackList

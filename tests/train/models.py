"""A small model for callbacks, without a training loop."""

import torch
from torch import nn

from lamina.optimizers import SGD
from lamina.train.callbacks import CallbackList


class TinyModel(nn.Module):
    """One weight, an optimizer, and a record of what was saved."""

    def __init__(self, optimizer=None, metrics=()):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.optimizer = optimizer or SGD(0.1)
        self.metrics = list(metrics)
        self.stop_training = False
        self.built = True
        self.saved = []

    @property
    def trainable_variables(self):
        return list(self.parameters())

    def save(self, path):
        self.saved.append(path)

    def save_weights(self, path):
        self.saved.append(path)


def run(callback, rows, model=None, names=None, first=0, epochs=None, resumed=None):
    """Calls a callback as a run of these epochs would; the weight holds the epoch's number.

    Args:
        callback: One callback or several.
        rows: The logs of each epoch.
        model: The model; a new one when `None`.
        names: What `params["metrics"]` says.
        first: Number of the first epoch.
        epochs: What `params["epochs"]` says.
        resumed: State to load at the start.
    """
    model = model or TinyModel()
    params = {"epochs": epochs or first + len(rows), "steps": 1, "verbose": 0}
    if names is not None:
        params["metrics"] = names
    callbacks = CallbackList(callback, model=model, **params)
    callbacks.on_train_begin({})
    if resumed is not None:
        callback.load_state(resumed)
    model.stop_training = False
    ran = 0
    for epoch, row in enumerate(rows, start=first):
        callbacks.on_epoch_begin(epoch, {})
        with torch.no_grad():
            model.weight.fill_(epoch)
        callbacks.on_epoch_end(epoch, row)
        ran += 1
        if model.stop_training:
            break
    callbacks.on_train_end({})
    return model, ran

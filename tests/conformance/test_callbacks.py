"""Callbacks decide as the real Keras does, on the same numbers."""

import inspect
import math
import random

import numpy as np
import pytest
import torch
from torch import nn

from lamina.optimizers import SGD
from lamina.train import callbacks as ours

# Keras hands its torch variables to NumPy in the older way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


class Model(nn.Module):
    """What callbacks need of a model, for both libraries; `saved` holds epochs."""

    def __init__(self, optimizer, metrics=()):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.optimizer = optimizer
        self.metrics = list(metrics)
        self.stop_training = False
        self.saved = []

    def get_weights(self):
        return [self.weight.detach().numpy().copy()]

    def set_weights(self, weights):
        with torch.no_grad():
            self.weight.copy_(torch.as_tensor(weights[0]))

    def save(self, path, overwrite=True):
        self.saved.append(int(self.weight.item()))

    def save_weights(self, path, overwrite=True):
        self.saved.append(int(self.weight.item()))


def decisions(callback, model, rows):
    """What a callback does over a run, epoch by epoch."""
    callback.set_params({"epochs": len(rows), "steps": 1, "verbose": 0})
    callback.set_model(model)
    callback.on_train_begin({})
    rates = []
    for epoch, row in enumerate(rows):
        callback.on_epoch_begin(epoch, {})
        model.set_weights([np.array([float(epoch)], "float32")])
        callback.on_epoch_end(epoch, dict(row))
        rates.append(float(np.float32(float(model.optimizer.learning_rate))))
        if model.stop_training:
            break
    callback.on_train_end({})
    return {
        "epochs": len(rates),
        "rates": rates,
        "weight": model.weight.item(),
        "saved": model.saved,
        "best": callback.best,
        "wait": getattr(callback, "wait", None),
    }


def noisy_rows(seed, count=25):
    """Numbers that fall, stall and jump, rounded so that ties happen."""
    chance = random.Random(seed)
    level, rows = 1.0, []
    for _ in range(count):
        level *= chance.choice([0.7, 0.9, 1.0, 1.0, 1.1])
        loss = round(level + chance.choice([0, 0, 0.05, -0.02]), 2)
        rows.append({"loss": loss, "val_loss": loss, "val_accuracy": round(1 / (1 + loss), 2)})
    return rows


ROWS = {f"noise {seed}": noisy_rows(seed) for seed in range(6)}
ROWS["monotone"] = [{"val_loss": 1 / (i + 1), "val_accuracy": i / 20} for i in range(20)]
ROWS["constant"] = [{"val_loss": 1.0, "val_accuracy": 0.5} for _ in range(20)]
ROWS["nan later"] = [
    {"val_loss": value, "val_accuracy": 0.1 * i}
    for i, value in enumerate([3.0, 2.0, math.nan, 1.0, math.inf, 2.0, 2.0, 2.0])
]

EARLY_STOPPING = [
    {},
    {"patience": 3},
    {"patience": 2, "min_delta": 0.05},
    {"patience": 2, "min_delta": -0.05},
    {"patience": 4, "restore_best_weights": True},
    {"patience": 3, "start_from_epoch": 5, "restore_best_weights": True},
    {"patience": 3, "baseline": 0.5, "restore_best_weights": True},
    {"patience": 3, "baseline": 0.0},
    {"monitor": "val_accuracy", "mode": "max", "patience": 2},
    {"monitor": "val_accuracy", "mode": "max", "patience": 2, "min_delta": 0.01},
]
REDUCE = [
    {"patience": 1},
    {"patience": 0, "factor": 0.5},
    {"patience": 2, "factor": 0.5, "cooldown": 2},
    {"patience": 1, "factor": 0.3, "min_lr": 0.01},
    {"patience": 2, "min_delta": 0.1},
    {"monitor": "val_accuracy", "mode": "max", "patience": 2},
]
CHECKPOINT = [
    {},
    {"save_best_only": True},
    {"save_best_only": True, "initial_value_threshold": 0.8},
    {"save_best_only": True, "monitor": "val_accuracy", "mode": "max"},
]

every_run = pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)


def both(keras, name, options, rows, arguments=((), ())):
    """What the two libraries' callbacks of this name do."""
    mine = getattr(ours, name)(*arguments[0], **options)
    theirs = getattr(keras.callbacks, name)(*arguments[1], **options)
    return (
        decisions(mine, Model(SGD(0.1)), rows),
        decisions(theirs, Model(keras.optimizers.SGD(0.1)), rows),
    )


@every_run
@pytest.mark.parametrize("options", EARLY_STOPPING, ids=str)
def test_early_stopping_stops_and_restores_as_keras(keras, options, rows):
    mine, theirs = both(keras, "EarlyStopping", options, rows)

    assert mine == theirs


@every_run
@pytest.mark.parametrize("options", REDUCE, ids=str)
def test_the_learning_rate_falls_as_in_keras(keras, options, rows):
    mine, theirs = both(keras, "ReduceLROnPlateau", options, rows)

    assert mine == theirs


@every_run
@pytest.mark.parametrize("options", CHECKPOINT, ids=str)
def test_the_same_epochs_are_saved_as_in_keras(keras, options, rows, tmp_path):
    paths = ((tmp_path / "a.lamina",), (tmp_path / "a.keras",))
    mine, theirs = both(keras, "ModelCheckpoint", {"mode": "min", **options}, rows, paths)

    assert mine == theirs


def test_batches_between_saves_are_counted_as_in_keras(keras, tmp_path):
    """Three epochs of batches, some told several at a time."""
    told = [0, 1, 2, 3, 4, 0, 2, 4, 1, 3]

    def saves(callback, optimizer):
        model = Model(optimizer)
        callback.set_params({"epochs": 3})
        callback.set_model(model)
        callback.on_train_begin({})
        callback.on_epoch_begin(0, {})
        for i, batch in enumerate(told):
            model.set_weights([np.array([float(i)], "float32")])
            callback.on_train_batch_end(batch, {"loss": 1.0})
        return model.saved

    mine = ours.ModelCheckpoint(tmp_path / "a.lamina", save_freq=3)
    theirs = keras.callbacks.ModelCheckpoint(tmp_path / "a.keras", save_freq=3)

    assert saves(mine, SGD(0.1)) == saves(theirs, keras.optimizers.SGD(0.1))


@pytest.mark.parametrize("append", [False, True])
def test_the_csv_file_is_that_of_keras(keras, append, tmp_path):
    rows = [{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.125}]
    for name, library in (("mine", ours), ("theirs", keras.callbacks)):
        for _ in range(2):
            logger = library.CSVLogger(str(tmp_path / name), separator=";", append=append)
            logger.on_train_begin()
            for epoch, row in enumerate(rows):
                logger.on_epoch_end(epoch, row)
            logger.on_train_end()

    assert (tmp_path / "mine").read_bytes() == (tmp_path / "theirs").read_bytes()


METRICS = [
    "Accuracy", "AUC", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity",
    "F1Score", "FBetaScore", "Hinge", "LogCoshError", "MeanAbsoluteError",
    "MeanAbsolutePercentageError", "MeanSquaredError", "MeanSquaredLogarithmicError",
    "PearsonCorrelation", "Precision", "R2Score", "Recall", "RootMeanSquaredError",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy", "SquaredHinge", "TopKCategoricalAccuracy",
]  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
def test_the_better_direction_of_a_metric_is_that_of_keras(keras, name):
    metric = getattr(keras.metrics, name)()
    goal = {"up": "max", "down": "min"}[metric._direction]

    assert ours.directions.goal_of(f"val_{metric.name}") == goal
    assert ours.directions.goal_of("val_mine", [type(name, (), {"name": "mine"})()]) == goal


def test_arguments_have_the_names_order_and_defaults_of_keras(keras):
    names = sorted(set(ours.__all__) & set(vars(keras.callbacks)) - {"Callback", "CallbackList"})
    mine, theirs = (
        {
            name: [
                (parameter.name, parameter.default)
                for parameter in inspect.signature(getattr(library, name)).parameters.values()
                if parameter.kind is not inspect.Parameter.VAR_KEYWORD
            ]
            for name in names
        }
        for library in (ours, keras.callbacks)
    )

    assert mine == theirs

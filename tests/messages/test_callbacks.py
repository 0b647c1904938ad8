"""Full text of the errors of callbacks and of the progress display."""

import errno
import math
import os
import re
import sys

import pytest
import torch
from torch import nn

from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    LoadError,
    MissingExtraError,
    StateError,
    StorageError,
)
from lamina.optimizers import SGD
from lamina.optimizers.schedules import ExponentialDecay
from lamina.train.callbacks import (
    BackupAndRestore,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    MLflow,
    ModelCheckpoint,
    ReduceLROnPlateau,
    RemoteMonitor,
    SwapEMAWeights,
    TensorBoard,
    TerminateOnNaN,
)
from lamina.train.callbacks.path_pattern import PathPattern
from lamina.train.callbacks.progress import Progress
from lamina.train.progbar import Progbar


class TinyModel(nn.Module):
    """One weight and an optimizer."""

    def __init__(self, optimizer=None, size=2):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size))
        self.optimizer = optimizer or SGD(0.1, name="sgd")
        self.stop_training = False
        self.built = True

    @property
    def trainable_variables(self):
        return list(self.parameters())


LOGGED = ["loss", "accuracy", "val_loss", "val_accuracy"]


def begin(callback, model=None, metrics=None):
    known = {} if metrics is None else {"metrics": metrics}
    callbacks = CallbackList(callback, model=model or TinyModel(), epochs=5, **known)
    callbacks.on_train_begin({})
    return callbacks


def exactly(message):
    return f"^{re.escape(message)}$"


# -- what is watched ----------------------------------------------------------------------------


def test_a_name_that_is_not_logged_is_refused_before_the_first_epoch():
    message = (
        "EarlyStopping watches 'val_acc', which this run does not log.\n"
        "  expected: one of loss, accuracy, val_loss, val_accuracy.\n"
        '  fix: did you mean "val_accuracy"?'
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(EarlyStopping("val_acc"), metrics=LOGGED)


def test_a_validation_number_without_validation_is_refused():
    message = (
        "ReduceLROnPlateau watches 'val_loss', which this run does not log.\n"
        "  expected: one of loss, accuracy.\n"
        "  fix: give fit() validation_data or validation_split, or watch 'loss'."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(ReduceLROnPlateau(), metrics=["loss", "accuracy"])


def test_checkpoints_of_the_best_model_check_the_name_too():
    message = (
        "ModelCheckpoint watches 'val_accurracy', which this run does not log.\n"
        "  expected: one of loss, accuracy, val_loss, val_accuracy.\n"
        '  fix: did you mean "val_accuracy"?'
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(ModelCheckpoint("x.lamina", "val_accurracy", save_best_only=True), metrics=LOGGED)


def test_a_number_of_ones_own_needs_a_direction():
    message = (
        "EarlyStopping(monitor='val_temperature', mode='auto') does not know whether more or less "
        "is better.\n"
        "  expected: mode='min' or mode='max' for a number of one's own.\n"
        "  fix: pass mode='max' where more is better, mode='min' where less is."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(EarlyStopping("val_temperature"), metrics=["loss", "val_temperature"])


def test_several_numbers_cannot_be_watched():
    message = (
        "EarlyStopping watches 'loss', which is [1, 2].\n"
        "  expected: one number an epoch.\n"
        "  fix: watch another number, or one part of this one under its own name."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(EarlyStopping("loss")).on_epoch_end(0, {"loss": [1, 2]})


def test_the_warning_for_a_missing_number_has_three_parts():
    message = (
        "EarlyStopping watches 'val_loss', which the logs do not have.\n"
        "  expected: one of loss.\n"
        "  fix: give fit() validation_data or validation_split, or watch 'loss'."
    )

    with pytest.warns(UserWarning, match=exactly(message)):
        begin(EarlyStopping()).on_epoch_end(0, {"loss": 1.0})


def test_monitor_is_a_name():
    message = (
        "EarlyStopping(monitor=3) is not possible.\n"
        "  expected: the name of a number in the logs, as text.\n"
        "  fix: pass for example monitor='val_loss'."
    )

    with pytest.raises(ArgumentTypeError, match=exactly(message)):
        EarlyStopping(3)


# -- arguments ----------------------------------------------------------------------------------

IMPOSSIBLE = {
    "patience": (
        lambda: EarlyStopping(patience=-1),
        "EarlyStopping(patience=-1) is not possible.\n"
        "  expected: 'patience' as a whole number of at least 0.\n"
        "  fix: pass for example patience=1.",
    ),
    "min_delta": (
        lambda: EarlyStopping(min_delta="x"),
        "EarlyStopping(min_delta='x') is not possible.\n"
        "  expected: 'min_delta' as a number that is finite.\n"
        "  fix: pass for example min_delta=0.001.",
    ),
    "mode": (
        lambda: EarlyStopping(mode="maximum"),
        "EarlyStopping(mode='maximum') is not possible.\n"
        "  expected: 'mode' as one of 'auto', 'min', 'max'.\n"
        '  fix: did you mean "max"?',
    ),
    "verbose": (
        lambda: ReduceLROnPlateau(verbose=7),
        "ReduceLROnPlateau(verbose=7) is not possible.\n"
        "  expected: 'verbose' as a whole number from 0 to 2.\n"
        "  fix: pass for example verbose=1.",
    ),
    "factor": (
        lambda: ReduceLROnPlateau(factor=1.0),
        "ReduceLROnPlateau(factor=1.0) is not possible.\n"
        "  expected: 'factor' as a number above 0 up to, not including, 1.\n"
        "  fix: pass for example factor=0.5.",
    ),
    "an old name": (
        lambda: ReduceLROnPlateau(epsilon=0.1),
        "ReduceLROnPlateau has no argument 'epsilon'.\n"
        "  expected: arguments among monitor, factor, patience, verbose, mode, min_delta, "
        "cooldown, min_lr.\n"
        "  fix: pass it as min_delta.",
    ),
    "a wrong name": (
        lambda: ReduceLROnPlateau(minimum_lr=0.1),
        "ReduceLROnPlateau has no argument 'minimum_lr'.\n"
        "  expected: arguments among monitor, factor, patience, verbose, mode, min_delta, "
        "cooldown, min_lr.\n"
        '  fix: did you mean "min_lr"?',
    ),
    "save_freq": (
        lambda: ModelCheckpoint("x.lamina", save_freq="batch"),
        "ModelCheckpoint(save_freq='batch') is not possible.\n"
        "  expected: 'epoch', or a whole number of batches of at least 1.\n"
        "  fix: pass save_freq='epoch'.",
    ),
    "a model of Keras": (
        lambda: ModelCheckpoint("best.keras"),
        "ModelCheckpoint(filepath='best.keras') is not possible.\n"
        "  expected: a file name that ends in .lamina, for a whole model.\n"
        "  fix: pass filepath='best.lamina'.",
    ),
    "weights of Keras": (
        lambda: ModelCheckpoint("best.weights.h5", save_weights_only=True),
        "ModelCheckpoint(filepath='best.weights.h5') is not possible.\n"
        "  expected: a file name that ends in .weights.safetensors, for weights alone.\n"
        "  fix: pass filepath='best.weights.safetensors'.",
    ),
    "no ending": (
        lambda: ModelCheckpoint("runs/best"),
        "ModelCheckpoint(filepath='runs/best') is not possible.\n"
        "  expected: a file name that ends in .lamina, for a whole model.\n"
        "  fix: pass filepath='runs/best.lamina'.",
    ),
    "separator": (
        lambda: CSVLogger("x.csv", separator="tab"),
        "CSVLogger(separator='tab') is not possible.\n"
        "  expected: one character that is no quote and no line end.\n"
        "  fix: pass for example separator=';'.",
    ),
    "hook": (
        lambda: LambdaCallback(on_epoch_done=print),
        "LambdaCallback has no hook 'on_epoch_done'.\n"
        "  expected: one of on_train_begin, on_train_end, on_train_stopped, on_epoch_begin, "
        "on_epoch_end, on_batch_begin, on_batch_end, on_train_batch_begin, on_train_batch_end, "
        "on_test_begin, "
        "on_test_end, on_test_batch_begin, on_test_batch_end, on_predict_begin, on_predict_end, "
        "on_predict_batch_begin, on_predict_batch_end.\n"
        '  fix: did you mean "on_epoch_end"?',
    ),
    "backup_dir": (
        lambda: BackupAndRestore(""),
        "BackupAndRestore(backup_dir='') is not possible.\n"
        "  expected: 'backup_dir' as a path: text or pathlib.Path, not empty.\n"
        "  fix: pass for example backup_dir='backup'.",
    ),
    "root": (
        lambda: RemoteMonitor("file:///etc"),
        "RemoteMonitor(root='file:///etc') is not possible.\n"
        "  expected: an address that begins with http:// or https://.\n"
        "  fix: pass for example root='http://localhost:9000'.",
    ),
    "update_freq": (
        lambda: TensorBoard(update_freq=0),
        "TensorBoard(update_freq=0) is not possible.\n"
        "  expected: 'epoch', 'batch', or a whole number of batches of at least 1.\n"
        "  fix: pass update_freq='epoch'.",
    ),
    "profile_batch": (
        lambda: TensorBoard(profile_batch=5),
        "TensorBoard(profile_batch=...) is not supported.\n"
        "  expected: no profile_batch.\n"
        "  fix: use torch.profiler around fit().",
    ),
    "progress": (
        lambda: Progress(7),
        "Progress(verbose=7) is not possible.\n"
        "  expected: 'verbose' as one of 'auto', 0, 1, 2, True, False.\n"
        "  fix: pass verbose='auto'.",
    ),
    "progbar": (
        lambda: Progbar(3, stateful_metrics=[], stateless_metrics=[]),
        "Progbar received stateful_metrics and stateless_metrics together.\n"
        "  expected: at most one of them; it says how all other names are shown.\n"
        "  fix: leave stateless_metrics out.",
    ),
}


@pytest.mark.parametrize(("make", "message"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_arguments_are_refused(make, message):
    with pytest.raises(ArgumentError, match=exactly(message)):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: LearningRateScheduler(0.1),
            "LearningRateScheduler(schedule=0.1) is not possible.\n"
            "  expected: a function of the epoch and the present learning rate.\n"
            "  fix: pass for example schedule=lambda epoch, rate: rate * 0.9.",
        ),
        (
            lambda: LambdaCallback(on_epoch_end=3),
            "LambdaCallback(on_epoch_end=3) is not possible.\n"
            "  expected: a function.\n"
            "  fix: pass for example on_epoch_end=lambda *arguments: None.",
        ),
        (
            lambda: begin(LearningRateScheduler(lambda epoch, rate: None)).on_epoch_begin(2, {}),
            "the schedule of LearningRateScheduler returned None for epoch 2.\n"
            "  expected: a number.\n"
            "  fix: let the function return the learning rate in every case.",
        ),
    ],
    ids=["no function", "no hook", "no number"],
)
def test_things_of_the_wrong_kind_are_refused(make, message):
    with pytest.raises(ArgumentTypeError, match=exactly(message)):
        make()


# -- state and files ----------------------------------------------------------------------------


def test_a_schedule_leaves_nothing_to_set():
    model = TinyModel(SGD(ExponentialDecay(0.1, 10, 0.9), name="sgd"))
    message = (
        "ReduceLROnPlateau cannot set the learning rate of 'sgd': the schedule ExponentialDecay "
        "decides it.\n"
        "  expected: an optimizer made with a number as learning_rate.\n"
        "  fix: pass a number as learning_rate, or leave ReduceLROnPlateau out."
    )

    with pytest.raises(StateError, match=exactly(message)):
        begin(ReduceLROnPlateau("loss"), model)


def test_swapping_needs_averages():
    message = (
        "SwapEMAWeights finds no moving averages in optimizer 'sgd'.\n"
        "  expected: an optimizer made with use_ema=True.\n"
        "  fix: pass optimizer=keras.optimizers.SGD(use_ema=True) to compile()."
    )

    with pytest.raises(StateError, match=exactly(message)):
        begin(SwapEMAWeights())


def test_a_loss_that_is_not_finite_can_be_an_error():
    message = (
        "the loss is nan after batch 3.\n"
        "  expected: a finite number.\n"
        "  fix: lower the learning rate, or look for values that are far too large in x."
    )

    with pytest.raises(StateError, match=exactly(message)):
        begin(TerminateOnNaN(raise_error=True)).on_train_batch_end(3, {"loss": math.nan})


def test_a_place_for_an_unknown_number_is_refused_before_the_first_epoch():
    message = (
        "the file name '{val_acc:.2f}.lamina' has a place for 'val_acc', which is not there.\n"
        "  expected: names among epoch, loss, accuracy, val_loss, val_accuracy.\n"
        '  fix: did you mean "val_accuracy"?'
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        begin(ModelCheckpoint("{val_acc:.2f}.lamina"), metrics=LOGGED)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{epoch.__class__}", "{epoch.__class__} names no number of the logs"),
        ("{epoch[0]}", "{epoch[0]} names no number of the logs"),
        ("{}", "{} names no number of the logs"),
        ("{epoch!r}", "the place for 'epoch' has more than a plain format"),
        ("{epoch:{loss}}", "the place for 'epoch' has more than a plain format"),
        ("{epoch", "expected '}' before end of string"),
    ],
)
def test_file_names_reach_numbers_alone(text, why):
    message = (
        f"the file name {text!r} cannot be used: {why}.\n"
        "  expected: places such as {epoch:02d} and {val_loss:.2f}.\n"
        "  fix: write {{ and }} for braces that belong to the name."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        PathPattern(text)


def test_a_format_that_does_not_fit_is_refused():
    message = (
        "the file name '{loss:02d}' cannot show loss = 0.5 as '02d'.\n"
        "  expected: a format that fits the number: 02d for epochs, .4f for others.\n"
        "  fix: write {loss} or another format."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        PathPattern("{loss:02d}").fill({"loss": 0.5})


@pytest.mark.parametrize(
    "start",
    [
        lambda path: begin(BackupAndRestore(path / "backup")),
        lambda path: begin(ModelCheckpoint(path / "backup" / "x.lamina")).on_epoch_end(0, {}),
    ],
    ids=["backup", "checkpoint"],
)
def test_a_folder_that_cannot_be_made_is_named(start, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    message = (
        f"folder {str(blocked / 'backup')!r} cannot be made: Not a directory.\n"
        "  expected: a place where this user may make folders.\n"
        "  fix: make the folder first, or choose another one."
    )

    with pytest.raises(StorageError, match=exactly(message)):
        start(blocked)


def test_a_log_that_cannot_be_opened_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    message = (
        "CSVLogger cannot write 'missing/log.csv': No such file or directory.\n"
        "  expected: the path of a file in an existing folder that this user may change.\n"
        "  fix: create the folder first, or choose another one."
    )

    with pytest.raises(StorageError, match=exactly(message)):
        begin(CSVLogger("missing/log.csv"))


def test_a_log_with_other_columns_is_not_continued(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text("epoch,mae\n0,1\n")
    callbacks = begin(CSVLogger("log.csv", append=True))
    message = (
        "CSVLogger cannot continue 'log.csv': its columns are epoch, mae.\n"
        "  expected: the columns epoch, loss, val_loss.\n"
        "  fix: choose another file, or pass append=False."
    )

    with pytest.raises(ArgumentError, match=exactly(message)):
        callbacks.on_epoch_end(1, {"loss": 1.0})
    callbacks.on_train_end({})


def test_a_backup_of_another_model_is_refused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    begin(BackupAndRestore("backup")).on_epoch_end(0, {})
    message = (
        "backup 'backup/latest.safetensors' belongs to another model or optimizer.\n"
        "  expected: a backup that the same model wrote, compiled with the same optimizer.\n"
        "  fix: choose another backup_dir, or remove this folder to begin anew."
    )

    with pytest.raises(LoadError, match=exactly(message)):
        begin(BackupAndRestore("backup"), TinyModel(size=3))


def test_a_backup_that_cannot_be_kept_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    callbacks = begin(BackupAndRestore("backup", double_checkpoint=True))
    callbacks.on_epoch_end(0, {})
    message = (
        "backup 'backup/latest.safetensors' cannot be kept: Input/output error.\n"
        "  expected: a folder that this user may change.\n"
        "  fix: check the permissions of the folder, or pass double_checkpoint=False."
    )

    def failing(*paths):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("os.replace", failing)
    with pytest.raises(StorageError, match=exactly(message)):
        callbacks.on_epoch_end(1, {})


def test_a_model_without_weights_cannot_be_restored(tmp_path):
    begin(BackupAndRestore(tmp_path)).on_epoch_end(0, {})
    model = TinyModel()
    model.built = False
    message = (
        "BackupAndRestore cannot restore a model that has no weights yet.\n"
        "  expected: a model that knows its input shape before fit().\n"
        "  fix: begin the model with keras.Input(shape), or call model.build(shape)."
    )

    with pytest.raises(StateError, match=exactly(message)):
        begin(BackupAndRestore(tmp_path), model)


def test_a_missing_tensorboard_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    message = (
        "TensorBoard needs the package tensorboard, which is not installed.\n"
        "  expected: the packages of the extra 'track'.\n"
        '  fix: pip install "lamina[track]"'
    )

    with pytest.raises(MissingExtraError, match=exactly(message)):
        TensorBoard()


def test_a_missing_mlflow_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    message = (
        "MLflow needs the package mlflow, which is not installed.\n"
        "  expected: the packages of the extra 'track'.\n"
        '  fix: pip install "lamina[track]"'
    )

    with pytest.raises(MissingExtraError, match=exactly(message)):
        MLflow()

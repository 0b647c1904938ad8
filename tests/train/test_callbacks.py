"""What callbacks do in a run; a small model stands in the place of a real one."""

import csv
import json
import math
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
import torch
from torch import nn

from lamina.optimizers import SGD, MultiOptimizer, OptimizerMap
from lamina.train.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    RemoteMonitor,
    SwapEMAWeights,
    TensorBoard,
    TerminateOnNaN,
)


class TinyModel(nn.Module):
    """One weight, an optimizer, and a record of what was saved."""

    def __init__(self, optimizer=None):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.optimizer = optimizer or SGD(0.1)
        self.metrics = []
        self.stop_training = False
        self.saved = []

    @property
    def trainable_variables(self):
        return list(self.parameters())

    def save(self, path):
        self.saved.append(path)

    def save_weights(self, path):
        self.saved.append(path)

    def update(self):
        self.optimizer.apply([torch.ones(2)], self.trainable_variables)


def begin(callback, model, names=None, epochs=10):
    known = {} if names is None else {"metrics": names}
    callbacks = CallbackList(callback, model=model, epochs=epochs, steps=1, verbose=0, **known)
    callbacks.on_train_begin({})
    return callbacks


def run(callback, rows, model=None, names=None, first=0, state=None):
    """Calls a callback as a run of these epochs would; the weight holds the epoch's number."""
    model = model or TinyModel()
    callbacks = begin(callback, model, names, first + len(rows))
    if state is not None:
        callback.load_state(state)
    for epoch, row in enumerate(rows, start=first):
        callbacks.on_epoch_begin(epoch, {})
        with torch.no_grad():
            model.weight.fill_(epoch)
        callbacks.on_epoch_end(epoch, row)
        if model.stop_training:
            break
    callbacks.on_train_end({})
    return model


def losses(*values):
    return [{"loss": value} for value in values]


# -- the list -----------------------------------------------------------------------------------


def test_a_function_given_to_a_lambda_callback_is_a_batch_hook():
    callbacks = CallbackList(LambdaCallback(on_train_batch_end=lambda batch, logs: None))

    assert callbacks.has_batch_hooks("train")


@pytest.mark.parametrize(
    "callback",
    [
        EarlyStopping(),
        ModelCheckpoint("x.lamina"),
        BackupAndRestore("x"),
        TensorBoard("x"),
        LambdaCallback(on_epoch_end=print),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_callbacks_for_epochs_cost_nothing_for_batches(callback):
    callbacks = CallbackList(callback)

    assert not callbacks.has_batch_hooks("train")


def test_a_number_that_a_users_callback_adds_can_be_watched():
    class Adds(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_mine"] = epoch

    stopping = EarlyStopping("val_mine", mode="min", patience=2)
    model = run([Adds(), stopping], losses(1, 1, 1, 1, 1), names=["loss"])

    assert model.stop_training
    assert stopping.stopped_epoch == 2


# -- EarlyStopping ------------------------------------------------------------------------------


def test_early_stopping_puts_the_weights_of_the_best_epoch_back():
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    model = run(stopping, losses(3, 1, 2, 2, 2))

    assert stopping.stopped_epoch == 3
    assert stopping.best_epoch == 1
    assert model.weight.tolist() == [1, 1]


def test_early_stopping_restores_into_the_same_memory():
    model = TinyModel()
    address = model.weight.data_ptr()
    run(EarlyStopping("loss", restore_best_weights=True), losses(1, 2), model)

    assert model.weight.data_ptr() == address


def test_a_loss_that_is_not_a_number_is_no_best_one():
    stopping = EarlyStopping("loss", patience=3, restore_best_weights=True)
    model = run(stopping, losses(math.nan, 2, 3))

    assert stopping.best == 2
    assert model.weight.tolist() == [1, 1]


def test_early_stopping_goes_on_from_its_state_as_if_never_interrupted():
    rows = losses(3, 1, 2, 2, 2)
    whole, before, after = (
        EarlyStopping("loss", patience=3, restore_best_weights=True) for _ in range(3)
    )
    run(whole, rows)
    run(before, rows[:3])
    model = run(after, rows[3:], first=3, state=before.state())

    assert (after.stopped_epoch, after.best_epoch) == (whole.stopped_epoch, whole.best_epoch)
    assert model.weight.tolist() == [1, 1]


def test_early_stopping_says_why(capsys):
    run(EarlyStopping("loss", verbose=1, restore_best_weights=True), losses(0.5, 0.6))

    assert capsys.readouterr().out == (
        "epoch 2: stopped early; best loss 0.5000 in epoch 1\nweights of epoch 1 restored\n"
    )


def test_epochs_without_validation_are_passed_over():
    rows = [{"loss": 1.0}, {"loss": 1.0, "val_loss": 2.0}, {"loss": 1.0}]
    stopping = EarlyStopping(patience=0)
    run(stopping, rows, names=["loss", "val_loss"])

    assert stopping.best == 2.0
    assert stopping.stopped_epoch == 0


def test_a_number_that_is_not_there_is_warned_of_once():
    with pytest.warns(UserWarning, match="watches 'val_loss', which the logs do not") as seen:
        run(EarlyStopping(), losses(1, 2, 3))

    assert len(seen) == 1


# -- learning rates -----------------------------------------------------------------------------


def test_reduce_lr_multiplies_the_rate_and_logs_it():
    rows = losses(1, 1, 1, 1)
    model = run(ReduceLROnPlateau("loss", factor=0.5, patience=2), rows)

    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.1, 0.1, 0.1, 0.05])


def test_reduce_lr_goes_on_from_its_state():
    rows = losses(1, 1, 1, 1, 1, 1)
    whole, before, after = (
        ReduceLROnPlateau("loss", factor=0.5, patience=2, cooldown=1) for _ in range(3)
    )
    expected = run(whole, rows).optimizer.learning_rate
    model = run(before, rows[:3])
    run(after, rows[3:], model, first=3, state=before.state())

    assert float(model.optimizer.learning_rate) == float(expected)
    assert after.state() == whole.state()


@pytest.mark.parametrize(
    "schedule",
    [lambda epoch, rate: 0.5 / (epoch + 1), lambda epoch: torch.tensor(0.5 / (epoch + 1))],
    ids=["of epoch and rate", "of the epoch"],
)
def test_the_scheduler_sets_what_the_function_returns(schedule):
    rows = losses(1, 1)
    run(LearningRateScheduler(schedule), rows)

    assert [row["learning_rate"] for row in rows] == pytest.approx([0.5, 0.25])


def test_every_optimizer_of_several_is_slowed_down():
    several = MultiOptimizer(OptimizerMap(SGD(0.1, name="a"), {"other.*": SGD(1.0, name="b")}))
    rows = losses(1, 1, 1)
    run(ReduceLROnPlateau("loss", factor=0.5, patience=2), rows, TinyModel(several))

    assert rows[2] == {"loss": 1, "learning_rate_a": pytest.approx(0.1), "learning_rate_b": 1.0}
    assert {one.name: float(one.learning_rate) for one in several.optimizers} == pytest.approx(
        {"a": 0.05, "b": 0.5}
    )


def test_the_scheduler_says_the_rate(capsys):
    run(LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1), losses(1))

    assert capsys.readouterr().out == "epoch 1: learning_rate set to 0.05\n"


# -- ModelCheckpoint ----------------------------------------------------------------------------


def test_checkpoints_fill_numbers_into_the_name(tmp_path):
    path = str(tmp_path / "new" / "{epoch:02d}-{loss:.2f}.lamina")
    model = run(ModelCheckpoint(path), losses(0.5, 0.25))

    assert model.saved == [
        str(tmp_path / "new" / "01-0.50.lamina"),
        str(tmp_path / "new" / "02-0.25.lamina"),
    ]
    assert (tmp_path / "new").is_dir()


def test_only_better_models_are_saved(tmp_path):
    path = str(tmp_path / "{epoch}.weights.safetensors")
    checkpoint = ModelCheckpoint(
        path, "loss", save_best_only=True, save_weights_only=True, initial_value_threshold=0.9
    )
    model = run(checkpoint, losses(1.0, 0.5, 0.7, 0.2))

    assert [name[-len("2.weights.safetensors") :][0] for name in model.saved] == ["2", "4"]


def test_an_epoch_without_validation_does_not_overwrite_the_best_model(tmp_path):
    rows = [{"loss": 1.0, "val_loss": 1.0}, {"loss": 1.0}]
    checkpoint = ModelCheckpoint(tmp_path / "best.lamina", save_best_only=True)
    model = run(checkpoint, rows, names=["loss", "val_loss"])

    assert len(model.saved) == 1


def test_checkpoints_come_every_so_many_batches(tmp_path):
    model = TinyModel()
    callbacks = begin(ModelCheckpoint(tmp_path / "{epoch}-{batch}.lamina", save_freq=3), model)
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch, {})
        for batch in range(4):
            callbacks.on_train_batch_end(batch, {})
        callbacks.on_epoch_end(epoch, {})

    assert callbacks.has_batch_hooks("train")
    assert [path.rsplit("/")[-1] for path in model.saved] == ["1-3.lamina", "2-2.lamina"]


def test_checkpoints_say_what_they_do(tmp_path, capsys):
    path = str(tmp_path / "best.lamina")
    run(ModelCheckpoint(path, "loss", save_best_only=True, verbose=1), losses(0.5, 0.6))

    assert capsys.readouterr().out == (
        "epoch 1: loss improved from nothing to 0.50000\n"
        f"epoch 1: saved {path}\n"
        "epoch 2: loss did not improve from 0.50000: 0.60000\n"
    )


# -- CSVLogger ----------------------------------------------------------------------------------


def test_the_csv_file_has_sorted_columns_and_gaps(tmp_path):
    path = tmp_path / "log.csv"
    run(CSVLogger(path, separator=";"), [{"loss": 0.5, "acc": 1.0}, {"loss": 0.25}])

    assert list(csv.reader(path.read_text().splitlines(), delimiter=";")) == [
        ["epoch", "acc", "loss", "val_acc", "val_loss"],
        ["0", "1.0", "0.5", "NA", "NA"],
        ["1", "NA", "0.25", "NA", "NA"],
    ]


def test_appending_continues_the_file_under_one_header(tmp_path):
    path = tmp_path / "log.csv"
    run(CSVLogger(path), losses(1))
    run(CSVLogger(path, append=True), losses(2), first=1)

    assert path.read_text().split() == ["epoch,loss,val_loss", "0,1,NA", "1,2,NA"]


def test_a_new_run_overwrites_the_file(tmp_path):
    path = tmp_path / "log.csv"
    run(CSVLogger(path), losses(1, 2, 3))
    run(CSVLogger(path), losses(4))

    assert path.read_text().split() == ["epoch,loss,val_loss", "0,4,NA"]


def test_a_resumed_run_removes_rows_after_its_state(tmp_path):
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    callbacks = begin(logger, TinyModel())
    callbacks.on_epoch_end(0, {"loss": 1})
    state = logger.state()
    callbacks.on_epoch_end(1, {"loss": 9})  # written, but not in the checkpoint
    callbacks.on_train_end({})
    run(CSVLogger(path), losses(2, 3), first=1, state=state)

    assert path.read_text().split() == ["epoch,loss,val_loss", "0,1,NA", "1,2,NA", "2,3,NA"]


# -- LambdaCallback, TerminateOnNaN -------------------------------------------------------------


def test_lambda_callback_calls_its_functions():
    seen = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: seen.append(("end", epoch, logs["loss"])),
        on_test_begin=lambda logs: seen.append("test"),
    )
    callbacks = begin(callback, TinyModel())
    callbacks.on_epoch_begin(0, {})
    callbacks.on_test_begin({})
    callbacks.on_epoch_end(0, {"loss": 2})

    assert seen == [("begin", 0), "test", ("end", 0, 2)]


@pytest.mark.parametrize(
    ("loss", "stops"), [(1.0, False), (math.nan, True), (math.inf, True)], ids=str
)
def test_a_loss_that_is_not_finite_ends_the_run(loss, stops):
    model = TinyModel()
    callbacks = begin(TerminateOnNaN(), model)
    callbacks.on_train_batch_end(0, {"loss": loss})

    assert model.stop_training is stops


# -- SwapEMAWeights -----------------------------------------------------------------------------


def trained_with_averages():
    """After two updates with SGD(1) and momentum 0.5: weights -2, average 0.5·-1 + 0.5·-2."""
    model = TinyModel(SGD(1.0, use_ema=True, ema_momentum=0.5))
    model.update()
    model.update()
    return model


def test_evaluation_sees_the_averages():
    model = trained_with_averages()
    callbacks = begin(SwapEMAWeights(), model)
    callbacks.on_test_begin({})
    inside = model.weight.tolist()
    callbacks.on_test_end({})

    assert inside == [-1.5, -1.5]
    assert model.weight.tolist() == [-2, -2]


def test_prediction_gives_the_weights_back():
    model = trained_with_averages()
    callbacks = begin(SwapEMAWeights(), model)
    callbacks.on_predict_begin({})
    callbacks.on_predict_end({})

    assert model.weight.tolist() == [-2, -2]


def test_averages_stand_in_the_model_between_epochs():
    model = trained_with_averages()
    callbacks = begin(SwapEMAWeights(swap_on_epoch=True), model)
    callbacks.on_epoch_end(0, {})
    between = model.weight.tolist()
    callbacks.on_epoch_begin(1, {})

    assert between == [-1.5, -1.5]
    assert model.weight.tolist() == [-2, -2]


def test_averages_stay_at_the_end_also_after_an_early_stop():
    model = trained_with_averages()
    callbacks = begin(SwapEMAWeights(swap_on_epoch=True), model)
    model.stop_training = True
    callbacks.on_epoch_end(0, {})
    model.optimizer.finalize_variable_values(model.trainable_variables)
    callbacks.on_train_end({})

    assert model.weight.tolist() == [-1.5, -1.5]


def test_before_the_first_update_there_is_nothing_to_swap():
    model = TinyModel(SGD(1.0, use_ema=True))
    with torch.no_grad():
        model.weight.fill_(3)
    begin(SwapEMAWeights(), model).on_test_begin({})

    assert model.weight.tolist() == [3, 3]


# -- BackupAndRestore ---------------------------------------------------------------------------


def backed_up(folder, **options):
    """A model after one epoch with one update, its backup written."""
    model = TinyModel(SGD(1.0, momentum=0.5))
    callbacks = begin(BackupAndRestore(folder, **options), model)
    callbacks.on_epoch_begin(0, {})
    model.update()
    callbacks.on_epoch_end(0, {"loss": 1.0})
    return model, callbacks


def test_a_backup_restores_weights_optimizer_and_epoch(tmp_path):
    backed_up(tmp_path / "backup")
    model = TinyModel(SGD(1.0, momentum=0.5))
    begin(BackupAndRestore(tmp_path / "backup"), model)
    restored = model.weight.tolist()
    model.update()

    assert model._initial_epoch == 1
    assert model.optimizer.iterations == 2
    assert restored == [-1, -1]
    assert model.weight.tolist() == [-2.5, -2.5]  # momentum: -1 · 0.5 - 1


def test_a_finished_run_leaves_no_backup(tmp_path):
    folder = tmp_path / "backup"
    _, callbacks = backed_up(folder)
    callbacks.on_train_end({})

    assert not folder.exists()


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    _, callbacks = backed_up(tmp_path)
    callbacks.on_train_end({})

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_damaged_backup_gives_way_to_the_one_before(tmp_path, capsys):
    model, callbacks = backed_up(tmp_path, double_checkpoint=True)
    model.update()
    callbacks.on_epoch_end(1, {"loss": 1.0})
    (tmp_path / "latest.safetensors").write_bytes(b"half")
    model = TinyModel(SGD(1.0, momentum=0.5))
    begin(BackupAndRestore(tmp_path), model)

    assert model._initial_epoch == 1
    assert model.weight.tolist() == [-1, -1]
    assert "The backup before it is used." in capsys.readouterr().out


def test_a_loss_that_is_not_finite_is_not_backed_up(tmp_path):
    _, callbacks = backed_up(tmp_path)
    before = (tmp_path / "latest.safetensors").read_bytes()
    callbacks.on_epoch_end(1, {"loss": math.nan})

    assert (tmp_path / "latest.safetensors").read_bytes() == before


def test_a_backup_between_batches_names_the_epoch_it_is_in(tmp_path):
    callbacks = begin(BackupAndRestore(tmp_path, save_freq=2), TinyModel())
    callbacks.on_epoch_begin(4, {})
    callbacks.on_train_batch_end(0, {})
    callbacks.on_train_batch_end(1, {})
    model = TinyModel()
    begin(BackupAndRestore(tmp_path), model)

    assert model._initial_epoch == 4


# -- TensorBoard, RemoteMonitor -----------------------------------------------------------------


def scalars(folder):
    """All numbers in an event folder: {tag: [(step, value), ...]}."""
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulators.EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()
    numbers = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags["scalars"]}
    return numbers, tags


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_gets_numbers_and_weights(tmp_path):
    board = TensorBoard(tmp_path, histogram_freq=1, write_images=True)
    run(board, [{"loss": 0.5, "val_loss": 0.25}])
    train, tags = scalars(tmp_path / "train")
    validation, _ = scalars(tmp_path / "validation")

    assert train["epoch_loss"] == [(0, 0.5)]
    assert train["epoch_learning_rate"] == [(0, pytest.approx(0.1))]
    assert validation == {"epoch_loss": [(0, 0.25)]}
    assert tags["histograms"] == ["weight/histogram"]
    assert tags["images"] == ["weight/image"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_writes_between_batches_when_asked(tmp_path):
    callbacks = begin(TensorBoard(tmp_path, update_freq=2), TinyModel())
    for batch in range(4):
        callbacks.on_train_batch_end(batch, {"loss": float(batch)})
    callbacks.on_train_end({})

    assert scalars(tmp_path / "train")[0]["batch_loss"] == [(2, 1.0), (4, 3.0)]


@pytest.fixture
def server():
    """A web server that keeps what it is sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", received
    running.shutdown()
    thread.join()
    running.server_close()


def test_remote_monitor_sends_a_form(server):
    root, received = server
    run(RemoteMonitor(root), losses(0.5))
    path, kind, body = received[0]

    assert (path, kind) == ("/publish/epoch/end/", "application/x-www-form-urlencoded")
    assert json.loads(parse_qs(body)["data"][0]) == {"epoch": 0, "loss": 0.5}


def test_remote_monitor_sends_json(server):
    root, received = server
    run(RemoteMonitor(root, path="/x", send_as_json=True), losses(0.5))

    assert received[0][:2] == ("/x", "application/json")
    assert json.loads(received[0][2]) == {"epoch": 0, "loss": 0.5}


def test_a_server_that_does_not_answer_is_warned_of_once():
    with pytest.warns(UserWarning, match="RemoteMonitor cannot reach http://127.0.0.1:9") as seen:
        run(RemoteMonitor("http://127.0.0.1:9"), losses(1, 2))

    assert len(seen) == 1

"""Signals end a run after its step, saved; handlers are there while it trains, and no longer."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from lamina.train import checkpoint
from tests.faults import program
from tests.faults.program import FEATURES, At, fit, model, run
from tests.faults.test_resume import stream_run

FREE = tuple(f for f in FEATURES if f != "early_stopping")


def send(number):
    return lambda: os.kill(os.getpid(), number)


def wait_for(path):
    """Waits until the run has come so far."""
    end = time.monotonic() + 30
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)


def handlers():
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_interrupt_finishes_the_step_and_saves(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(FREE, [At(8, send(signal.SIGINT))], checkpoint=tmp_path)

    assert checkpoint.read(tmp_path / "step-8.ckpt").document["place"]["step"] == 3
    assert run(FREE, checkpoint=tmp_path) == run(FREE)


def test_termination_saves_and_exits_with_143(tmp_path):
    with pytest.raises(SystemExit) as caught:
        run(FREE, [At(8, send(signal.SIGTERM))], checkpoint=tmp_path)

    assert caught.value.code == 143
    assert (tmp_path / "step-8.ckpt").exists()
    assert run(FREE, checkpoint=tmp_path) == run(FREE)


def test_second_interrupt_ends_the_run_at_once(tmp_path):
    def twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        run((), [At(8, twice)], checkpoint=tmp_path)

    assert not (tmp_path / "step-8.ckpt").exists()


def test_interrupt_without_a_checkpoint_leaves_the_model_usable():
    network = model()

    with pytest.raises(KeyboardInterrupt):
        fit(network, FREE, [At(8, send(signal.SIGINT))])

    assert network.optimizer.calls == 8
    assert network.history.epoch == [0]
    assert not network.training
    assert network.predict(program.data()[0], verbose=0).shape == (50, 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_during_validation_loses_nothing(tmp_path, number):
    class During(program.keras.callbacks.Callback):
        def on_test_batch_begin(self, batch, logs=None):
            os.kill(os.getpid(), number)

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        run(FREE, [During()], checkpoint=tmp_path)
    saved = checkpoint.read(tmp_path / "step-5.ckpt").document["place"]

    assert saved["epoch"] == 0
    assert saved["logs"].keys() == {"loss", "accuracy"}
    assert run(FREE, checkpoint=tmp_path) == run(FREE)


class DuringValidation(program.keras.callbacks.Callback):
    """Interrupts the first validation, after a look at the weights before it."""

    def on_test_begin(self, logs=None):
        self.before = [weight.copy() for weight in self.model.get_weights()]

    def on_test_batch_begin(self, batch, logs=None):
        os.kill(os.getpid(), signal.SIGINT)


def test_interrupt_during_validation_puts_the_weights_back():
    network, during = model(("ema",)), DuringValidation()
    swap = program.keras.callbacks.SwapEMAWeights()

    with pytest.raises(KeyboardInterrupt):
        fit(network, ("ema",), [during, swap])

    np.testing.assert_equal(network.get_weights(), during.before)


def test_interrupt_reaches_a_generator_that_hangs(tmp_path):
    def source():
        for number, batch in enumerate(endless()):
            if number == 7:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(30)
            yield batch

    with pytest.raises(KeyboardInterrupt):
        stream_run(source, checkpoint=tmp_path, steps_per_epoch=5)

    assert (tmp_path / "step-7.ckpt").exists()
    assert stream_run(endless, checkpoint=tmp_path, steps_per_epoch=5) == stream_run(
        endless, steps_per_epoch=5
    )


def endless():
    x, y = program.data()
    while True:
        yield x[:8], y[:8]


def test_handlers_are_put_back(tmp_path):
    before, seen = handlers(), []

    run((), [At(3, lambda: seen.extend(handlers()))], checkpoint=tmp_path)

    assert handlers() == before
    assert all(handler not in before for handler in seen)


def test_handlers_are_put_back_after_an_error(tmp_path):
    before = handlers()

    with pytest.raises(ZeroDivisionError):
        run((), [At(3, lambda: 1 / 0)], checkpoint=tmp_path)

    assert handlers() == before


def test_termination_is_left_alone_where_nothing_is_kept():
    seen = []

    run((), [At(3, lambda: seen.extend(handlers()))])

    assert seen[1] is signal.SIG_DFL


def test_handler_of_the_user_is_called_after_the_step(tmp_path, monkeypatch):
    network, calls = model(()), []
    before = signal.signal(
        signal.SIGTERM, lambda number, frame: calls.append(network.optimizer.calls)
    )
    try:
        history = fit(network, (), [At(8, send(signal.SIGTERM))], checkpoint=tmp_path)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert calls == [8]
    assert len(history.epoch) == program.EPOCHS


def test_training_in_another_thread_leaves_signals_alone(tmp_path):
    seen, before = [], handlers()
    action = At(3, lambda: seen.extend(handlers()))
    thread = threading.Thread(target=run, args=((), [action]), kwargs={"checkpoint": tmp_path})
    thread.start()
    thread.join()

    assert seen == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_process_that_is_told_to_stop_goes_on_later(trainer, tmp_path, number, code):
    result = tmp_path / "result"
    request = {"folder": str(tmp_path / "run"), "result": str(result), "features": FREE}
    child = trainer.start(**request, pause=0.05)
    wait_for(tmp_path / "run" / "step-5.ckpt")
    trainer.kill(child, number)

    assert trainer.wait() == code
    assert trainer.train(**request) == 0
    assert result.read_text() == run(FREE)

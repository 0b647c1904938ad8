"""What is shown of a run, in a terminal and elsewhere."""

import io
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import lamina as keras
from lamina.core import logging_switch
from lamina.train.callbacks import CallbackList, ProgbarLogger
from lamina.train.callbacks.progress import Progress, line
from lamina.train.epoch_line import Course, Look, epoch_pieces, watched_of
from lamina.train.live_bar import LiveBar, clock
from lamina.train.printing import say
from lamina.train.progbar import Progbar
from lamina.train.sparkline import PLAIN, sparkline

LOGS = {"loss": 0.5421, "accuracy": 0.8123, "val_loss": 0.4312, "val_accuracy": 0.8411}


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self):
        return True


class Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text):
        raise BrokenPipeError


@pytest.fixture
def attach(monkeypatch):
    """Makes standard output a terminal without colours; called inside the test."""

    def attached():
        stream = Terminal()
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")
        return stream

    return attached


def one_epoch(progress, steps=4):
    progress.start_epoch(0, 5, steps)
    for step in range(steps):
        progress.advance(step + 1)
    progress.end_epoch(LOGS, 12.3, 48900)


@pytest.mark.parametrize("verbose", ["auto", 1, 2, True])
def test_a_file_gets_one_plain_line_an_epoch(verbose, capsys):
    one_epoch(Progress(verbose))

    assert capsys.readouterr().out == (
        "epoch 1/5  loss 0.5421  accuracy 0.8123  val_loss 0.4312  val_accuracy 0.8411  "
        "12.3 s  48,900 examples/s\n"
    )


@pytest.mark.parametrize("verbose", [0, False])
def test_silence_is_silent(verbose, capsys):
    progress = Progress(verbose)
    one_epoch(progress)
    progress.evaluated(LOGS)
    progress.note("no")

    assert capsys.readouterr().out == ""


def test_an_evaluation_is_one_line(capsys):
    Progress(1).evaluated({"loss": 0.5, "accuracy": 1}, 0.25, 1000)

    assert capsys.readouterr().out == (
        "evaluate  loss 0.5000  accuracy 1.0000  0.25 s  1,000 examples/s\n"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0001, "0.0001"), (0.00001234, "1.234e-05"), (1234567.0, "1.235e+06"), (0, "0.0000"),
     (float("nan"), "nan"), (-0.5, "-0.5000")],
)  # fmt: skip
def test_numbers_are_short_and_never_hidden(value, shown):
    assert line("x", {"loss": value}) == f"x  loss {shown}"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.123, "0.12 s"), (12.34, "12.3 s"), (125, "2:05 min"), (3725, "1:02:05 h")],
)
def test_durations_are_short(seconds, shown):
    assert line("x", {}, seconds) == f"x  {shown}"


def test_clock_counts_minutes_and_hours():
    assert [clock(5), clock(65), clock(3725)] == ["0:05", "1:05", "1:02:05"]


def test_a_terminal_gets_a_bar_that_the_line_replaces(attach):
    terminal = attach()
    one_epoch(Progress("auto"))
    text = terminal.getvalue()

    assert text.startswith("\repoch 1/5 ━━━━━━────────────────── 1/4")
    assert text.endswith(
        "\r\x1b[Kepoch 1/5  loss 0.5421        val_loss 0.4312  val_accuracy 0.8411          "
        "0:00 left\n"
    )


def test_the_bar_is_drawn_at_most_ten_times_a_second(attach):
    terminal = attach()
    progress = Progress(1)
    began = time.perf_counter()
    progress.start_epoch(0, 1, 1000)
    for step in range(1000):
        progress.advance(step + 1)
    seconds = time.perf_counter() - began

    assert terminal.getvalue().count("\r") <= 2 + 10 * seconds


def test_lines_are_wanted_where_interactive_logging_is_off(attach):
    terminal = attach()
    logging_switch.disable_interactive_logging()
    try:
        one_epoch(Progress("auto"))
    finally:
        logging_switch.enable_interactive_logging()

    assert terminal.getvalue() == line("epoch 1/5", LOGS, 12.3, 48900) + "\n"
    assert logging_switch.is_interactive_logging_enabled()


def test_the_last_step_leaves_the_line_to_callbacks(attach):
    terminal = attach()
    progress = Progress(1)
    progress.start_epoch(0, 1, 2)
    progress.advance(1)
    progress.advance(2)
    print("saved")  # noqa: T201

    assert terminal.getvalue().endswith("\r\x1b[Ksaved\n")


def test_a_validation_between_does_not_rename_the_epoch(capsys):
    progress = Progress(2)
    progress.start_epoch(0, 1, 2)
    progress.start("validate", 3)
    progress.end_epoch({"loss": 1}, 1)

    assert capsys.readouterr().out == "epoch 1/1  loss 1.0000  1.0 s\n"


def test_a_note_stands_above_the_bar(attach):
    terminal = attach()
    progress = Progress(1)
    progress.start_epoch(0, 1, 4)
    progress.advance(1)
    progress.note("hello")

    assert terminal.getvalue().endswith("\r\x1b[Khello\n")


def test_the_bar_shows_speed_and_time_left(monkeypatch, attach):
    terminal = attach()
    times = iter([0.0, 0.0, 10.0, 20.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    bar = LiveBar()
    bar.start("epoch 1/3", 110, examples_per_step=32, epochs_left=2)
    bar.draw(10)
    bar.draw(60)  # 5 steps a second: 50 steps take 10 s, each further epoch 22 s

    assert re.sub("[━─]", "", terminal.getvalue().split("\r")[-1]) == (
        "epoch 1/3  60/110  0:10 left, 0:54 in all  160 examples/s\x1b[K"
    )


@pytest.mark.parametrize("width", [20, 40, 60])
def test_the_bar_fits_a_narrow_terminal_and_leaves_room_for_an_interrupt(
    width, monkeypatch, attach
):
    terminal = attach()
    monkeypatch.setenv("COLUMNS", str(width))
    times = iter([0.0, 0.0, 10.0, 20.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    bar = LiveBar()
    bar.start("epoch 1/3", 110, examples_per_step=32, epochs_left=2, note="best loss 0.1")
    bar.draw(10)
    bar.draw(60)
    drawn = terminal.getvalue().split("\r")[-1].removesuffix("\x1b[K")

    assert drawn.startswith("epoch 1/3 ")
    assert "60/110" in drawn
    assert len(drawn) <= width - 3


def test_the_bar_says_what_was_best(attach):
    terminal = attach()
    progress = Progress(1)
    one_epoch(progress)
    progress.start_epoch(1, 5, 4)
    progress.advance(1)

    assert "  best val_accuracy 0.8411 in epoch 1" in terminal.getvalue()


def test_an_interrupt_leaves_a_clean_line(attach):
    terminal = attach()
    progress = Progress(1)
    progress.start_epoch(2, 5, 4)
    progress.advance(1)
    progress.clear()
    progress.interrupted(2, 1)

    assert terminal.getvalue().endswith(
        "\r\x1b[K\r\x1b[Kstopped after step 1 of epoch 3; the model is as trained so far, "
        "see model.history\n"
    )


def test_an_interrupt_between_epochs_names_the_last_one(capsys):
    Progress(2).interrupted(2, 0)

    assert capsys.readouterr().out == (
        "stopped after epoch 2; the model is as trained so far, see model.history\n"
    )


@pytest.fixture
def interruptible():
    """SIGINT as Python has it; a shell's background jobs are started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_fit_says_where_it_was_interrupted(capsys, interruptible):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    class Stops(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit([[0.0, 1.0]] * 8, [0.0] * 8, 1, callbacks=[Stops()], verbose=2, check="off")

    assert "stopped after step 3 of epoch 1; the model is" in capsys.readouterr().out
    assert caught.value.__suppress_context__


# -- the line of an epoch in a terminal ---------------------------------------------------------

COURSE = [
    {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.4},
    {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.9, "val_accuracy": 0.7},
    {"loss": 0.0, "accuracy": 0.9, "val_loss": 1.0, "val_accuracy": 0.6},
]


def line_of_last(width, epochs=3, logs=COURSE, **more):
    course = Course()
    best = [course.add(number + 1, entry) for number, entry in enumerate(logs)]
    look = Look(width, epochs, **more)
    times = ["0:20 left", "1.5 s", "900 examples/s"]
    pieces = epoch_pieces("epoch 3/3", logs[-1], course, look, is_best=best[-1], times=times)
    return "".join(text for text, _ in pieces)


def test_the_line_has_curves_and_times():
    assert line_of_last(140) == (
        "epoch 3/3  loss 0.0000 █▅▁  accuracy 0.9000  val_loss 1.0000  val_accuracy 0.6000 ▁█▆  "
        "  0:20 left  1.5 s  900 examples/s"
    )


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (101, "epoch 3/3  loss 0.0000 █▅▁  accuracy 0.9000  val_loss 1.0000  val_accuracy 0.6000 "
              "▁█▆    0:20 left"),
        (90, "epoch 3/3  loss 0.0000 █▅▁  val_loss 1.0000  val_accuracy 0.6000 ▁█▆    0:20 left"),
        (70, "epoch 3/3  loss 0.0000 █▅▁  val_accuracy 0.6000 ▁█▆    0:20 left"),
        (57, "epoch 3/3  loss 0.0000 █▅▁  val_accuracy 0.6000 ▁█▆  "),
        (40, "epoch 3/3  val_accuracy 0.6000 ▁█▆  "),
        (20, "epoch 3/3"),
        (5, "epoch"),
    ],
)  # fmt: skip
def test_a_narrow_terminal_gets_the_most_important_parts(width, expected):
    assert line_of_last(width) == expected


def test_the_best_epoch_so_far_is_marked():
    assert line_of_last(57, logs=COURSE[:2]).endswith("val_accuracy 0.7000 ▁█  ★")


def test_a_terminal_without_blocks_gets_plain_characters():
    assert line_of_last(57, has_blocks=False).endswith("loss 0.0000 @+_  val_accuracy 0.6000 _@*  ")


def test_lines_of_one_run_stand_below_each_other():
    many = [COURSE[0]] * 12
    lengths = {len(line_of_last(150, epochs=20, logs=many[:count])) for count in (2, 5, 12)}

    assert len(lengths) == 1


def test_numbers_that_are_none_do_not_end_the_line():
    logs = [{"loss": float("nan")}, {"loss": 1.0}, {"loss": float("inf")}]

    assert line_of_last(50, logs=logs) == "epoch 3/3  loss inf ?▁?    0:20 left  1.5 s"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["loss", "accuracy", "val_loss", "val_accuracy"], "val_accuracy"),
        (["loss", "accuracy"], "accuracy"),
        (["loss", "val_loss"], "val_loss"),
        (["temperature"], None),
        ([], None),
    ],
)
def test_a_run_is_judged_by_its_validation_and_a_metric_first(names, expected):
    assert watched_of(names) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""),
        ([1.0], ""),
        ([1.0, 1.0], "__"),
        ([0.0, 7.0], "_@"),
        ([0, 1, 2, 3, 4, 5, 6, 7], PLAIN),
        ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7], PLAIN),  # means of pairs
        ([float("nan"), float("nan")], "??"),
        ([-1e308, 1e308], "??"),  # their distance is no number
    ],
)
def test_a_curve_is_as_high_as_its_values(values, expected):
    assert sparkline(values, 8, PLAIN) == expected


def test_an_unknown_number_of_steps_has_no_bar(attach):
    terminal = attach()
    progress = Progress(1)
    progress.start_epoch(0, 1, None)
    progress.advance(7)

    assert terminal.getvalue() == "\repoch 1/1  7 steps\x1b[K"


def test_a_short_prediction_shows_nothing(attach):
    terminal = attach()
    progress = Progress(1)
    progress.start("predict", 10, wait_seconds=60.0)
    progress.advance(10)
    progress.close()

    assert terminal.getvalue() == ""


def test_a_closed_output_ends_the_display_and_not_the_run(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Closed())
    progress = Progress(2)
    one_epoch(progress)

    assert progress._is_silent
    assert not say("anybody?")


@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["none", "closed file"])
def test_no_output_at_all_is_no_error(stream, monkeypatch):
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stdout", stream)

    assert not say("x")


def test_characters_that_the_output_lacks_are_replaced(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    say("━─é")

    assert raw.getvalue() == b"=-?\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_program_whose_reader_has_gone_ends_well():
    program = (
        "from lamina.train.callbacks.progress import Progress\n"
        "progress = Progress(2)\n"
        "input()\n"
        "for epoch in range(3):\n"
        "    progress.start_epoch(epoch, 3, 1)\n"
        "    progress.end_epoch({}, 1.0)\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    started.stdout.close()
    errors = started.stderr
    started.stdin.write(b"\n")
    started.stdin.close()
    message = errors.read()
    errors.close()

    assert (started.wait(), message) == (0, b"")


def test_progbar_logger_shows_epochs_without_batch_hooks(capsys):
    logger = ProgbarLogger()
    callbacks = CallbackList(logger, epochs=2, steps=3, verbose=2)
    callbacks.on_train_begin({})
    callbacks.on_epoch_begin(0, {})
    logger.step_done(1)
    callbacks.on_test_begin({})
    callbacks.on_test_end({"loss": 9.0})
    callbacks.on_epoch_end(0, {"loss": 0.5})
    callbacks.on_train_end({})

    assert not callbacks.has_batch_hooks("train")
    assert capsys.readouterr().out.startswith("epoch 1/2  loss 0.5000  ")


def test_progbar_logger_shows_an_evaluation_of_its_own(capsys):
    callbacks = CallbackList(ProgbarLogger(), verbose=2)
    callbacks.on_test_begin({})
    callbacks.on_test_end({"loss": 0.5})

    assert capsys.readouterr().out.startswith("evaluate  loss 0.5000  ")


# -- Progbar ------------------------------------------------------------------------------------


def test_progbar_averages_over_steps_and_ends_with_the_last_value(capsys):
    bar = Progbar(4, interval=0.0)
    bar.update(1, [("loss", 1.0)])
    bar.add(2, [("loss", 4.0)])
    bar.update(4, [("loss", 0.5)])
    rows = capsys.readouterr().out.splitlines()

    assert [row.split("loss: ")[1].strip() for row in rows] == ["1.0000", "3.0000", "0.5000"]
    assert rows[1].startswith("3/4 ━━━━━━━━━━━━━━━─────")


def test_progbar_shows_stateful_numbers_as_they_are(capsys):
    bar = Progbar(None, interval=0.0, stateful_metrics=["accuracy"])
    bar.update(1, [("accuracy", 1.0)])
    bar.update(2, [("accuracy", 0.0001)])

    assert "- accuracy: 1.0000e-04" in capsys.readouterr().out


def test_progbar_writes_one_line_at_the_end(capsys):
    bar = Progbar(10, verbose=2, unit_name="sample")
    bar.update(5, [("loss", 1.0)])
    bar.update(10, [("loss", 0.5)])

    assert re.fullmatch(r"10/10 - 0s - \d+[mu]?s/sample - loss: 0\.5000\n", capsys.readouterr().out)


def test_a_silent_progbar_writes_nothing(capsys):
    Progbar(2, verbose=0).update(2, [("loss", 1.0)])

    assert capsys.readouterr().out == ""

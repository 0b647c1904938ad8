"""history.plot(): the learning curves as a figure."""

import subprocess
import sys

import pytest

from lamina.train.history import History


def history(**numbers):
    made = History()
    made.epoch = list(range(len(next(iter(numbers.values()), []))))
    made.history = numbers
    return made


def test_each_number_has_a_chart_with_both_parts():
    figure = history(
        loss=[1.0, 0.5], accuracy=[0.1, 0.2], val_loss=[1.1, 0.9], val_accuracy=[0.1, 0.1]
    ).plot()

    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels[:2] == ["training", "validation"]


def test_epochs_are_counted_from_one():
    figure = history(loss=[3.0, 2.0, 1.0]).plot()

    assert list(figure.axes[0].lines[0].get_xdata()) == [1, 2, 3]


def test_the_best_epoch_is_that_of_the_lowest_validation_loss():
    figure = history(loss=[3.0, 2.0, 1.0], val_loss=[3.0, 1.0, 2.0]).plot()

    assert [text.get_text() for text in figure.axes[0].texts] == ["best, epoch 2"]


@pytest.mark.parametrize(("losses", "scale"), [([100.0, 1.0], "log"), ([2.0, 1.0], "linear")])
def test_a_steep_loss_is_drawn_on_a_logarithmic_axis(losses, scale):
    assert history(loss=losses).plot().axes[0].get_yscale() == scale


@pytest.mark.parametrize("numbers", [{}, {"loss": []}, {"loss": [float("nan")]}])
def test_a_history_without_numbers_is_drawn(numbers):
    assert history(**numbers).plot()._repr_png_()[:4] == b"\x89PNG"


def test_the_history_does_not_import_matplotlib():
    code = "import sys, lamina.train.history; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

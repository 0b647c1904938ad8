"""LivePage tells a browser what a training does, and leaves the training as it is."""

import time

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import Callback, LivePage
from lamina.core.errors import ArgumentError
from lamina.train.callbacks import CallbackList
from tests.report.browser import PROGRAM, Browser

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 8, 8)).astype("float32")
Y = RANDOM.integers(0, 3, 60)


def compiled(inputs=(8, 8)):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(inputs),
            layers.Flatten(),
            layers.Dense(8, "relu"),
            layers.Dense(3, "softmax"),
        ],
        name="small net",
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Meanwhile(Callback):
    """Calls a function at the end of each epoch, after the page was told."""

    def __init__(self, look):
        super().__init__()
        self.look = look

    def on_epoch_end(self, epoch, logs=None):
        self.look(epoch)


def fit(page, *others, **options):
    options = {"epochs": 3, "validation_split": 0.2, "verbose": 0, **options}
    return compiled().fit(X, Y, callbacks=[page, *others], **options)


def test_the_page_knows_all_numbers_of_the_run():
    page = LivePage(class_names=["a", "b", "c"])
    history = fit(page)
    state = page._board.state()
    numbers = [entry["numbers"] for entry in state["epochs"]]

    assert [entry["epoch"] for entry in state["epochs"]] == [1, 2, 3]
    assert [entry["val_loss"] for entry in numbers] == history.history["val_loss"]
    assert [entry["learning_rate"] for entry in numbers] == [pytest.approx(0.001)] * 3
    assert state["best"]["name"] == "val_accuracy"
    assert (state["name"], state["total_epochs"], state["how"]) == ("small net", 3, "finished")
    assert len(state["examples"]) == 8
    assert {example["label"] for example in state["examples"]} <= {"a", "b", "c"}


def test_the_page_is_there_while_the_training_goes_on(capsys):
    page = LivePage()
    urls = []
    fit(page, Meanwhile(lambda epoch: urls.append(page.url)), verbose=2)

    assert len(set(urls)) == 1
    assert f"live page: {urls[0]}\n" in capsys.readouterr().out
    assert page.url is None


def test_training_goes_the_same_way_with_and_without_the_page():
    page = LivePage()

    assert fit(page).history == fit(LivePage()).history == fit(Callback()).history
    assert not CallbackList(page).has_batch_hooks("train")


def test_findings_are_shown():
    page = LivePage()
    compiled().fit(X * 1000, Y, epochs=1, verbose=0, callbacks=[page])

    assert "unscaled-input" in [finding["code"] for finding in page._board.state()["findings"]]


def test_given_examples_are_shown_instead_of_those_of_the_run():
    page = LivePage(examples=(X[:2], np.array([2, 2])))
    fit(page)

    assert [example["label"] for example in page._board.state()["examples"]] == ["class 2"] * 2


def stop(epoch):
    raise KeyboardInterrupt


def test_a_run_that_is_stopped_ends_the_page():
    page = LivePage()
    with pytest.raises(KeyboardInterrupt):
        fit(page, Meanwhile(stop))

    assert page._board.state()["how"] == "stopped: KeyboardInterrupt"
    assert page.url is None


def test_one_page_serves_one_run_after_the_other():
    page = LivePage()
    fit(page)
    fit(page, epochs=2)

    assert len(page._board.state()["epochs"]) == 2


def test_a_port_that_is_none_is_refused():
    message = (
        r"^LivePage\(port=70000\) is not possible\.\n"
        r"  expected: 'port' as a whole number from 0 to 65535\.\n"
        r"  fix: "
    )

    with pytest.raises(ArgumentError, match=message):
        LivePage(port=70000)


# -- in a browser ---------------------------------------------------------------------------------

needs_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
CURVE = "document.querySelector('#chart-loss path.curve').getAttribute('d')"


def wait_for(browser, condition, seconds=10):
    end = time.monotonic() + seconds
    while not browser.run(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.02)


@needs_browser
def test_curves_grow_while_a_training_runs():
    page, curves = LivePage(class_names=["a", "b", "c"]), []
    with Browser() as browser:

        def look(epoch):
            if epoch == 0:
                browser.open(page.url)
            wait_for(browser, f"state.epochs.length === {epoch + 1}")
            curves.append(browser.run(CURVE))

        fit(page, Meanwhile(look), epochs=4)
        wait_for(browser, "document.getElementById('status').textContent === 'finished'")
        facts = {
            "charts": browser.run("[...document.querySelectorAll('figure')].map(f => f.id)"),
            "pictures": browser.run("document.querySelectorAll('.samples img').length"),
            "title": browser.run("document.title"),
            "progress": browser.run("document.getElementById('progress').value"),
            "rows": browser.run("document.querySelectorAll('#all tbody tr').length"),
        }
        others = [url for url in browser.requests if not url.startswith("data:image/png")]

    assert [curve.count("L") for curve in curves] == [0, 1, 2, 3]
    assert facts["charts"] == ["chart-loss", "chart-accuracy", "chart-learning_rate"]
    assert (facts["pictures"], facts["progress"], facts["rows"]) == (8, 1, 4)
    assert facts["title"].startswith("4/4 ")
    assert browser.errors == []
    assert [url.rsplit("/")[-1] for url in others] == ["events"]


@needs_browser
def test_a_browser_that_lost_the_line_gets_everything_again():
    page = LivePage()
    with Browser() as browser:

        def look(epoch):
            if epoch == 0:
                browser.open(page.url)
                wait_for(browser, "state.epochs.length === 1")
                for listener in list(page._board._listeners):  # as a broken line would
                    listener.put(None)
            else:
                wait_for(browser, f"state.epochs.length === {epoch + 1}")

        fit(page, Meanwhile(look), epochs=2)
        wait_for(browser, "state.how === 'finished'")
        points = browser.run(CURVE).count("L")

    assert points == 1


@needs_browser
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_window(width):
    page, widths = LivePage(), []
    with Browser() as browser:

        def look(epoch):
            browser.open(page.url, width=width)
            wait_for(browser, "state.epochs.length === 1 && state.examples")
            widths.append(browser.run("document.documentElement.scrollWidth"))

        fit(page, Meanwhile(look), epochs=1)

    assert widths[0] <= width


@needs_browser
def test_curves_are_read_with_the_keyboard():
    page, said = LivePage(), []
    with Browser() as browser:

        def look(epoch):
            if epoch == 1:
                browser.open(page.url)
                wait_for(browser, "state.epochs.length === 2")
                browser.run("document.querySelector('#chart-loss svg').focus()")
                browser.press("ArrowLeft")
                browser.press("ArrowLeft")
                reading = "document.querySelector('#chart-loss .reading').textContent"
                said.append(browser.run(reading))

        fit(page, Meanwhile(look), epochs=2)

    assert said[0].startswith("epoch 1: loss ")

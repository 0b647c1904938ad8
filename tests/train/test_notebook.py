"""What notebooks show: one block for a run, tables and drawings instead of text."""

import sys
import types

import numpy as np
import pytest

import lamina as keras
from lamina.core.errors import ArgumentError
from lamina.train.notebook_block import NotebookBlock

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")


class Cell:
    """Takes what would be shown in a cell; each output holds the last thing put into it."""

    def __init__(self):
        self.outputs = []

    def display(self, content, raw, display_id):
        assert raw
        assert display_id
        place = len(self.outputs)
        self.outputs.append(content)

        def update(content, raw):
            self.outputs[place] = content

        return types.SimpleNamespace(update=update)


@pytest.fixture
def cell(monkeypatch):
    """Makes standard output that of a notebook; called inside the test, as pytest has its own."""
    cell = Cell()
    package = types.ModuleType("IPython")
    module = types.ModuleType("IPython.display")
    module.display = cell.display
    package.display = module
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    stream = type("OutStream", (), {"__module__": "ipykernel.iostream", "closed": False})()
    stream.write, stream.flush, stream.encoding = lambda text: None, lambda: None, "utf-8"
    stream.isatty = lambda: False

    def attach():
        monkeypatch.setattr(sys, "stdout", stream)
        return cell

    return attach


def small():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)], name="small <net>")
    model.compile("adam", "mse")
    return model


def test_a_run_is_one_output_with_each_line_once(cell):
    cell = cell()
    small().fit(X, X[:, 0], epochs=3, check="off")
    (output,) = cell.outputs
    lines = output["text/plain"].splitlines()

    assert [line.split("  ")[0] for line in lines if line.startswith("epoch")] == [
        "epoch 1/3", "epoch 2/3", "epoch 3/3",
    ]  # fmt: skip
    assert "━" not in output["text/plain"]
    assert output["text/html"].count("epoch 2/3") == 1


def test_the_last_line_is_replaced_and_escaped(cell):
    cell = cell()
    block = NotebookBlock()
    block.write([("<one>", "bold")])
    block.replace([("1/2", "")])
    block.replace([("2/2", "green")])
    shown = cell.outputs[0]["text/plain"]
    block.clear()

    assert shown == "<one>\n2/2"
    assert cell.outputs[0]["text/plain"] == "<one>"
    assert "&lt;one&gt;" in cell.outputs[0]["text/html"]


def test_a_full_block_stays_and_another_begins(cell):
    cell = cell()
    block = NotebookBlock()
    for number in range(250):
        block.write([(str(number), "")])

    assert [len(output["text/plain"].splitlines()) for output in cell.outputs] == [100, 100, 50]


def test_a_summary_is_a_table(cell, capsys):
    cell = cell()
    small().summary()
    (output,) = cell.outputs

    assert "<b>small &lt;net&gt;</b><table>" in output["text/html"]
    assert "Total params: 4" in output["text/html"]


def test_a_summary_shows_what_is_connected_where_layers_branch():
    x = keras.Input((3,))
    model = keras.Model(x, keras.layers.Add()([keras.layers.Dense(3)(x), x]))

    assert "Connected to" in model._repr_html_()
    assert "Connected to" not in small()._repr_html_()


def test_a_history_is_a_table_of_first_best_and_last():
    history = keras.callbacks.History()
    history.epoch = [0, 1, 2]
    history.history = {"val_accuracy": [0.5, 0.75, 0.625], "temperature": [1.0, 2.0, float("nan")]}
    text = history._repr_html_()

    assert "<b>3 epochs</b>" in text
    assert "<td>0.5000</td><td>0.7500</td><td>2</td><td>0.6250</td>" in text
    assert "<td>1.0000</td><td></td><td></td><td>nan</td>" in text
    assert "▁█▅" in text


def test_an_empty_history_is_no_table():
    assert keras.callbacks.History()._repr_html_() == "<div><b>0 epochs</b><p></p></div>"


def test_a_model_is_drawn():
    drawing = small().plot(activations=True)

    assert drawing._repr_svg_().startswith("<svg ")
    assert "Dense" in drawing.svg
    assert repr(drawing) == f"<Drawing of {len(drawing.svg):,} characters of SVG>"


def test_a_model_is_drawn_into_a_file(tmp_path):
    drawing = small().plot(tmp_path / "model.svg", shapes=False)

    assert (tmp_path / "model.svg").read_text() == drawing._repr_svg_()


def test_a_drawing_has_no_other_options():
    message = (
        r"^plot\(\) has no argument 'shape'\.\n"
        r"  expected: to_file, or one of shapes, dtype, names, activations, trainable, nested\.\n"
        r'  fix: did you mean "shapes"\?$'
    )

    with pytest.raises(ArgumentError, match=message):
        small().plot(shape=True)

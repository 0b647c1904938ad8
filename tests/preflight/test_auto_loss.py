"""compile(loss="auto"): several outputs, evaluation before training, single batches."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError
from tests.preflight.programs import binary, classes, numbers, stack, table


def two_outputs():
    given = layers.Input((6,))
    hidden = layers.Dense(8, "relu")(given)
    ends = {"kind": layers.Dense(4, "softmax")(hidden), "value": layers.Dense(1)(hidden)}
    model = keras.Model(given, ends)
    model.compile("adam", "auto")
    return model


def names(model):
    given = model.session().plan.loss
    return [loss.name for loss in (given if isinstance(given, list) else [given])]


def test_each_output_gets_its_own_loss(capsys):
    model = two_outputs()

    model.fit(table(), {"kind": classes(), "value": numbers()}, verbose=2)

    assert names(model) == ["sparse_categorical_crossentropy", "mean_squared_error"]
    said = capsys.readouterr().out
    assert "loss of 'kind': y['kind'] holds class numbers: SparseCategoricalCrossentropy.\n" in said
    assert "loss of 'value': y['value'] holds numbers: mean squared error.\n" in said


def test_evaluation_before_training_chooses_from_its_labels():
    model = stack(layers.Dense(1, "sigmoid"), loss="auto")

    result = model.evaluate(table(), binary(), verbose=0)

    assert names(model) == ["binary_crossentropy"]
    assert np.isfinite(result)


@pytest.mark.parametrize("step", ["train_on_batch", "test_on_batch"])
def test_a_single_batch_is_enough_to_choose(step):
    model = stack(layers.Dense(4, "softmax"), loss="auto")

    getattr(model, step)(table(), classes())

    assert names(model) == ["sparse_categorical_crossentropy"]


def test_a_stream_is_enough_to_choose():
    model = stack(layers.Dense(1), loss="auto")

    model.fit(iter([(table(16), numbers(16))] * 3), verbose=0)

    assert names(model) == ["mean_squared_error"]


def test_without_labels_there_is_nothing_to_choose_from():
    model = stack(layers.Dense(1), loss="auto")
    message = (
        r'compile\(loss="auto"\): there are no labels for the model to choose a loss from.\n'
        r"  expected: y, with one array of labels for each output.\n"
        r'  fix: pass y, or name the losses in compile\(\), for example loss="mse".'
    )

    with pytest.raises(ArgumentError, match=message):
        model.fit(table(), verbose=0)

"""Mistakes that show in training are named afterwards, and sound trainings are left in peace."""

import math

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.preflight import PreflightError
from tests.preflight.programs import classifier, regressor, table
from tests.preflight.trainings import FAULTS, sgd, value, x_data, y_class, y_number, yes_or_no

every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


def codes(history):
    return [finding.code for finding in history.findings]


@every_fault
def test_the_mistake_is_named_after_training(fault):
    assert fault.code in codes(fault.make(True).run())


@every_fault
def test_the_sound_twin_has_no_error_or_warning(fault):
    history = fault.make(False).run()

    assert [str(f) for f in history.findings if f.severity != "hint"] == []


def test_training_stops_when_the_loss_is_no_number():
    history = FAULTS["nan-loss: a logarithm of zero"].make(True).run()

    assert len(history.history["loss"]) == 1
    assert math.isnan(history.history["loss"][0])


def test_the_last_finite_weights_are_put_back():
    training = FAULTS["nan-loss: a logarithm of zero"].make(True)

    training.run()

    assert all(np.isfinite(weight).all() for weight in training.model.get_weights())


@pytest.mark.parametrize("check", ["auto", "off"])
def test_looking_changes_no_bit_of_a_training(check):
    keras.utils.set_random_seed(5)
    model = yes_or_no(layers.Dense(8, "relu"), layers.Dropout(0.3))
    x = x_data()

    model.fit(x, y_class(x), epochs=3, verbose=0, check=check)

    assert _hash(model) == _hash_of_reference()


def _hash(model):
    return hash(b"".join(weight.tobytes() for weight in model.get_weights()))


def _hash_of_reference():
    keras.utils.set_random_seed(5)
    model = yes_or_no(layers.Dense(8, "relu"), layers.Dropout(0.3))
    x = x_data()
    model.fit(x, y_class(x), epochs=3, verbose=0, check="warn")
    return _hash(model)


def test_ignored_codes_are_left_out():
    training = FAULTS["dying-relu: biases far below zero"].make(True)
    training.fit["ignore"] = ["dying-relu"]

    assert "dying-relu" not in codes(training.run())


def test_early_stopping_is_no_overfitting():
    x = x_data(300)
    y = y_number(x) + np.random.default_rng(0).normal(size=300)
    model = value(layers.Dense(64, "relu"), optimizer=keras.optimizers.Adam(0.01))
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)

    history = model.fit(
        x[:60],
        y[:60],
        validation_data=(x[60:], y[60:]),
        epochs=60,
        callbacks=[stop],
        verbose=0,
    )

    assert "overfitting" not in codes(history)


def test_half_of_the_relu_units_may_be_silent():
    x = x_data()
    model = value(layers.Dense(64, "relu"), layers.Dense(64, "relu"), optimizer=sgd(0.01))

    history = model.fit(x, y_number(x), epochs=6, verbose=0)

    assert "dying-relu" not in codes(history)


# -- predict ---------------------------------------------------------------------------------


def fitted():
    model = regressor()
    x = table()
    model.fit(x, x[:, 0], epochs=2, verbose=0)
    return model, x


def test_inputs_on_another_scale_are_named_at_predict():
    model, x = fitted()

    model.predict(x * 255, verbose=0)

    assert codes(model.history)[-1] == "predict-scale-shift"


def test_a_single_row_on_another_scale_is_named_at_predict():
    model, x = fitted()

    model.predict(x[:1] * 255, verbose=0)

    assert "predict-scale-shift" in codes(model.history)


@pytest.mark.parametrize("make", [lambda x: x[::-1].copy(), lambda x: x[:1], torch.as_tensor])
def test_inputs_like_those_of_training_pass_in_silence(make):
    model, x = fitted()

    model.predict(make(x), verbose=0)

    assert "predict-scale-shift" not in codes(model.history)


def test_the_scale_at_predict_is_named_once():
    model, x = fitted()

    model.predict(x * 255, verbose=0)
    model.predict(x * 300, verbose=0)

    assert codes(model.history).count("predict-scale-shift") == 1


def read_again(tmp_path):
    """A model that learned from bytes, from its file."""
    model = yes_or_no(layers.Rescaling(1 / 255), layers.Dense(8, "relu"))
    x = np.random.default_rng(0).integers(0, 256, (64, 6))
    model.fit(x, y_class(x), epochs=1, verbose=0)
    model.save(tmp_path / "m.lamina")
    return keras.models.load_model(tmp_path / "m.lamina"), x


def test_a_model_from_a_file_knows_the_scale_of_its_training(tmp_path, capsys):
    model, x = read_again(tmp_path)

    model.predict(x / 255, verbose=1)

    told = capsys.readouterr().out
    assert "values of x go from 0 to 1; in training they went from 0 to 255." in told
    assert "pass values from 0 to 255, as in training: x * 255." in told


def test_evaluate_names_another_scale(tmp_path, capsys):
    model, x = read_again(tmp_path)

    model.evaluate(x / 255, y_class(x), verbose=1)

    assert "warning predict-scale-shift" in capsys.readouterr().out


def test_evaluate_on_the_usual_scale_is_silent():
    model, x = fitted()

    model.evaluate(x, x[:, 0], verbose=0)

    assert "predict-scale-shift" not in codes(model.history)


@pytest.mark.parametrize("noted", [[["low", "high", "size"]], [[0.0, 1.0]], "0 to 1", [5]])
def test_notes_of_a_file_that_are_no_ranges_are_left_alone(noted):
    model, x = fitted()
    model.input_ranges = noted

    assert model.predict(x * 1000, verbose=0).shape == (200, 1)


# -- how fit acts ----------------------------------------------------------------------------


def test_warnings_are_said_once(capsys):
    model, y = regressor(), np.zeros(200)
    model.fit(table(), y, verbose=2)
    first = capsys.readouterr().out

    model.fit(table(), y, verbose=2)

    assert "warning single-class-labels: all 200 rows of y are 0.\n" in first
    assert "single-class-labels" not in capsys.readouterr().out


def test_verbose_0_is_silent_and_findings_are_kept(capsys):
    history = regressor().fit(table(), np.zeros(200), verbose=0)

    assert capsys.readouterr().out == ""
    assert "single-class-labels" in codes(history)


def test_check_raise_stops_at_warnings():
    with pytest.raises(PreflightError, match="all 200 rows of y are 0"):
        regressor().fit(table(), np.zeros(200), verbose=0, check="raise")


def test_check_off_finds_nothing():
    history = regressor().fit(table(), np.zeros(200), verbose=0, check="off")

    assert history.findings == []


def test_check_warn_goes_on_where_training_can():
    model = classifier(1, "softmax", loss="binary_crossentropy")

    history = model.fit(table(), y_class(table()), verbose=0, check="warn")

    assert "softmax-one-unit" in codes(history)

"""Imputation fills in what scikit-learn's SimpleImputer does, in every tier and after loading."""

import re

import numpy as np
import pytest
import torch
from sklearn.impute import SimpleImputer

import lamina as keras
from lamina.core.errors import ArgumentError, DataError, LaminaError, ShapeError
from lamina.layers import Concatenate, Dense, Imputation, Normalization

STRATEGIES = ("mean", "median")


def numbers_with_gaps(rows=40):
    random = np.random.default_rng(0)
    x = random.normal(5, 2, (rows, 3)).astype("float32")
    x[random.random(x.shape) < 0.3] = np.nan
    return x


def adapted(x, **arguments):
    layer = Imputation(**arguments)
    layer.adapt(x)
    return layer


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_numbers_are_those_of_scikit_learn(strategy):
    x = numbers_with_gaps()
    wanted = SimpleImputer(strategy=strategy).fit(x.astype("float64")).transform(x)

    y = adapted(x, strategy=strategy)(x)

    torch.testing.assert_close(y, torch.tensor(wanted, dtype=torch.float32))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_batches_teach_what_the_whole_teaches(strategy):
    x = numbers_with_gaps()

    in_parts = Imputation(strategy)
    in_parts.adapt(x, batch_size=7)

    torch.testing.assert_close(in_parts.fill, adapted(x, strategy=strategy).fill)


def test_the_indicator_follows_the_features():
    x = numbers_with_gaps()
    y = adapted(x, add_indicator=True)(x)

    assert y.shape == (40, 6)
    assert np.array_equal(y[:, 3:].numpy(), np.isnan(x).astype("float32"))


def test_a_feature_that_is_always_missing_becomes_0():
    layer = adapted(np.full((4, 1), np.nan))

    assert layer.is_adapted
    assert layer(torch.tensor([[torch.nan]])).tolist() == [[0.0]]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_was_learned_survives_a_state_dict(strategy):
    first, second = adapted(numbers_with_gaps(), strategy=strategy), Imputation(strategy)
    second.build_for((torch.zeros(1, 3),), {})

    second.load_state_dict(first.state_dict())

    assert second.is_adapted
    assert torch.equal(second.fill, first.fill)


def test_configuration_makes_an_equal_layer():
    layer = Imputation("median", add_indicator=True, name="gaps")

    assert Imputation.from_config(layer.get_config()).get_config() == layer.get_config()
    assert layer.get_config()["strategy"] == "median"


def model_with(**arguments):
    keras.utils.set_random_seed(0)
    x = keras.Input((3,), name="numbers")
    y = Dense(2, activation="softmax")(Normalization()(Imputation(**arguments)(x)))
    model = keras.Model(x, y)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


LABELS = np.arange(40) % 2


@pytest.mark.parametrize("check", ["auto", "off"])
def test_fit_evaluate_and_predict_take_gaps_in_its_input(check):
    x = numbers_with_gaps()
    model = model_with()

    history = model.fit(x, LABELS, validation_split=0.2, epochs=2, verbose=0, check=check)

    assert np.isfinite(history.history["val_loss"]).all()
    assert np.isfinite(model.evaluate(x, LABELS, verbose=0)).all()
    assert np.isfinite(model.predict(x, verbose=0)).all()
    assert np.isfinite(model.predict(x[:2], verbose=0)).all()


def test_it_learns_from_the_training_part_alone():
    x = numbers_with_gaps()
    model = model_with()

    model.fit(x, LABELS, validation_split=0.5, validation_mode="last", epochs=1, verbose=0)

    layer = next(one for one in model.layers if isinstance(one, Imputation))
    wanted = torch.tensor(np.nanmean(x[:20], axis=0))
    torch.testing.assert_close(layer.fill.data, wanted)


def test_captured_training_is_eager_training():
    x = numbers_with_gaps()
    weights = []
    for tier in ("eager", "captured"):
        model = model_with(add_indicator=True)
        model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=tier == "eager")
        history = model.fit(x, LABELS, epochs=3, verbose=0)
        assert history.tier == tier
        weights.append(model.get_weights())

    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def test_a_saved_model_fills_in_the_same_numbers(tmp_path):
    x = numbers_with_gaps()
    model = model_with(strategy="median")
    model.fit(x, LABELS, epochs=1, verbose=0)
    model.save(tmp_path / "m.lamina")

    other = keras.models.load_model(tmp_path / "m.lamina")

    assert np.array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("check", ["auto", "off"])
def test_infinite_values_are_refused_all_the_same(check):
    x = numbers_with_gaps()
    x[3, 1] = np.inf

    with pytest.raises(LaminaError, match=r"^x has 1 infinite value \(first at row 3, column 1\)"):
        model_with().fit(x, LABELS, verbose=0, check=check)


@pytest.mark.parametrize("check", ["auto", "off"])
def test_an_input_that_goes_elsewhere_too_must_be_whole(check):
    x = keras.Input((3,))
    model = keras.Model(x, Dense(2, activation="softmax")(Concatenate()([Imputation()(x), x])))
    model.compile("adam", "sparse_categorical_crossentropy")

    with pytest.raises(LaminaError, match=r"^x has \d+ NaN"):
        model.fit(numbers_with_gaps(), LABELS, verbose=0, check=check)


def test_only_the_input_that_feeds_it_may_have_gaps():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    model = keras.Model([a, b], Dense(1)(Concatenate()([a, Imputation()(b)])))
    model.compile("adam", "mse")
    gaps, whole = numbers_with_gaps(), np.zeros((40, 3), "float32")

    model.fit({"a": whole, "b": gaps}, LABELS, verbose=0)
    with pytest.raises(LaminaError, match=r"^x\['a'\] has \d+ NaN"):
        model.fit({"a": gaps, "b": gaps}, LABELS, verbose=0)
    with pytest.raises(LaminaError, match=r"^x\[0\] has \d+ NaN"):
        model.predict({"a": gaps, "b": gaps}, verbose=0)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: Imputation("mode"),
            ArgumentError,
            "Imputation(strategy='mode') is not possible.\n"
            "  expected: 'strategy' as one of 'mean', 'median'.\n"
            "  fix: choose one of the 2 names above.",
        ),
        (
            lambda: Imputation(add_indicator="yes"),
            ArgumentError,
            "Imputation(add_indicator='yes') is not possible.\n"
            "  expected: 'add_indicator' as True or False.\n"
            "  fix: pass add_indicator=True.",
        ),
        (
            lambda: Imputation(name="gaps").adapt(np.zeros(3)),
            ShapeError,
            "gaps received an input of shape (None,).\n"
            "  expected: at least 2 axes, (batch, ..., features), the last of a known size.\n"
            "  fix: add a feature axis with x.reshape(-1, 1).",
        ),
        (
            lambda: adapted(np.zeros((2, 3)), name="gaps")(torch.zeros(2, 4)),
            ShapeError,
            "gaps received an input of shape (2, 4).\n"
            "  expected: a last axis of size 3, as at its first call.\n"
            "  fix: give every call the same number of features, or make a new layer.",
        ),
        (
            lambda: adapted(np.array([["a"]]), name="gaps"),
            DataError,
            "gaps.adapt() received values that are no numbers.\n"
            "  expected: an array of numbers, NaN where one is missing.\n"
            "  fix: turn text columns into numbers first, for example with StringLookup.",
        ),
        (
            lambda: adapted(np.array([[np.inf]]), name="gaps"),
            DataError,
            "gaps.adapt() received 1 infinite values.\n"
            "  expected: finite numbers, NaN where one is missing.\n"
            "  fix: replace them by NaN, or correct the data.",
        ),
    ],
)
def test_a_mistake_is_named(act, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        act()

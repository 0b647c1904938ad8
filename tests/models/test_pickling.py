"""A model survives a pickle at any time, with its optimizer's memory."""

import copy
import pickle

import numpy as np
import pytest

import lamina as keras

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = np.arange(64) % 3


def sequential():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, "relu"),
            layers.Dropout(0.2),
            layers.Dense(3, "softmax"),
        ]
    )


def functional():
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(3, "softmax")(keras.layers.Dense(5)(x) + 1.0))


def compiled(make):
    keras.utils.set_random_seed(1)
    model = make()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("make", [sequential, functional])
def test_a_pickled_model_goes_on_to_the_same_bits(make):
    model = compiled(make)
    model.fit(X, Y, epochs=2, verbose=0)
    copied = pickle.loads(pickle.dumps(model))

    expected = model.fit(X, Y, epochs=2, verbose=0).history
    assert copied.fit(X, Y, epochs=2, verbose=0).history == expected
    np.testing.assert_array_equal(copied.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("make", [sequential, functional])
def test_a_model_that_is_only_built_survives_a_pickle(make):
    model = make()
    copied = pickle.loads(pickle.dumps(model))

    assert not copied.compiled
    np.testing.assert_equal(copied.get_weights(), model.get_weights())


def test_a_history_survives_a_pickle_with_its_model():
    history = compiled(sequential).fit(X, Y, epochs=2, verbose=0)
    copied = pickle.loads(pickle.dumps(history))

    assert copied.history == history.history
    assert copied.model.history is copied


def test_a_shallow_copy_leaves_the_model_as_it_was():
    model = compiled(sequential)
    model.fit(X, Y, epochs=1, verbose=0)
    twin = copy.deepcopy(model)
    copy.copy(model)

    expected = twin.fit(X, Y, epochs=1, verbose=0).history
    assert model.fit(X, Y, epochs=1, verbose=0).history == expected

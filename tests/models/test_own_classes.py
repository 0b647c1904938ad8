"""Classes and functions of the user's come back when they are passed, and never by themselves."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError, LoadError
from lamina.models import load_model
from tests.models.saving_cases import ROWS, of_layer, outputs, reloaded, same_weights


class Scaled(layers.Layer):
    def __init__(self, units, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.factor = units, factor

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, x):
        return x @ self.kernel * self.factor


class Nameless(layers.Layer):
    def __init__(self):
        super().__init__()
        self.table = torch.arange(4.0)

    def call(self, x):
        return x + self.table


class Written(layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config):
        config["inner"] = keras.saving.deserialize_keras_object(config["inner"])
        return cls(**config)


class Both(keras.Model):
    def __init__(self, units=3):
        super().__init__()
        self.first, self.second = layers.Dense(units), layers.Dense(1)

    def call(self, x):
        return self.second(self.first(x))


class Counting(keras.Model):
    pass


def squared_error(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean(-1)


def twice(x):
    return 2 * x


CUSTOM = {
    "layer": (lambda: of_layer(Scaled(3, factor=0.5)), {"Scaled": Scaled}),
    "layer without name": (lambda: of_layer(Nameless()), {"Nameless": Nameless}),
    "layer with from_config": (lambda: of_layer(Written(layers.Dense(2))), {"Written": Written}),
    "activation": (lambda: of_layer(layers.Dense(2, activation=twice)), {"twice": twice}),
    "graph subclass": (
        lambda: Counting(*(lambda x: (x, layers.Dense(1)(x)))(keras.Input((4,)))),
        {"Counting": Counting},
    ),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_a_class_of_ones_own_comes_back_when_it_is_passed(name, tmp_path):
    make, custom_objects = CUSTOM[name]
    model = make()

    loaded = reloaded(model, tmp_path, custom_objects=custom_objects)

    assert type(loaded) is type(model)
    np.testing.assert_equal(outputs(loaded), outputs(model))


@pytest.mark.parametrize("name", CUSTOM)
def test_a_class_of_ones_own_is_never_found_by_itself(name, tmp_path):
    make, custom_objects = CUSTOM[name]
    make().save(tmp_path / "m.lamina")
    word = next(iter(custom_objects))

    with (
        keras.saving.custom_object_scope(custom_objects),
        pytest.raises(LoadError, match=f"it needs your own (class|function) '{word}'") as caught,
    ):
        load_model(tmp_path / "m.lamina")

    assert f"custom_objects={{'{word}': {word}}}" in caught.value.fix


def test_a_subclassed_model_is_built_as_it_was(tmp_path):
    model = Both(units=4)
    model.compile("adam", squared_error)
    model.fit(ROWS, ROWS[:, :1], verbose=0)

    loaded = reloaded(
        model, tmp_path, custom_objects={"Both": Both, "squared_error": squared_error}
    )

    same_weights(model, loaded)
    np.testing.assert_equal(loaded.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))


def test_a_function_of_ones_own_with_a_known_name_is_not_confused(tmp_path):
    def relu(x):
        return x.clamp(0.0, 0.1)

    model = of_layer(layers.Dense(2, activation=relu, kernel_initializer="ones"))
    model.save(tmp_path / "m.lamina")

    with pytest.raises(LoadError, match="it needs your own function 'relu'"):
        load_model(tmp_path / "m.lamina")
    loaded = load_model(tmp_path / "m.lamina", custom_objects={"relu": relu})

    np.testing.assert_allclose(outputs(loaded), 0.1)


UNSAVABLE = {
    "Lambda": (
        lambda: of_layer(layers.Lambda(lambda x: x, name="half")),
        "layer 'half' cannot be saved in a model file: it holds a Python function.",
    ),
    "torch module": (
        lambda: keras.Sequential([keras.Input((4,)), torch.nn.Linear(4, 2)]),
        "layer 'Linear' cannot be saved in a model file: it is a torch Linear, whose arguments "
        "nobody noted.",
    ),
    "lambda": (
        lambda: of_layer(layers.Dense(2, activation=lambda x: x, name="d")),
        "layer 'd' cannot be saved: it holds a lambda.",
    ),
    "name": (
        lambda: of_layer(layers.Dense(2, name="a/b")),
        "layer 'a/b' cannot be saved under this name.",
    ),
}


@pytest.mark.parametrize("name", UNSAVABLE)
def test_what_could_not_be_loaded_is_not_saved(name, tmp_path):
    make, problem = UNSAVABLE[name]

    with pytest.raises(ArgumentError, match="cannot be saved") as caught:
        make().save(tmp_path / "m.lamina")

    assert caught.value.problem == problem
    assert list(tmp_path.iterdir()) == []
